"""The products' JSON of a snapshot, each checked as it is read."""

from __future__ import annotations

import os
import weakref
import zlib
from pathlib import Path

import numpy as np

from indexer.engines.embedded.layout import check_length
from indexer.engines.embedded.rows import Rows
from indexer.errors import CorruptionError


class Sources:
    """What is committed of the sources file.

    Args:
        path: of the file.
        size: bytes that are committed.
        rows: where each product's JSON lies, and its checksum.

    Raises:
        CorruptionError: the file is shorter.
    """

    def __init__(self, path: Path, size: int, rows: Rows) -> None:
        self._path = path
        self._rows = rows
        check_length(path, size)
        # Read, not mapped: of a large file every page that was ever shown would stay in memory. The file stays open,
        # since a generation may be removed while its last readers answer.
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC) if size else -1
        if size:
            weakref.finalize(self, os.close, self._descriptor)

    def read(self, row: int) -> bytes:
        """The JSON of a row.

        Raises:
            CorruptionError: it is not as it was written.
        """
        source, sound = self._checked(row)
        if not sound:
            raise CorruptionError(
                f"{self._path} fails its checksum at the product {self._rows.ids([row])[0]!r}: rebuild the index from "
                "the catalogue with `shelfwise indexes rebuild`"
            )
        return source

    def damaged(self) -> list[int]:
        """The live rows whose JSON is not as it was written."""
        return [row for row in np.flatnonzero(self._rows.live).tolist() if not self._checked(row)[1]]

    def _checked(self, row: int) -> tuple[bytes, bool]:
        start, end = self._rows.source_span(row)
        source = os.pread(self._descriptor, end - start, start) if end > start else b""
        return source, zlib.crc32(source) == self._rows.source_sum(row)
