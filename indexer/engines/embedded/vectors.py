"""The vector side of a snapshot: exact scans in float16, and cells where there are many rows.

Rows that were written since the cells were made are added to them when a snapshot is opened, and scanned until then.
A selective filter would need most of the cells, so below `SCAN_BELOW` allowed rows these are scanned, which is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from indexer.engines.embedded.cells import Cells, load_cells
from indexer.engines.embedded.codes import check_codes, flat_index, read_codes
from indexer.engines.embedded.layout import GenerationFiles
from indexer.engines.embedded.rowlog import Chunk

SCAN_BELOW = 15_000
"""Allowed rows below which comparing all of them is hardly slower than choosing."""
CELLS_FROM = 50_000
"""Rows from which cells are worth the time to make them."""
PICKED_SHARE = 1 / 64
"""Share of the rows below which it is faster to pick the allowed ones out than to go through all others."""
MAX_TAIL = 20_000
"""Scanned rows behind the base from which on a reader makes a new base."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """rows: int64 (k,), nearest first; cosines: float32 (k,)."""

    rows: NDArray[np.int64]
    cosines: NDArray[np.float32]


class VectorSide:
    """The vectors of the first `rows` rows. Immutable; `extended` gives the next one and shares the base.

    Args:
        flat: a faiss index of the base, the first rows, that compares everything.
        cells: of the same rows, None where there are too few.
        tail: a faiss index of the rows behind the base, None where there are none.
        codes: float16 (rows, dim), as they lie in the file.
    """

    def __init__(self, flat: Any, cells: Cells | None, tail: Any, codes: NDArray[np.float16]) -> None:
        self._flat = flat
        self._base_rows = flat.ntotal
        self._cells = cells
        self._refined = cells.refined_by(flat) if cells is not None else None
        self._tail = tail
        self._codes = codes
        self.rows = len(codes)

    @classmethod
    def open(cls, files: GenerationFiles, dim: int, rows: int, chunks: Sequence[Chunk]) -> VectorSide:
        """Reads the vectors of the first `rows` rows, and their cells where there are any.

        Args:
            chunks: the commits whose vectors are checked.

        Raises:
            CorruptionError: they are not as they were written.
        """
        check_codes(files.vectors, dim, chunks)
        faiss.omp_set_num_threads(1)
        codes = read_codes(files.vectors, dim, 0, rows)
        cells = load_cells(files, dim, rows)
        if cells is not None:
            cells.grow(codes[cells.rows :])
        # Mapped anew: what was read once to fill the index need not stay in memory.
        return cls(flat_index(codes, dim), cells, None, read_codes(files.vectors, dim, 0, rows))

    def extended(self, files: GenerationFiles, dim: int, rows: int, chunks: Sequence[Chunk]) -> VectorSide:
        """The side after more rows were committed, in these chunks; see `open`."""
        if rows - self._base_rows > MAX_TAIL:
            return VectorSide.open(files, dim, rows, chunks)
        check_codes(files.vectors, dim, chunks)
        codes = read_codes(files.vectors, dim, 0, rows)
        return VectorSide(self._flat, self._cells, flat_index(codes[self._base_rows :], dim), codes)

    def nearest(
        self, vector: NDArray[np.float32], k: int, min_cosine: float, allowed: NDArray[np.bool_], allowed_count: int
    ) -> Neighbours:
        """The at most `k` nearest allowed rows whose cosine reaches `min_cosine`.

        Args:
            vector: float32 (dim,), unit length.
            allowed: bool (rows,).
            allowed_count: how many are.
        """
        if allowed_count == 0 or self.rows == 0:
            return Neighbours(np.empty(0, np.int64), np.empty(0, np.float32))
        query = np.ascontiguousarray(vector, np.float32).reshape(1, -1)
        if allowed_count < PICKED_SHARE * self.rows:
            picked = np.flatnonzero(allowed)
            cosines, places = flat_index(self._codes[picked], len(vector)).search(query, min(k, len(picked)))
            return _best(picked[places[0]], cosines[0], k, min_cosine)
        found = [self._search_base(query, k, allowed[: self._base_rows], allowed_count)]
        if self._tail is not None:
            cosines, rows = _scan(self._tail, query, k, allowed[self._base_rows :])
            found.append((cosines, np.where(rows >= 0, rows + self._base_rows, rows)))
        cosines = np.concatenate([part[0] for part in found])
        rows = np.concatenate([part[1] for part in found])
        return _best(rows, cosines, k, min_cosine)

    def _search_base(
        self, query: NDArray[np.float32], k: int, allowed: NDArray[np.bool_], allowed_count: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        if self._cells is None or self._refined is None or allowed_count < SCAN_BELOW:
            return _scan(self._flat, query, k, allowed)
        visited = self._cells.visited_under(min(1.0, allowed_count / self.rows))
        selector = faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        cosines, rows = self._refined.search(query, k, params=self._cells.parameters(k, visited, selector))
        return cosines[0], rows[0]


def _best(rows: NDArray[np.int64], cosines: NDArray[np.float32], k: int, min_cosine: float) -> Neighbours:
    keep = (rows >= 0) & (cosines >= min_cosine)
    cosines, rows = cosines[keep], rows[keep]
    nearest = np.lexsort((rows, -cosines))[:k]
    return Neighbours(rows[nearest], cosines[nearest])


def _scan(
    index: Any, query: NDArray[np.float32], k: int, allowed: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    if index.ntotal == 0:
        return np.empty(0, np.float32), np.empty(0, np.int64)
    bits = np.packbits(allowed, bitorder="little")
    parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
    cosines, rows = index.search(query, k, params=parameters)
    return cosines[0], rows[0]
