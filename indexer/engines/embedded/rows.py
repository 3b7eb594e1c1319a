"""What a snapshot knows of its rows: ids, versions, which are live, and where their JSON lies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.engines.embedded.rowlog import Chunk


class Rows:
    """All rows of a snapshot. Immutable; `extended` gives the next one.

    Attributes:
        count: rows, those that were replaced included.
        live: bool (count,), False where a later row or a deletion ended it.
        has_vector: bool (count,).
    """

    def __init__(
        self,
        live: NDArray[np.bool_],
        has_vector: NDArray[np.bool_],
        source_ends: NDArray[np.int64],
        source_sums: NDArray[np.uint32],
        id_ends: NDArray[np.int64],
        id_blocks: tuple[tuple[int, bytes], ...],
    ) -> None:
        self.count = len(live)
        self.live = live
        self.has_vector = has_vector
        self._source_ends = source_ends
        self._source_sums = source_sums
        self._id_ends = id_ends
        self._blocks = id_blocks
        self._block_starts = np.array([start for start, _ in id_blocks], np.int64)

    @classmethod
    def empty(cls) -> Rows:
        nothing = np.empty(0, np.int64)
        return cls(np.empty(0, np.bool_), np.empty(0, np.bool_), nothing, np.empty(0, np.uint32), nothing, ())

    def extended(self, chunks: Sequence[Chunk]) -> Rows:
        """With the rows of further chunks."""
        if not chunks:
            return self
        live = np.concatenate([self.live, *(np.ones(len(chunk.changes), np.bool_) for chunk in chunks)])
        for chunk in chunks:
            live[chunk.replaces[chunk.replaces >= 0]] = False
            live[chunk.ended] = False
        return Rows(
            live,
            np.concatenate([self.has_vector, *(chunk.has_vector for chunk in chunks)]),
            np.concatenate([self._source_ends, *(chunk.source_ends for chunk in chunks)]),
            np.concatenate([self._source_sums, *(chunk.source_sums for chunk in chunks)]),
            np.concatenate([self._id_ends, *(chunk.id_ends for chunk in chunks)]),
            (*self._blocks, *((chunk.first_row, chunk.id_bytes) for chunk in chunks if len(chunk.changes))),
        )

    def ids(self, rows: Iterable[int]) -> list[str]:
        """The product id of each row."""
        wanted = np.fromiter(rows, np.int64)
        if not len(wanted):
            return []
        blocks = np.searchsorted(self._block_starts, wanted, "right") - 1
        # The first row of a block begins at its start, the others where the row before ends.
        starts = np.where(wanted == self._block_starts[blocks], 0, self._id_ends[wanted - 1])
        spans = zip(blocks.tolist(), starts.tolist(), self._id_ends[wanted].tolist(), strict=True)
        return [self._blocks[block][1][start:end].decode() for block, start, end in spans]

    def source_span(self, row: int) -> tuple[int, int]:
        """(start, end) of a row's JSON in the sources file."""
        return (int(self._source_ends[row - 1]) if row else 0), int(self._source_ends[row])

    def source_sum(self, row: int) -> int:
        """CRC-32 of a row's JSON as it was written."""
        return int(self._source_sums[row])
