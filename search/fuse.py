"""Fusion: the two sides' rankings as one. `Candidates → Ranking`; the set of products never changes here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.engines.query import Hit
from search.settings import Fusion


@dataclass(frozen=True, slots=True)
class Fused:
    """A product of the window with the parts of its score.

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
) -> list[Fused]:
    """One ranking of all hits of both sides, best first.

    Reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009) adds `1 / (k + rank)` of the lexical side and
    `vector_weight / (k + rank)` of the vector side. The weighted sum adds BM25 as a share of the best BM25 score to
    `vector_weight` times the cosine's place between the least and the greatest cosine of the list.

    Args:
        lexical, neighbours: each best first.
        fuller: ids that match more of the query's words than is required, fullest first: they lead the lexical side.
    """
    lead = {id_: place for place, id_ in enumerate(fuller)}
    if lead:
        lexical = sorted(lexical, key=lambda hit: lead.get(hit.id, len(lead)))
    by_words = {hit.id: (rank, hit) for rank, hit in enumerate(lexical, 1)}
    by_vector = {hit.id: (rank, hit) for rank, hit in enumerate(neighbours, 1)}
    best = max((hit.score for hit in lexical), default=0.0) or 1.0
    least = min((hit.score for hit in neighbours), default=0.0)
    spread = max((hit.score for hit in neighbours), default=0.0) - least or 1.0
    result: list[Fused] = []
    for id_ in {**by_words, **by_vector}:
        lexical_rank, word_hit = by_words.get(id_, (None, None))
        vector_rank, near_hit = by_vector.get(id_, (None, None))
        lexical_part = vector_part = 0.0
        if lexical_rank is not None and word_hit is not None:
            lexical_part = word_hit.score / best if method is Fusion.WEIGHTED_SUM else 1.0 / (rrf_k + lexical_rank)
        if vector_rank is not None and near_hit is not None:
            place = (near_hit.score - least) / spread if method is Fusion.WEIGHTED_SUM else 1.0 / (rrf_k + vector_rank)
            vector_part = vector_weight * place
        hit = word_hit or near_hit
        result.append(
            Fused(
                id=id_,
                score=lexical_part + vector_part,
                order=hit.order if hit is not None else 0,
                lexical_rank=lexical_rank,
                lexical_score=word_hit.score if word_hit is not None else None,
                vector_rank=vector_rank,
                cosine=near_hit.score if near_hit is not None else None,
                lexical_part=lexical_part,
                vector_part=vector_part,
            )
        )
    result.sort(key=lambda fused: (-fused.score, fused.order))
    return result
