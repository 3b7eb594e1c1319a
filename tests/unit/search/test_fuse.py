from __future__ import annotations

import pytest

from indexer.engines.query import Hit
from search.fuse import fuse
from search.settings import Fusion

LEXICAL = [Hit("a", 8.0, 2), Hit("b", 4.0, 0), Hit("c", 2.0, 1)]
NEAR = [Hit("c", 0.9, 1), Hit("d", 0.7, 3), Hit("a", 0.5, 2)]


def test_reciprocal_ranks_by_hand() -> None:
    fused = fuse(LEXICAL, NEAR, method=Fusion.RRF, vector_weight=0.5, rrf_k=10)
    scores = {hit.id: hit.score for hit in fused}
    assert scores == pytest.approx({"a": 1 / 11 + 0.5 / 13, "b": 1 / 12, "c": 1 / 13 + 0.5 / 11, "d": 0.5 / 12})
    assert [hit.id for hit in fused] == ["a", "c", "b", "d"]


def test_weighted_sum_by_hand() -> None:
    fused = fuse(LEXICAL, NEAR, method=Fusion.WEIGHTED_SUM, vector_weight=0.5, rrf_k=10)
    # BM25 over 8; cosines from .5 to .9 as 0 to 1.
    scores = {hit.id: hit.score for hit in fused}
    assert scores == pytest.approx({"a": 1.0, "b": 0.5, "c": 0.25 + 0.5, "d": 0.5 * 0.5})
    assert [hit.id for hit in fused] == ["a", "c", "b", "d"]


@pytest.mark.parametrize("method", Fusion)
def test_the_set_is_the_union_and_the_parts_sum_to_the_score(method: Fusion) -> None:
    fused = fuse(LEXICAL, NEAR, method=method, vector_weight=0.5, rrf_k=60)
    assert {hit.id for hit in fused} == {"a", "b", "c", "d"}
    assert all(hit.score == hit.lexical_part + hit.vector_part for hit in fused)
    alone = {hit.id: hit for hit in fused}
    assert (alone["b"].vector_rank, alone["b"].vector_part) == (None, 0.0)
    assert (alone["d"].lexical_rank, alone["d"].lexical_part) == (None, 0.0)
    assert (alone["c"].lexical_rank, alone["c"].vector_rank, alone["c"].cosine) == (3, 1, 0.9)


def test_equals_follow_their_order() -> None:
    hits = [Hit("x", 1.0, 7), Hit("y", 1.0, 3)]
    fused = fuse(hits, (), method=Fusion.WEIGHTED_SUM, vector_weight=1, rrf_k=60)
    assert [hit.id for hit in fused] == ["y", "x"]


def test_fuller_matches_lead_the_lexical_side() -> None:
    fused = fuse(LEXICAL, (), method=Fusion.RRF, vector_weight=1, rrf_k=60, fuller=("c", "b"))
    assert [hit.id for hit in fused] == ["c", "b", "a"]


def test_nothing_fuses_to_nothing() -> None:
    assert fuse((), (), method=Fusion.WEIGHTED_SUM, vector_weight=1, rrf_k=60) == []
