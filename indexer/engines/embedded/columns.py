"""The columns of a snapshot: (row, value) pairs of each column, put together from the chunks when first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.engines.embedded.rowlog import Chunk


@dataclass(frozen=True)
class Column:
    """One column over all rows.

    Args:
        rows: int64 (n,), ascending; a row stands here once for each of its values.
        values: float64 (n,) or int32 (n,) codes into `strings`.
        units: uint16 (n,), which variant of the row a value belongs to; empty for product columns.
        strings: the dictionary of a string column, empty for numbers.
    """

    rows: NDArray[np.int64]
    values: NDArray[Any]
    units: NDArray[np.uint16]
    strings: tuple[str, ...]
    is_text: bool

    @cached_property
    def codes(self) -> dict[str, int]:
        """string → code."""
        return {text: code for code, text in enumerate(self.strings)}

    @cached_property
    def ranks(self) -> NDArray[np.float64]:
        """float64: the place of each code's string in alphabetical order."""
        order = sorted(range(len(self.strings)), key=lambda code: self.strings[code])
        ranks = np.empty(len(order), np.float64)
        ranks[order] = np.arange(len(order))
        return ranks

    @cached_property
    def comparable(self) -> NDArray[np.float64]:
        """float64 (n,): values as they are ordered; strings by their rank."""
        return self.ranks[self.values] if self.is_text else self.values.astype(np.float64)

    def of_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Positions in `values` of all values of `rows`."""
        return self._runs(rows)[0]

    def best(self, rows: NDArray[np.int64], descending: bool) -> NDArray[np.float64]:
        """float64 (len(rows),): the value each row is sorted by (its least, or greatest when descending); NaN: none."""
        result = np.full(len(rows), np.nan)
        positions, lengths = self._runs(rows)
        if not len(positions):
            return result
        present = lengths > 0
        values = self.comparable[positions]
        if len(values) > int(present.sum()):
            reduce = np.maximum if descending else np.minimum
            values = reduce.reduceat(values, (np.cumsum(lengths) - lengths)[present])
        result[present] = values
        return result

    def _runs(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(positions of all values of `rows`, one row after the other; how many each row has)."""
        starts = np.searchsorted(self.rows, rows, "left")
        lengths = np.searchsorted(self.rows, rows, "right") - starts
        before = np.cumsum(lengths) - lengths
        return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum())), lengths


class Columns:
    """All columns of the chunks so far. Immutable; `extended` shares what was already put together."""

    def __init__(self, chunks: tuple[Chunk, ...], made: dict[str, tuple[int, Column]] | None = None) -> None:
        self._chunks = chunks
        self._made = made if made is not None else {}

    def extended(self, chunks: Sequence[Chunk]) -> Columns:
        return Columns((*self._chunks, *chunks), dict(self._made))

    def column(self, key: str, is_text: bool) -> Column:
        """The column `key`, empty when no row has a value."""
        known = self._made.get(key)
        if known is not None and known[0] == len(self._chunks):
            return known[1]
        start, column = known if known is not None else (0, _empty(is_text))
        parts = [chunk.columns[key] for chunk in self._chunks[start:] if key in chunk.columns]
        if parts:
            column = Column(
                rows=np.concatenate([column.rows, *(part.rows for part in parts)]).astype(np.int64),
                values=np.concatenate([column.values, *(part.values for part in parts)]),
                units=np.concatenate([column.units, *(part.units for part in parts)]),
                strings=(*column.strings, *(text for part in parts for text in part.strings)),
                is_text=is_text,
            )
        self._made[key] = (len(self._chunks), column)
        return column


def _empty(is_text: bool) -> Column:
    values: NDArray[Any] = np.empty(0, np.int32 if is_text else np.float64)
    return Column(np.empty(0, np.int64), values, np.empty(0, np.uint16), (), is_text)
