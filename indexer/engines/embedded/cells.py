"""Cells: the vectors cut into neighbourhoods, so that a query need not be compared with all of them.

An inverted file (Jégou, Douze and Schmid, 2011) rather than a graph: catalogues are full of near duplicates, which cut
a graph into islands; a filter costs a cell nothing; and it is built in seconds. How many cells a query has to visit is
not guessed but measured on queries, against a full scan, when the cells are made. They are a cache that can be remade.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
import orjson
from numpy.typing import NDArray

from indexer.engines.embedded.codes import as_bytes, flat_index
from indexer.engines.embedded.layout import GenerationFiles
from indexer.files import disk_errors, write_atomically

RECALL = 0.99
"""Of the `_NEAREST` nearest, the share that visiting so many cells has to find."""

_ROWS_A_CELL = 100
_MAX_CELLS = 16_384
_SAMPLED_ROWS_A_CELL = 40
_ROUNDS = 8
_NEAREST = 100
_MAX_QUERIES = 100
_STEP = 20_000
_FILTER_EXPONENT = 0.35
"""Under a filter the nearest lie farther away: a share p of the rows needs about p^-0.35 times the cells."""


@dataclass(frozen=True)
class Cells:
    """Where each row belongs.

    Args:
        centroids: float32 (cells, dim), unit length.
        assigned: int32 (rows,), the cell of each of the first rows.
        visited: cells that a query without filter has to visit.
    """

    centroids: NDArray[np.float32]
    assigned: NDArray[np.int32]
    visited: int

    def visited_under(self, share: float) -> int:
        """How many cells to visit where a filter leaves this share of the rows."""
        return min(len(self.centroids), math.ceil(self.visited * math.pow(share, -_FILTER_EXPONENT)))


def make_cells(codes: NDArray[np.float16], queries: NDArray[np.float32] | None, threads: int) -> Cells:
    """Cuts vectors into cells and measures how many have to be visited.

    Args:
        codes: float16 (rows, dim).
        queries: float32 (n, dim), such as shoppers' queries; None takes mixtures of pairs of the vectors.
        threads: for the work.
    """
    draw = np.random.default_rng(0)
    rows = len(codes)
    count = min(_MAX_CELLS, 2 ** round(math.log2(max(2, rows / _ROWS_A_CELL))))
    sample = codes[np.sort(draw.permutation(rows)[: _SAMPLED_ROWS_A_CELL * count])].astype(np.float32)
    faiss.omp_set_num_threads(threads)
    try:
        centroids = _centroids(sample[(sample**2).sum(axis=1) > 0], count)
        cells = Cells(centroids, assign(codes, centroids), len(centroids))
        if queries is None or not len(queries):
            pairs = sample[draw.integers(len(sample), size=(_MAX_QUERIES, 2))].sum(axis=1)
            queries = pairs / np.maximum(np.linalg.norm(pairs, axis=1, keepdims=True), 1e-6)
        return Cells(centroids, cells.assigned, _measured(codes, cells, queries[:_MAX_QUERIES]))
    finally:
        faiss.omp_set_num_threads(1)


def assign(codes: NDArray[np.float16], centroids: NDArray[np.float32]) -> NDArray[np.int32]:
    """int32 (rows,): the nearest cell of each row."""
    nearest = _flat32(centroids)
    parts = [
        nearest.search(codes[start : start + _STEP].astype(np.float32), 1)[1][:, 0]
        for start in range(0, len(codes), _STEP)
    ]
    return np.concatenate([np.empty(0, np.int64), *parts]).astype(np.int32)


def celled_index(codes: NDArray[np.float16], cells: Cells) -> Any:
    """A faiss index over all rows of `codes`, which are all assigned. It keeps its centroids alive."""
    dim = codes.shape[1]
    quantizer = _flat32(cells.centroids)
    index = faiss.IndexIVFScalarQuantizer(
        quantizer, dim, len(cells.centroids), faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT, False
    )
    index.referenced_objects = [quantizer]
    index.is_trained = True
    order = np.argsort(cells.assigned, kind="stable").astype(np.int64)
    ends = np.searchsorted(cells.assigned[order], np.arange(len(cells.centroids)), "right")
    start = 0
    for cell, end in enumerate(ends.tolist()):
        if end > start:
            rows = np.ascontiguousarray(order[start:end])
            packed = as_bytes(codes[rows])
            index.invlists.add_entries(cell, end - start, faiss.swig_ptr(rows), faiss.swig_ptr(packed))
        start = end
    index.ntotal = len(codes)
    return index


def save_cells(files: GenerationFiles, cells: Cells) -> None:
    """Publishes the cells of a generation."""
    data = cells.centroids.tobytes() + cells.assigned.tobytes()
    with disk_errors(files.cells):
        write_atomically(files.cells, data)
    info = {"rows": len(cells.assigned), "cells": len(cells.centroids), "visited": cells.visited}
    write_atomically(files.cells_info, orjson.dumps({**info, "checksum": zlib.crc32(data)}))


def load_cells(files: GenerationFiles, dim: int, rows: int) -> Cells | None:
    """The published cells; None where there are none, they are not as they were written, or are of more than `rows`."""
    try:
        info = orjson.loads(files.cells_info.read_bytes())
        data = files.cells.read_bytes()
        split = 4 * dim * info["cells"]
        if zlib.crc32(data) != info["checksum"] or len(data) != split + 4 * info["rows"] or info["rows"] > rows:
            return None
        centroids = np.frombuffer(data[:split], np.float32).reshape(-1, dim)
        return Cells(centroids, np.frombuffer(data[split:], np.int32), int(info["visited"]))
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None


def _centroids(sample: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """About `count` centroids, in two levels: clusters, then the cells of each, since one level costs count² work."""
    top = round(math.sqrt(count))
    if len(sample) < 2 * top:
        return sample[: max(1, len(sample))]
    first = _kmeans(sample, top)
    owner = _flat32(first).search(sample, 1)[1][:, 0]
    parts = []
    for cluster in range(top):
        inside = sample[owner == cluster]
        share = round(count * len(inside) / len(sample))
        parts.append(_kmeans(inside, share) if 1 < share < len(inside) else first[cluster : cluster + 1])
    return np.ascontiguousarray(np.concatenate(parts))


def _kmeans(vectors: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    clustering = faiss.Kmeans(
        vectors.shape[1], count, niter=_ROUNDS, spherical=True, seed=1, min_points_per_centroid=1, verbose=False
    )
    clustering.train(np.ascontiguousarray(vectors))
    result: NDArray[np.float32] = clustering.centroids
    return result


def _measured(codes: NDArray[np.float16], cells: Cells, queries: NDArray[np.float32]) -> int:
    """The least number of cells, by steps of a quarter, that finds `RECALL` of the nearest by score."""
    exact, _ = flat_index(codes, codes.shape[1]).search(queries, min(_NEAREST, len(codes)))
    index = celled_index(codes, cells)
    visited, most = max(1, len(cells.centroids) // 64), len(cells.centroids)
    while visited < most:
        found, _ = index.search(queries, exact.shape[1], params=faiss.SearchParametersIVF(nprobe=visited))
        if float((found >= exact[:, -1:] - 1e-4).mean()) >= RECALL:
            return visited
        visited = max(visited + 1, visited * 5 // 4)
    return most


def _flat32(vectors: NDArray[np.float32]) -> Any:
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors))
    return index
