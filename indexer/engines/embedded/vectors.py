"""The vector side of a snapshot: exact scans in float16, and an HNSW graph where there are many rows.

Rows of the vectors file are the codes of faiss' float16 quantiser as they stand, so that the scan index is filled by
one copy. The graph (Malkov and Yashunin, 2018) covers the first rows of the file and is only a cache; later rows are
scanned. A selective filter makes graphs lose neighbours silently, so below `SCAN_BELOW` allowed rows everything is
scanned, which is exact.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import orjson
from numpy.typing import NDArray

from indexer.engines.embedded.layout import GenerationFiles, check_length
from indexer.engines.embedded.rowlog import Chunk
from indexer.errors import CorruptionError
from indexer.files import disk_errors, write_atomically

SCAN_BELOW = 30_000
"""Allowed rows below which scanning is both exact and no slower than the graph."""
GRAPH_FROM = 50_000
"""Rows from which a graph is worth its memory and the time to build it."""
MAX_TAIL = 20_000
"""Scanned rows behind the base from which on a reader makes a new base."""

_LINKS = 16
_EF_CONSTRUCTION = 100
_EF_SEARCH = 400


@dataclass(frozen=True, slots=True)
class Neighbours:
    """rows: int64 (k,), nearest first; cosines: float32 (k,)."""

    rows: NDArray[np.int64]
    cosines: NDArray[np.float32]


class VectorSide:
    """The vectors of the first `rows` rows. Immutable; `extended` gives the next one and shares the base.

    Args:
        base: a faiss index that is scanned.
        graph: over the rows of `base`, None where there is none. Its storage is `base`, to which faiss keeps a bare
            pointer: both must live as long as the other.
        tail: a faiss index of the rows behind `base`, None where there are none.
        rows: of both.
    """

    def __init__(self, base: Any, graph: Any, tail: Any, rows: int) -> None:
        self._base = base
        self._base_rows = base.ntotal
        self._graph = graph
        self._tail = tail
        self.rows = rows

    @classmethod
    def open(cls, files: GenerationFiles, dim: int, rows: int, chunks: Sequence[Chunk]) -> VectorSide:
        """Reads the vectors of the first `rows` rows and the graph, where there is one that fits.

        Args:
            chunks: the commits whose vectors are checked.

        Raises:
            CorruptionError: they are not as they were written.
        """
        check_codes(files.vectors, dim, chunks)
        faiss.omp_set_num_threads(1)
        storage = _scan_index(dim)
        _add_codes(storage, read_codes(files.vectors, dim, 0, rows))
        graph = _read_graph(files, rows)
        if graph is None:
            return cls(storage, None, None, rows)
        covered = graph.ntotal
        if covered < rows:
            tail = _scan_index(dim)
            _add_codes(tail, read_codes(files.vectors, dim, covered, rows))
            storage = _scan_index(dim)
            _add_codes(storage, read_codes(files.vectors, dim, 0, covered))
        else:
            tail = None
        graph.storage = storage
        graph.own_fields = False
        return cls(storage, graph, tail, rows)

    def extended(self, files: GenerationFiles, dim: int, rows: int, chunks: Sequence[Chunk]) -> VectorSide:
        """The side after more rows were committed, in these chunks; see `open`."""
        if rows - self._base_rows > MAX_TAIL:
            return VectorSide.open(files, dim, rows, chunks)
        check_codes(files.vectors, dim, chunks)
        tail = _scan_index(dim)
        _add_codes(tail, read_codes(files.vectors, dim, self._base_rows, rows))
        return VectorSide(self._base, self._graph, tail, rows)

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
        found = [self._search_base(query, k, allowed[: self._base_rows], allowed_count)]
        if self._tail is not None:
            cosines, rows = _scan(self._tail, query, k, allowed[self._base_rows :])
            found.append((cosines, np.where(rows >= 0, rows + self._base_rows, rows)))
        cosines = np.concatenate([part[0] for part in found])
        rows = np.concatenate([part[1] for part in found])
        keep = (rows >= 0) & (cosines >= min_cosine)
        cosines, rows = cosines[keep], rows[keep]
        nearest = np.lexsort((rows, -cosines))[:k]
        return Neighbours(rows[nearest], cosines[nearest])

    def _search_base(
        self, query: NDArray[np.float32], k: int, allowed: NDArray[np.bool_], allowed_count: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        if self._graph is None or allowed_count < SCAN_BELOW:
            return _scan(self._base, query, k, allowed)
        bits = np.packbits(allowed, bitorder="little")
        parameters = faiss.SearchParametersHNSW(efSearch=max(_EF_SEARCH, 2 * k), sel=faiss.IDSelectorBitmap(bits))
        cosines, rows = self._graph.search(query, k, params=parameters)
        return cosines[0], rows[0]


def _scan(
    index: Any, query: NDArray[np.float32], k: int, allowed: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    if index.ntotal == 0:
        return np.empty(0, np.float32), np.empty(0, np.int64)
    bits = np.packbits(allowed, bitorder="little")
    parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
    cosines, rows = index.search(query, k, params=parameters)
    return cosines[0], rows[0]


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


def build_graph(files: GenerationFiles, dim: int, rows: int, threads: int) -> None:
    """Builds the graph over the first `rows` rows and publishes it; the vectors themselves are not written again."""
    faiss.omp_set_num_threads(threads)
    try:
        graph = faiss.IndexHNSWSQ(dim, faiss.ScalarQuantizer.QT_fp16, _LINKS, faiss.METRIC_INNER_PRODUCT)
        graph.hnsw.efConstruction = _EF_CONSTRUCTION
        graph.train(np.zeros((1, dim), np.float32))
        step = 10_000
        for start in range(0, rows, step):
            graph.add(read_codes(files.vectors, dim, start, min(rows, start + step)).astype(np.float32))
    finally:
        faiss.omp_set_num_threads(1)
    beside = files.graph.with_name(f".{files.graph.name}.{os.getpid()}")
    with disk_errors(files.graph):
        faiss.write_index(graph, str(beside), faiss.IO_FLAG_SKIP_STORAGE)
        checksum = _checksum(beside)
        with open(beside, "rb") as file:
            os.fsync(file.fileno())
        os.replace(beside, files.graph)
    write_atomically(files.graph_info, orjson.dumps({"rows": rows, "checksum": checksum}))


def graph_rows(files: GenerationFiles) -> int:
    """How many rows the published graph covers; 0 where there is none, or it is not as it was written."""
    try:
        info = orjson.loads(files.graph_info.read_bytes())
        # faiss trusts what it maps: a damaged link would lead it outside the graph.
        return int(info["rows"]) if _checksum(files.graph) == info["checksum"] else 0
    except (OSError, orjson.JSONDecodeError, KeyError):
        return 0


def _checksum(path: Path) -> int:
    checksum = 0
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            checksum = zlib.crc32(block, checksum)
    return checksum


def _read_graph(files: GenerationFiles, rows: int) -> Any:
    covered = graph_rows(files)
    if not 0 < covered <= rows:
        return None
    # The graph is a cache: one that cannot be read is as good as none, and the next build replaces it.
    try:
        graph = faiss.read_index(str(files.graph), faiss.IO_FLAG_MMAP)
    except RuntimeError:
        return None
    return graph if graph.ntotal == covered else None


def _scan_index(dim: int) -> Any:
    index = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    index.train(np.zeros((1, dim), np.float32))
    return index


def _add_codes(index: Any, codes: NDArray[np.float16]) -> None:
    if len(codes):
        index.add_sa_codes(np.ascontiguousarray(codes).view(np.uint8).reshape(len(codes), -1))
