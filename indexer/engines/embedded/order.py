"""Orders of rows: explicit sorts and the breaking of ties."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.engines.embedded.columns import Column
from indexer.engines.query import SortKey


def sorted_rows(
    rows: NDArray[np.int64],
    keys: Sequence[SortKey],
    column: Callable[[str], Column],
    ids: Callable[[NDArray[np.int64]], list[str]],
    first: int = 0,
) -> NDArray[np.int64]:
    """`rows` in the order of the keys, then of the ids; rows without a value come last.

    Args:
        first: only the first so many are needed in order (0: all); ids are looked up for those near them only.
    """
    if not len(rows):
        return rows
    levels = [_level(column(key.column).best(rows, key.descending), key.descending) for key in keys]
    # Rows that equal each other in all keys share a place.
    order = np.lexsort(levels[::-1]) if levels else np.arange(len(rows))
    rows = rows[order]
    levels = [level[order] for level in levels]
    same = np.ones(len(rows), np.bool_)
    same[0] = False
    for level in levels:
        same[1:] &= level[1:] == level[:-1]
    starts = np.flatnonzero(~same)
    ends = np.append(starts[1:], len(rows))
    wanted = first or len(rows)
    shared = (ends - starts > 1) & (starts < wanted)
    for start, end in zip(starts[shared].tolist(), ends[shared].tolist(), strict=True):
        group = rows[start:end]
        names = ids(group)
        rows[start:end] = group[sorted(range(len(names)), key=names.__getitem__)]
    return rows


def _level(values: NDArray[np.float64], descending: bool) -> NDArray[np.float64]:
    signed = -values if descending else values
    return np.where(np.isnan(signed), np.inf, signed)
