"""What a search over HTTP leaves behind, and what one of the command line does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_shop import ask, product, serve
from flask.testing import FlaskClient

from search.answering import answer
from search.app import create_app
from search.keys import key_hash
from search.records.reader import read_records
from search.services import Services

SEARCH = "search-key-of-the-tests"
URL = "/v1/indexes/shop/search"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[FlaskClient]:
    products = [product(f"p{number}", f"Desk lamp {number}") for number in range(30)]
    config = serve(tmp_path, products, search_key=key_hash(SEARCH), search_key_filter="brand:Alma")
    app = create_app(config)
    yield app.test_client()
    app.extensions["shelfwise"].close()


@pytest.fixture
def services(client: FlaskClient) -> Services:
    found: Services = client.application.extensions["shelfwise"]
    return found


def records(services: Services) -> list[dict[str, Any]]:
    services.records.close()
    return list(read_records(services.config.records_dir))


def test_a_search_is_recorded_as_it_was_answered(client: FlaskClient, services: Services) -> None:
    asked = {"q": "dessk lamp", "user_id": "alma", "session_id": "visit", "page_size": 5}
    answered = ask(client, URL, SEARCH, query_string=asked)
    (record,) = records(services)
    for name in ("query_id", "index", "matching", "total", "timings_ms", "degraded"):
        assert record[name] == answered[name], name
    assert record["corrected_query"] == answered["corrected_query"] == "desk lamp"
    assert record["request"]["q"] == "dessk lamp"
    assert (record["user_id"], record["session_id"]) == ("alma", "visit")
    assert record["caller"] == {"role": "shop window", "filter": "brand:Alma"}
    assert record["encoder"]
    assert record["ids"] == [hit["id"] for hit in answered["hits"]]
    window = record["window"]
    assert len(window["ids"]) == 30
    assert window["ids"][:5] == record["ids"]
    assert window["fused"][:5] == [round(hit["score"], 9) for hit in answered["hits"]]
    assert {len(column) for column in window.values()} == {30}
    assert any(score is not None for score in window["vector"])


def test_a_later_page_is_recorded_under_its_search(client: FlaskClient, services: Services) -> None:
    first = ask(client, URL, SEARCH, query_string={"q": "lamp", "user_id": "alma", "page_size": 5})
    more = {"cursor": first["next_cursor"], "session_id": "visit"}
    second = ask(client, URL, SEARCH, query_string=more)
    search, page = records(services)
    assert (search["kind"], page["kind"]) == ("search", "page")
    assert page["query_id"] == search["query_id"] == first["query_id"]
    assert (page["start"], page["ids"]) == (5, [hit["id"] for hit in second["hits"]])
    assert (page["user_id"], page["session_id"]) == ("", "visit")
    assert "window" not in page


def test_each_of_several_searches_is_recorded(client: FlaskClient, services: Services) -> None:
    searches = [{"index": "shop", "q": "lamp"}, {"index": "nowhere"}, {"index": "shop", "sort": ["id"]}]
    ask(client, "/v1/search", SEARCH, method="POST", json={"searches": searches})
    assert [record["request"]["q"] for record in records(services)] == ["lamp", ""]


def test_what_is_no_shopper_s_search_is_not_recorded(client: FlaskClient, services: Services) -> None:
    ask(client, URL, SEARCH, 400, query_string={"pagesize": "5"})
    answer(services, "shop", {"q": "lamp"}, "query")  # as the command line asks
    assert records(services) == []


def test_a_search_answers_although_it_cannot_be_recorded(
    client: FlaskClient, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    services.config.records_dir.write_text("a file where a folder is wanted")
    assert ask(client, URL, SEARCH, query_string={"q": "lamp"})["total"] == 30
    services.records.close()
    assert (services.records.written, services.records.dropped) == (0, 1)
    assert "search records cannot be written" in caplog.text


def test_records_can_be_switched_off(tmp_path: Path) -> None:
    config = serve(tmp_path, [product("p1", "Desk lamp")], records="off")
    app = create_app(config)
    ask(app.test_client(), URL, query_string={"q": "lamp"})
    services: Services = app.extensions["shelfwise"]
    services.close()
    assert not config.records_dir.exists()
