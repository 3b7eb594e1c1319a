"""The vectors file: float16 rows that are at once the codes of faiss' float16 quantiser."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from indexer.engines.embedded.layout import check_length
from indexer.engines.embedded.rowlog import Chunk
from indexer.errors import CorruptionError


def read_codes(path: Path, dim: int, start: int, end: int) -> NDArray[np.float16]:
    """float16 (end - start, dim) of the vectors file.

    Raises:
        CorruptionError: the file is shorter than what was committed.
    """
    if start == end or dim == 0:
        return np.empty((0, dim), np.float16)
    check_length(path, end * dim * 2)
    return np.memmap(path, np.float16, "r", offset=start * dim * 2, shape=(end - start, dim))


def check_codes(path: Path, dim: int, chunks: Sequence[Chunk]) -> None:
    """Makes sure that the vectors of these commits are as they were written.

    Raises:
        CorruptionError: they are not, or the file is too short.
    """
    for chunk in chunks if dim else ():
        codes = read_codes(path, dim, chunk.first_row, chunk.first_row + len(chunk.changes))
        if zlib.crc32(np.ascontiguousarray(codes).data) != chunk.vector_sum:
            raise CorruptionError(
                f"{path} fails its checksum in the {len(codes)} vectors from number {chunk.first_row}: rebuild the "
                "index from the catalogue with `shelfwise indexes rebuild`"
            )


def as_bytes(codes: NDArray[np.float16]) -> NDArray[np.uint8]:
    """uint8 (n, 2 · dim), as faiss takes codes."""
    return np.ascontiguousarray(codes).view(np.uint8).reshape(len(codes), -1)


def flat_index(codes: NDArray[np.float16], dim: int) -> Any:
    """A faiss index that compares everything."""
    index = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    index.train(np.zeros((1, dim), np.float32))
    if len(codes):
        index.add_sa_codes(as_bytes(codes))
    return index
