"""Generations of an index: made, switched, dropped, and empty."""

from __future__ import annotations

import pytest
from engine_cases import (
    DIM,
    PRICE,
    SCHEMA,
    unit,
    words,
)

from indexer.engines.protocol import Engine, GenerationSpec
from indexer.engines.query import (
    Facet,
    SearchQuery,
    SortKey,
)
from indexer.errors import ConflictError, NotFoundError


def test_generations_switch_and_drop(engine: Engine) -> None:
    assert engine.live("none") is None
    assert engine.generations("none") == []
    for number in (1, 2):
        engine.create(GenerationSpec("switching", number, SCHEMA, "v1", DIM))
    with pytest.raises(ConflictError, match="exists already"):
        engine.create(GenerationSpec("switching", 2, SCHEMA, "v1", DIM))
    engine.switch("switching", 1)
    assert engine.live("switching") == 1
    with pytest.raises(ConflictError, match="live"):
        engine.drop("switching", 1)
    with pytest.raises(NotFoundError, match="no generation 9"):
        engine.switch("switching", 9)
    engine.switch("switching", 2)
    engine.drop("switching", 1)
    assert engine.generations("switching") == [2]
    assert engine.spec("switching", 2).schema == SCHEMA
    assert engine.size_bytes("switching", 2) > 0
    assert engine.size_bytes("switching", 1) == engine.size_bytes("none", 1) == 0


def test_an_empty_generation_answers(engine: Engine) -> None:
    engine.create(GenerationSpec("empty", 1, SCHEMA, "v1", DIM))
    reader = engine.reader("empty", 1)
    everything = SearchQuery(words("lamp"), vector=unit(1), facets=(Facet("brand"), Facet(PRICE)))
    assert reader.search(everything).total == 0
    assert reader.search(SearchQuery(sort=(SortKey(PRICE),))).total == 0
    assert reader.document_count() == 0
