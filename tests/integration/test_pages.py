"""Stable pages: one ranking, paged through by cursor, whatever happens to the index meanwhile."""

from __future__ import annotations

import base64
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from indexer.engines.query import In
from indexer.feeds.records import Row
from indexer.fields import Schema
from indexer.jobs.importing import ImportOptions
from indexer.jobs.progress import Silent
from indexer.product import Product
from search.app import create_app
from search.config import Config
from search.errors import ExpiredError
from search.fuse import Fused
from search.maintenance import Maintenance
from search.pages import Cursor, FilePages, KeptWindow, binding_of
from search.services import Services

URL = "/v1/indexes/shop/search"
COUNT = 260
"""More than the window of 200 that is ranked together."""


def write(services: Services, numbers: range, title: str) -> None:
    rows = [Row(number, 0, Product(f"p{number}", f"{title} {number}")) for number in numbers]
    Maintenance(services).import_feed("shop", rows, ImportOptions(), Silent(), schema=Schema(encoder="hashing"))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    app = create_app(Config(data_dir=tmp_path / "data", text_model="hashing", threads=1, refresh_ms=0))
    services: Services = app.extensions["shelfwise"]
    services.test_client = app.test_client()  # type: ignore[attr-defined]
    write(services, range(COUNT), "desk lamp")
    yield services
    services.close()


@pytest.fixture
def client(services: Services) -> FlaskClient:
    return services.test_client  # type: ignore[attr-defined, no-any-return]


def ask(client: FlaskClient, **request: Any) -> dict[str, Any]:
    answer = client.get(URL, query_string=request)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def ids(answer: dict[str, Any]) -> list[str]:
    return [hit["id"] for hit in answer["hits"]]


@pytest.mark.parametrize("request_", [{"q": "lamp"}, {"q": "lamp", "mode": "lexical"}, {"q": "lamp", "sort": "id"}, {}])
def test_paging_to_the_end_meets_every_product_once(client: FlaskClient, request_: dict[str, str]) -> None:
    answer = ask(client, **request_, page_size=70)
    first, seen, stable = answer["query_id"], ids(answer), [answer["stable"]]
    while answer["next_cursor"]:
        answer = ask(client, cursor=answer["next_cursor"])
        assert answer["query_id"] == first
        assert answer["page_size"] == 70
        seen += ids(answer)
        stable.append(answer["stable"])
    assert len(seen) == len(set(seen)) == answer["total"] == COUNT
    ranked = "q" in request_ and "sort" not in request_
    assert stable == ([True, True, False, False] if ranked else [True, False, False, False])


def test_the_ranking_stays_while_the_index_changes(client: FlaskClient, services: Services) -> None:
    before = ids(ask(client, q="lamp", page_size=100))
    first = ask(client, q="lamp", page_size=50)
    assert ids(first) == before[:50]
    write(services, range(1000, 1100), "lamp lamp lamp")
    assert ids(ask(client, q="lamp", page_size=100)) != before  # asked anew, it is another ranking
    assert ids(ask(client, cursor=first["next_cursor"])) == before[50:]


def test_a_page_may_be_of_another_size(client: FlaskClient) -> None:
    first = ask(client, q="lamp", page_size=10)
    rest = ask(client, cursor=first["next_cursor"], page_size=30)
    assert len(ids(rest)) == 30
    assert (rest["page"], rest["page_size"]) == (None, 30)  # no page of 30 begins in place 11
    assert ask(client, cursor=first["next_cursor"], page_size=5)["page"] == 3


def edited(cursor: str, start: object) -> str:
    """The cursor with another place."""
    query_id = Cursor.decode(cursor).query_id
    return base64.urlsafe_b64encode(orjson.dumps([query_id, start])).decode().rstrip("=")


@pytest.mark.parametrize("start", [True, False, 0, -1, 1.0, "1", None, 10_000, [1]])
def test_a_cursor_that_was_edited_is_none(client: FlaskClient, start: object) -> None:
    cursor = ask(client, q="lamp")["next_cursor"]
    assert client.get(URL, query_string={"cursor": edited(cursor, 3)}).status_code == 200
    answer = client.get(URL, query_string={"cursor": edited(cursor, start)})
    assert answer.status_code == 400
    assert "it is no cursor" in answer.get_json()["detail"]


def test_a_cursor_of_another_index_is_told_as_that(client: FlaskClient, services: Services) -> None:
    cursor = ask(client, q="lamp")["next_cursor"]
    Maintenance(services).copy("shop", "other", Silent())
    answer = client.get("/v1/indexes/other/search", query_string={"cursor": cursor})
    assert answer.status_code == 400
    assert answer.get_json()["detail"] == "cursor: it goes on with a search in another index; send it to that one"


def test_an_empty_cursor_does_not_begin_again(client: FlaskClient) -> None:
    for answer in (client.get(f"{URL}?cursor="), client.post(URL, json={"cursor": ""})):
        assert answer.status_code == 400
        assert "ask no further" in answer.get_json()["detail"]
    assert client.post(URL, json={"cursor": None}).status_code == 200  # null is as if it were not there


def test_an_expired_cursor_is_gone_and_says_what_to_do(client: FlaskClient, services: Services) -> None:
    cursor = ask(client, q="lamp")["next_cursor"]
    services.pages.close()
    services.pages = FilePages(services.config.data_dir / "pages.db", keep_s=0)
    answer = client.get(URL, query_string={"cursor": cursor})
    assert answer.status_code == 410
    assert answer.mimetype == "application/problem+json"
    assert "send the query again" in answer.get_json()["detail"]


def test_a_search_answers_although_its_pages_cannot_be_kept(client: FlaskClient, services: Services) -> None:
    services.pages.close()
    services.pages = FilePages(services.config.data_dir)  # a folder, where a file is wanted
    answer = ask(client, q="lamp")
    assert len(ids(answer)) == 20
    assert answer["next_cursor"] is None
    assert [part["stage"] for part in answer["degraded"]] == ["pages"]


def test_a_window_is_found_by_its_own_caller_in_any_process(tmp_path: Path) -> None:
    mine, other = binding_of(In("brand", ("Alma",))), binding_of(In("brand", ("Brod",)))
    window = (Fused("p1", 0.5, 0, 1, 2.5), Fused("p2", 0.25, 1, None, None, 1, 0.9))
    kept = KeptWindow("shop", mine, {"q": "lamp"}, "query", window)
    one, two = FilePages(tmp_path / "pages.db"), FilePages(tmp_path / "pages.db")
    one.keep("abc", kept)
    assert two.find("abc", mine) == kept
    with pytest.raises(ExpiredError):
        two.find("abc", other)
    assert Cursor.decode(Cursor("abc", 20).encode()) == Cursor("abc", 20)
    one.close()
    two.close()


def is_stored(text: str, folder: Path) -> bool:
    """Whether the text is anywhere in the file of the pages, or in its log."""
    files = list(folder.glob("pages.db*"))
    assert files
    return any(text.encode() in file.read_bytes() for file in files)


def keep(path: Path, query: str) -> None:
    """Keeps a window as a process does that is killed afterwards."""
    program = (
        "import os, sys; from pathlib import Path; from search.pages import KeptWindow, FilePages\n"
        "FilePages(Path(sys.argv[1])).keep(sys.argv[2], KeptWindow('shop', '', {'q': sys.argv[2]}, 'query', ()))\n"
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", program, path, query], check=True, timeout=60)


def test_what_is_old_is_gone_from_the_disk_when_the_file_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "pages.db"
    keep(path, "embarrassing illness")
    assert is_stored("embarrassing illness", tmp_path)
    pages = FilePages(path, keep_s=0)
    with pytest.raises(ExpiredError):
        pages.find("nothing", "")
    assert not is_stored("embarrassing illness", tmp_path)
    pages.close()


def test_what_is_old_is_gone_from_the_disk_when_pages_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.pages.files._SWEEP_S", 0)
    pages = FilePages(tmp_path / "pages.db", keep_s=1)
    pages.keep("abc", KeptWindow("shop", "", {"q": "embarrassing illness"}, "query", ()))
    assert pages.find("abc", "").request == {"q": "embarrassing illness"}
    time.sleep(1.1)
    with pytest.raises(ExpiredError):
        pages.find("nothing", "")
    assert not is_stored("embarrassing illness", tmp_path)
    pages.close()


def test_what_is_old_is_gone_with_the_first_search_after_a_restart(client: FlaskClient, services: Services) -> None:
    keep(services.config.data_dir / "pages.db", "embarrassing illness")
    services.pages = FilePages(services.config.data_dir / "pages.db", keep_s=0)
    ask(client, q="desk lamp 17", mode="lexical")  # one page, of which nothing is kept
    assert not is_stored("embarrassing illness", services.config.data_dir)


def test_who_asked_is_not_kept(client: FlaskClient, services: Services) -> None:
    first = ask(client, q="lamp", user_id="alma-meier", session_id="visit-4711")
    for text in ("alma-meier", "visit-4711"):
        assert not is_stored(text, services.config.data_dir)
    assert len(ids(ask(client, cursor=first["next_cursor"]))) == 20
