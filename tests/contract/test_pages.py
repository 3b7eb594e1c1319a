"""What every place of kept windows does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexer.engines.query import In
from search.errors import ExpiredError
from search.fuse import Fused
from search.pages import FilePages, KeptWindow, Pages, binding_of
from search.pages.redis import RedisPages
from tests.redis_server import SERVER, namespace

MINE, OTHERS = binding_of(In("brand", ("Alma",))), binding_of(In("brand", ("Brod",)))
WINDOW = (Fused("p1", 0.5, 0, 1, 2.5), Fused("p/ü", 0.25, 1, None, None, 1, 0.9))
KEPT = KeptWindow("shop", MINE, {"q": "lamp", "facets": ["brand"]}, "query", WINDOW)

Open = Callable[[float], Pages]


@pytest.fixture(params=["files", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Opens the same place anew, as each process does."""
    opened: list[Pages] = []

    def remember(pages: Pages) -> Pages:
        opened.append(pages)
        return pages

    if request.param == "files":
        yield lambda keep_s: remember(FilePages(tmp_path / "pages.db", keep_s))
    else:
        with namespace() as name:
            yield lambda keep_s: remember(RedisPages(SERVER, name, keep_s))
    for pages in opened:
        pages.close()


def test_a_window_is_found_by_its_own_caller_in_any_process(place: Open) -> None:
    one, two = place(60), place(60)
    one.keep("abc", KEPT)
    assert two.find("abc", MINE) == KEPT
    with pytest.raises(ExpiredError, match="send the query again"):
        two.find("abc", OTHERS)
    with pytest.raises(ExpiredError, match="send the query again"):
        two.find("xyz", MINE)


def test_who_asked_is_not_kept(place: Open) -> None:
    pages = place(60)
    pages.keep("abc", KeptWindow("shop", MINE, {"q": "lamp", "user_id": "u", "page": 2}, "body", ()))
    assert pages.find("abc", MINE).request == {"q": "lamp"}


def test_a_window_expires(place: Open) -> None:
    pages = place(0.2)
    pages.keep("abc", KEPT)
    time.sleep(0.3)
    with pytest.raises(ExpiredError, match="send the query again"):
        pages.find("abc", MINE)


def test_requests_of_some_answers_are_told(place: Open) -> None:
    pages = place(60)
    pages.keep("abc", KEPT)
    assert pages.requests(["abc", "xyz"]) == {"abc": KEPT.request}
    assert pages.requests([]) == {}


def test_what_is_forgotten_is_gone(place: Open) -> None:
    pages = place(60)
    pages.keep("abc", KEPT)
    pages.keep("def", KEPT)
    assert pages.forget(["abc", "xyz"]) == 1
    assert pages.forget([]) == 0
    assert pages.find("def", MINE) == KEPT
    with pytest.raises(ExpiredError, match="send the query again"):
        pages.find("abc", MINE)
