"""The lexical list, where more products have one score than are put in order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from indexer.engines.embedded import window
from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.engines.protocol import EngineReader, GenerationSpec, IndexDocument
from indexer.engines.query import Alternative, SearchQuery, SortKey, TermGroup, Words
from indexer.fields import Schema

COUNT = 60
LAMPS = SearchQuery(Words((TermGroup((Alternative(("lamp",)),)),)), tie_break=(SortKey("popularity", descending=True),))


@pytest.fixture
def reader(tmp_path: Path) -> EngineReader:
    """Lamps of one score, of which the last written is the most popular, in several segments; and a better one."""
    engine = EmbeddedEngine(tmp_path)
    engine.create(GenerationSpec("shop", 1, Schema()))
    with engine.writer("shop", 1) as writer:
        for number in range(COUNT):
            title = "lamp" if number == 30 else "a lamp"
            values = {"id": (f"p{number}",), "popularity": (float(number),)}
            writer.write([IndexDocument(f"p{number}", number + 1, {"title": {"en": title}}, values)])
            if number % 20 == 19:
                writer.commit(number + 1)
    return engine.reader("shop", 1)


def ids(reader: EngineReader, offset: int, limit: int) -> list[str]:
    return [hit.id for hit in reader.search(replace(LAMPS, offset=offset, limit=limit)).lexical]


def test_the_whole_group_of_equals_is_put_in_order(reader: EngineReader) -> None:
    assert ids(reader, 0, 4) == ["p30", "p59", "p58", "p57"]
    assert ids(reader, 4, 3) == ["p56", "p55", "p54"]
    assert ids(reader, 57, 10) == ["p2", "p1", "p0"]


@pytest.mark.parametrize("bound", [1, 10, 25])
@pytest.mark.parametrize("size", [1, 7, 20])
def test_beyond_the_bound_pages_still_meet_every_product_once(
    reader: EngineReader, monkeypatch: pytest.MonkeyPatch, bound: int, size: int
) -> None:
    monkeypatch.setattr(window, "MAX_EQUALS", bound)
    paged = [id_ for offset in range(0, COUNT, size) for id_ in ids(reader, offset, size)]
    assert paged[0] == "p30"
    assert sorted(paged) == sorted(f"p{number}" for number in range(COUNT))
    for limit in (2, 10, 40):  # a shorter list is a part of a longer one
        assert set(ids(reader, 0, limit)) <= set(ids(reader, 0, COUNT))
        assert set(ids(reader, 0, limit)) == {*ids(reader, 0, limit - 1), *ids(reader, limit - 1, 1)}
