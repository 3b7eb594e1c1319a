"""The lexical list of an answer: a window on one order of all matches, the same whatever its offset and length.

tantivy puts equal scores in the order of its documents. Where a window begins or ends among equals, they are fetched
and put in the order of the tie breakers and the id first, so that it is these that decide which of them are inside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import tantivy
from numpy.typing import NDArray

from indexer.engines.embedded.fields import ROW
from indexer.engines.embedded.order import sorted_rows
from indexer.engines.embedded.snapshot import Snapshot, matches
from indexer.engines.query import Scope, SearchQuery

MAX_EQUALS = 5_000
"""Of more products with one score, the first so many in the order of their documents come before the others."""
_GROWTH = 8


@dataclass(frozen=True, slots=True)
class Window:
    """The rows from `offset`, at most `limit`.

    Args:
        rows: int64 (n,), in order; those with equal scores in any.
        scores: float64 (n,), zeros under an explicit order.
        total: how many match in all.
    """

    rows: NDArray[np.int64]
    scores: NDArray[np.float64]
    total: int


NOTHING = Window(np.empty(0, np.int64), np.empty(0, np.float64), 0)


def all_in_scope(snapshot: Snapshot, query: SearchQuery, scope: Scope) -> Window:
    """Everything in scope, in the order of the query's sort and tie breakers."""
    rows = np.flatnonzero(snapshot.in_scope(scope))
    keys = (*query.sort, *query.tie_break)
    last = query.offset + query.limit
    ordered = snapshot.kept(
        ("browse", scope, keys, last),
        lambda: sorted_rows(rows, keys, snapshot.column, snapshot.rows.ids, last)[:last],
    )
    page = ordered[query.offset :]
    return Window(page, np.zeros(len(page)), len(rows))


def in_explicit_order(snapshot: Snapshot, query: SearchQuery, scoped: tantivy.Query) -> Window:
    """The matches in the order of the query's sort."""
    rows = snapshot.rows_of(scoped)
    last = query.offset + query.limit
    keys = (*query.sort, *query.tie_break)
    page = sorted_rows(rows, keys, snapshot.column, snapshot.rows.ids, last)[query.offset : last]
    return Window(page, np.zeros(len(page)), len(rows))


def by_score(snapshot: Snapshot, query: SearchQuery, scoped: tantivy.Query) -> Window:
    """The matches by descending score, equals in the order of the tie breakers and the id."""
    first, last = query.offset, query.offset + query.limit
    size = last + 1  # one more shows whether the window ends among equals
    while True:
        found = snapshot.searcher.search(scoped, size, True)
        scores = np.array([score for score, _ in found.hits], np.float64)
        if len(scores) <= last or not query.limit or scores[last] < scores[last - 1]:
            break
        enough = _equals(scores, last)[0] + MAX_EQUALS
        if scores[-1] < scores[last] or len(scores) < size or size >= enough:
            break
        size = min(size * _GROWTH, enough)
    addresses = [address for _, address in found.hits]
    rows = np.array(snapshot.searcher.fast_field_values(ROW, addresses), np.int64)
    for cut in (first, last):
        if 0 < cut < len(scores) and scores[cut - 1] == scores[cut]:
            start, end = _equals(scores, cut)
            end = min(end, start + MAX_EQUALS)
            equals = rows[start:end]
            rows[start:end] = sorted_rows(equals, query.tie_break, snapshot.column, snapshot.rows.ids, last - start)
    return Window(rows[first:last], scores[first:last], matches(found))


def _equals(scores: NDArray[np.float64], place: int) -> tuple[int, int]:
    """(start, end) of the scores that equal the one at `place`."""
    start, end = np.searchsorted(-scores, -scores[place], "left"), np.searchsorted(-scores, -scores[place], "right")
    return int(start), int(end)
