"""Several searches at once."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from api_shop import ask, fill, product, serve
from flask.testing import FlaskClient

from search.app import create_app
from search.keys import key_hash

SEARCH = "search-key-of-the-tests"
URL = "/v1/search"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("data")
    config = serve(
        folder,
        [product("p1", "Desk lamp"), product("p2", "Umbrella"), product("hidden", "Lamp", "Brod")],
        search_key=key_hash(SEARCH),
        search_key_filter="brand:Alma",
    )
    app = create_app(config)
    fill(app.extensions["shelfwise"], [product("n1", "How to choose a lamp")], "news")
    yield app.test_client()
    app.extensions["shelfwise"].close()


def many(client: FlaskClient, *searches: Any, status: int = 200) -> Any:
    body = ask(client, URL, SEARCH, status, method="POST", json={"searches": searches})
    return body["results"] if status == 200 else body


def test_each_search_is_answered_in_its_place(client: FlaskClient) -> None:
    answers = many(
        client,
        {"index": "news", "q": "lamp", "mode": "lexical"},
        {"index": "shop", "q": "lamp", "pagesize": 1},
        {"index": "nowhere", "q": "lamp"},
        {"index": "shop", "q": "lamp", "mode": "lexical", "facets": ["brand"]},
        "lamp",
        {"q": "lamp"},
        {"index": "shop", "similar_to": "hidden"},
        {"index": 7},
    )
    assert [answer.get("status") for answer in answers] == [None, 400, 404, None, 400, 400, 404, 400]
    assert [hit["id"] for hit in answers[0]["hits"]] == ["n1"]
    assert [hit["id"] for hit in answers[3]["hits"]] == ["p1"]
    assert answers[3]["facets"] == {"brand": [{"value": "Alma", "count": 1}]}
    assert answers[1]["nearest"][0] == "page_size"
    assert answers[4]["parameter"] == "searches.4"
    assert {"type", "title", "detail"} <= set(answers[2])


def test_an_answer_is_that_of_a_search_of_its_own(client: FlaskClient) -> None:
    (answer,) = many(client, {"index": "shop", "q": "lamp"})
    alone = ask(client, "/v1/indexes/shop/search", SEARCH, method="POST", json={"q": "lamp"})
    assert set(answer) == set(alone)
    assert answer["hits"] == alone["hits"]


def test_pages_go_on(client: FlaskClient) -> None:
    (first,) = many(client, {"index": "shop", "page_size": 1})
    (second,) = many(client, {"index": "shop", "cursor": first["next_cursor"]})
    assert {first["hits"][0]["id"], second["hits"][0]["id"]} == {"p1", "p2"}


def test_a_bug_in_one_leaves_the_others(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("the insides")

    whole = many(client, {"index": "shop", "q": "lamp"})
    monkeypatch.setattr("search.searcher.understand", broken)
    with caplog.at_level(logging.ERROR):
        (answer,) = many(client, {"index": "shop", "q": "lamp"})
    assert whole[0]["total"] >= 1
    assert answer["status"] == 500
    assert "insides" not in str(answer)
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({}, "searches"),
        ({"searches": []}, "searches"),
        ({"searches": {"index": "shop"}}, "searches"),
        ({"searches": [{"index": "shop"}] * 11}, "searches"),
        ({"searches": [{"index": "shop"}], "page": 1}, "page"),
        ({"search": []}, "search"),
    ],
)
def test_a_wrong_body_is_a_problem(client: FlaskClient, body: dict[str, Any], parameter: str) -> None:
    assert ask(client, URL, SEARCH, 400, method="POST", json=body)["parameter"] == parameter
