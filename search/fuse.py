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
    best = (lexical[0].score if lexical else 0.0) or 1.0
    least = neighbours[-1].score if neighbours else 0.0
    spread = (neighbours[0].score if neighbours else 0.0) - least or 1.0
    lead = {id_: place for place, id_ in enumerate(fuller)}
    if lead:
        lexical = sorted(lexical, key=lambda hit: lead.get(hit.id, len(lead)))
    if method is Fusion.RRF:
        lexical_parts = [1.0 / (rrf_k + rank) for rank in range(1, len(lexical) + 1)]
        vector_parts = [vector_weight / (rrf_k + rank) for rank in range(1, len(neighbours) + 1)]
    else:
        lexical_parts = [hit.score / best for hit in lexical]
        vector_parts = [vector_weight * (hit.score - least) / spread for hit in neighbours]
    near = {hit.id: place for place, hit in enumerate(neighbours)}
    # Sorted before records are made of them: most of what is fused stays outside the window.
    places: list[tuple[float, int, str, int, int]] = []
    for place, (id_, _, order) in enumerate(lexical):
        beside = near.pop(id_, -1)
        part = lexical_parts[place]
        places.append((-part if beside < 0 else -(part + vector_parts[beside]), order, id_, place, beside))
    places += [(-vector_parts[place], neighbours[place].order, id_, -1, place) for id_, place in near.items()]
    places.sort()
    return [
        Fused(
            id_,
            -below,
            order,
            None if word < 0 else word + 1,
            None if word < 0 else lexical[word].score,
            None if vector < 0 else vector + 1,
            None if vector < 0 else neighbours[vector].score,
            0.0 if word < 0 else lexical_parts[word],
            0.0 if vector < 0 else vector_parts[vector],
        )
        for below, order, id_, word, vector in places[: limit or None]
    ]
