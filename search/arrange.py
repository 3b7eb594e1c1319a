"""Arrangement: from the engine's answer to the order of the page. `Candidates → Ranking`; the set stays as it is.

The best `window` products are ranked together. Behind them the set goes on by lexical score, and then come the
neighbours that are left: paging to the end meets every product once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexer.engines.protocol import EngineReader
from indexer.engines.query import Hit, In, Scope, SearchQuery, SearchResult
from search.fuse import Fused, fuse
from search.request import SoldOut
from search.settings import Ranking
from search.understand.understand import Understood

MAX_DEPTH = 10_000
"""So deep can one page; exports have their own cursor."""


def ranked_window(
    result: SearchResult, understood: Understood, ranking: Ranking, reader: EngineReader, in_stock: str
) -> tuple[Fused, ...]:
    """The best of both sides as one ranking."""
    fused = _fused(result.lexical, result.neighbours, understood, ranking, ranking.window)
    if understood.sold_out is SoldOut.LAST and fused:
        buyable = reader.matching(None, Scope(filter=In(in_stock, (True,))), [hit.id for hit in fused])
        fused.sort(key=lambda hit: hit.id not in buyable)
    return tuple(fused)


def page_of_window(
    window: Sequence[Fused],
    query: SearchQuery,
    result: SearchResult,
    understood: Understood,
    ranking: Ranking,
    reader: EngineReader,
    start: int,
    size: int,
) -> tuple[Fused, ...]:
    """The hits from `start`: out of the window, then the rest of the set behind it."""
    if start + size <= len(window) or len(window) >= result.total:
        return tuple(window[start : start + size])
    ranked = {hit.id for hit in window}
    # Always to the same depth, so that pages agree also where more products are equal than an engine orders exactly.
    found = reader.search(replace(query, facets=(), offset=0, limit=MAX_DEPTH))
    behind = [hit for hit in _fused(found.lexical, (), understood, ranking) if hit.id not in ranked]
    if found.lexical_total <= MAX_DEPTH:
        ranked.update(hit.id for hit in found.lexical)
        behind += [hit for hit in _fused((), found.neighbours, understood, ranking) if hit.id not in ranked]
    return (*window, *behind)[start : start + size]


def _fused(
    lexical: Sequence[Hit], neighbours: Sequence[Hit], understood: Understood, ranking: Ranking, limit: int = 0
) -> list[Fused]:
    return fuse(
        lexical,
        neighbours,
        method=ranking.fusion,
        vector_weight=understood.fusion_weight,
        rrf_k=ranking.rrf_k,
        fuller=understood.plan.fuller if understood.plan is not None else (),
        limit=limit,
    )


def page_of_sorted(result: SearchResult, start: int, size: int) -> tuple[Fused, ...]:
    """Under an explicit order: the lexical matches, then the neighbours, each in that order."""
    hits = [_plain(hit) for hit in result.lexical][:size]
    if len(hits) < size:
        alone = [hit for hit, matches in zip(result.neighbours, result.neighbour_matches, strict=True) if not matches]
        first = max(0, start - result.lexical_total)
        hits += [_plain(hit) for hit in alone[first : first + size - len(hits)]]
    return tuple(hits)


def _plain(hit: Hit) -> Fused:
    return Fused(id=hit.id, score=hit.score, order=hit.order)
