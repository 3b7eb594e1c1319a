"""Arrangement: from the engine's answer to the order of the page. `Candidates → Ranking`; the set stays as it is.

The best `window` products are ranked together. Behind them the set goes on by lexical score, and then come the
neighbours that are left: paging to the end meets every product once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexer.engines.protocol import EngineReader
from indexer.engines.query import Hit, In, Scope, SearchQuery, SearchResult
from search.fuse import Fused, fuse
from search.request import SoldOut
from search.settings import Ranking
from search.understand.understand import Understood

MAX_DEPTH = 10_000
"""So deep can one page; exports have their own cursor."""


@dataclass(frozen=True, slots=True)
class Arranged:
    """The part of the ranking that was asked for.

    Args:
        hits: those of the page.
        window: the ids that were ranked together, best first; empty under an explicit sort and when browsing.
    """

    hits: tuple[Fused, ...]
    window: tuple[Fused, ...] = ()


def ranked_window(
    result: SearchResult, understood: Understood, ranking: Ranking, reader: EngineReader, in_stock: str
) -> tuple[Fused, ...]:
    """The best of both sides as one ranking."""
    fuller = understood.plan.fuller if understood.plan is not None else ()
    fused = fuse(
        result.lexical,
        result.neighbours,
        method=ranking.fusion,
        vector_weight=understood.vector_weight or 1.0,
        rrf_k=ranking.rrf_k,
        fuller=fuller,
    )[: ranking.window]
    if understood.sold_out is SoldOut.LAST and fused:
        buyable = reader.matching(None, Scope(filter=In(in_stock, (True,))), [hit.id for hit in fused])
        fused.sort(key=lambda hit: hit.id not in buyable)
    return tuple(fused)


def page_of_window(
    window: Sequence[Fused], query: SearchQuery, result: SearchResult, reader: EngineReader, start: int, size: int
) -> tuple[Fused, ...]:
    """The hits from `start`: out of the window, then the rest of the set behind it."""
    if start + size <= len(window) or len(window) >= result.total:
        return tuple(window[start : start + size])
    ranked = {hit.id for hit in window}
    deeper = replace(query, facets=(), offset=0, limit=min(MAX_DEPTH, start + size), vector=query.vector)
    found = reader.search(deeper)
    behind = [hit for hit in found.lexical if hit.id not in ranked]
    seen = ranked | {hit.id for hit in found.lexical}
    lexical_left = found.lexical_total - len(found.lexical)
    if lexical_left <= 0:
        behind += [
            hit
            for hit, matches in zip(found.neighbours, found.neighbour_matches, strict=True)
            if not matches and hit.id not in seen
        ]
    everything = [*window, *(_plain(hit) for hit in behind)]
    return tuple(everything[start : start + size])


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
