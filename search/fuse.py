"""Fusion: the two sides' rankings as one. `Candidates → Ranking`; the set of products never changes here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from indexer.engines.query import Hit
from search.settings import Fusion


class Fused(NamedTuple):
    """A product of the window with the parts of its score. A tuple, since hundreds are made for each search.

    Args:
        id: the product's id.
        score: what it is ranked by, higher is better.
        order: its place among equals.
        lexical_rank: from 1, None where it does not match lexically (or not among the best).
        lexical_score: BM25.
        vector_rank: from 1, None where it is no neighbour.
        cosine: of query and product.
        lexical_part, vector_part: what each side adds to the score; they sum to it.
    """

    id: str
    score: float
    order: int
    lexical_rank: int | None = None
    lexical_score: float | None = None
    vector_rank: int | None = None
    cosine: float | None = None
    lexical_part: float = 0.0
    vector_part: float = 0.0


def fuse(
    lexical: Sequence[Hit],
    neighbours: Sequence[Hit],
    *,
    method: Fusion,
    vector_weight: float,
    rrf_k: int,
    fuller: Sequence[str] = (),
    limit: int = 0,
) -> list[Fused]:
    """One ranking of all hits of both sides, best first.

    Reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009) adds `1 / (k + rank)` of the lexical side and
    `vector_weight / (k + rank)` of the vector side. The weighted sum adds BM25 as a share of the best BM25 score to
    `vector_weight` times the cosine's place between the least and the greatest cosine of the list.

    Args:
        lexical, neighbours: each best first.
        fuller: ids that match more of the query's words than is required, fullest first: they lead the lexical side.
        limit: only so many of the best are wanted, 0 for all.
    """
    lead = {id_: place for place, id_ in enumerate(fuller)}
    if lead:
        lexical = sorted(lexical, key=lambda hit: lead.get(hit.id, len(lead)))
    best = max((hit.score for hit in lexical), default=0.0) or 1.0
    least = min((hit.score for hit in neighbours), default=0.0)
    spread = max((hit.score for hit in neighbours), default=0.0) - least or 1.0
    by_rank = method is Fusion.RRF
    by_words = {
        hit.id: (rank, hit, 1.0 / (rrf_k + rank) if by_rank else hit.score / best)
        for rank, hit in enumerate(lexical, 1)
    }
    by_vector = {
        hit.id: (rank, hit, vector_weight * (1.0 / (rrf_k + rank) if by_rank else (hit.score - least) / spread))
        for rank, hit in enumerate(neighbours, 1)
    }
    # Sorted before records are made of them: most of what is fused stays outside the window.
    places = [(-part, hit.order, id_) for id_, (_, hit, part) in by_vector.items() if id_ not in by_words]
    for id_, (_, hit, part) in by_words.items():
        near = by_vector.get(id_)
        places.append((-part if near is None else -(part + near[2]), hit.order, id_))
    places.sort()
    result: list[Fused] = []
    for below, order, id_ in places[: limit or None]:
        lexical_rank, word_hit, lexical_part = by_words.get(id_, _NEITHER)
        vector_rank, near_hit, vector_part = by_vector.get(id_, _NEITHER)
        result.append(
            Fused(
                id_,
                -below,
                order,
                lexical_rank,
                word_hit.score if word_hit is not None else None,
                vector_rank,
                near_hit.score if near_hit is not None else None,
                lexical_part,
                vector_part,
            )
        )
    return result


_NEITHER: tuple[None, None, float] = (None, None, 0.0)
