"""The set of an answer: the lexical matches and the nearest neighbours, under the enforced filter."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

import numpy as np
import pytest
from engine_cases import (
    PRICE,
    SHOP,
    found,
    unit,
    words,
)

from indexer.engines.protocol import EngineReader
from indexer.engines.query import (
    Facet,
    In,
    Scope,
    SearchQuery,
    SortKey,
)


def test_the_set_is_the_lexical_matches_and_the_nearest_neighbours(reader: EngineReader) -> None:
    result = reader.search(SearchQuery(words("scarf"), vector=unit(1, 0), vector_k=3))
    assert [hit.id for hit in result.lexical] == ["p1"]
    assert [hit.id for hit in result.neighbours] == ["p1", "p2", "p8"]
    assert result.neighbour_matches == (True, False, False)
    assert (result.lexical_total, result.total) == (1, 3)
    assert result.neighbours[0].score == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("vector", [unit(1, 0), None])
def test_a_vector_may_come_later_or_not_at_all(reader: EngineReader, vector: np.ndarray | None) -> None:
    later: Future[np.ndarray | None] = Future()
    later.set_result(vector)
    scarf = SearchQuery(words("scarf"), vector=vector, facets=(Facet("brand"),))
    at_once, found_later = reader.search(scarf), reader.search(replace(scarf, vector=later))
    assert found_later.total == at_once.total
    assert (found_later.lexical, found_later.neighbours) == (at_once.lexical, at_once.neighbours)
    assert found_later.facets == at_once.facets


def test_neighbours_below_the_cut_off_are_none(reader: EngineReader) -> None:
    result = reader.search(SearchQuery(vector=unit(1, 0), min_cosine=0.85))
    assert [hit.id for hit in result.neighbours] == ["p1", "p2"]


def test_the_vector_search_is_filtered_before_it_is_cut(reader: EngineReader) -> None:
    only = Scope(filter=In("brand", ("Brod",)))
    result = reader.search(SearchQuery(vector=unit(1, 0), vector_k=1, scope=only))
    assert [hit.id for hit in result.neighbours] in (["p3"], ["p4"])  # as near as each other


def test_without_words_and_vector_everything_in_scope_comes_in_the_order_of_the_tie_breakers(
    reader: EngineReader,
) -> None:
    result = reader.search(SearchQuery(tie_break=(SortKey(PRICE, descending=True),), limit=3))
    assert result.total == len(SHOP)
    assert [hit.id for hit in result.lexical] == ["p3", "p5", "p4"]


def test_the_enforced_filter_holds_on_every_path(reader: EngineReader) -> None:
    scope = Scope(enforced=In("brand", ("Alma",)))
    everything = SearchQuery(words("wool"), vector=unit(0, 0, 1), vector_k=9, scope=scope, facets=(Facet("brand"),))
    result = reader.search(everything)
    assert found(reader, everything) <= {"p1", "p2", "p8"}
    assert dict(result.facets[0].counts) == {"Alma": result.total}
    assert reader.count(words("printer"), scope) == 0
    assert reader.matching(None, scope, ["p1", "p3"]) == {"p1"}
    assert reader.vocabulary(scope).count("printer") == 0
    assert reader.vocabulary(scope).starting_with("print", 5) == []
    assert reader.vocabulary(scope).near("printr", 2, 5) == []
