"""Cells: the vectors cut into neighbourhoods, so that a query need not be compared with all of them.

An inverted file (Jégou, Douze and Schmid, 2011) rather than a graph: catalogues are full of near duplicates, which cut
a graph into islands; a filter costs a cell nothing; and it is built in seconds. Within the cells a query is compared
with short codes first (product quantisation; André, Kermarrec and Le Scouarnec, 2015, for the layout that is scanned
fast), and the best of these with the vectors themselves. How many cells and how many candidates that takes is not
guessed but measured on queries, against a full scan, when the cells are made. They are a cache that can be remade.
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

from indexer.engines.embedded.codes import flat_index
from indexer.engines.embedded.layout import GenerationFiles
from indexer.files import disk_errors, write_atomically

RECALL = 0.99
"""Of the `_NEAREST` nearest, the share that visiting so many cells has to find."""

_ROWS_A_CELL = 100
_MAX_CELLS = 16_384
_SAMPLED_ROWS_A_CELL = 40
_ROUNDS = 8
_CODE_BITS = 4
_NEAREST = 100
_CANDIDATES = (600, 1_200, 2_400, 4_800)
_MAX_QUERIES = 100
_STEP = 20_000
_FILTER_EXPONENT = 0.35
"""Under a filter the nearest lie farther away: a share p of the rows needs about p^-0.35 times the cells."""


@dataclass(frozen=True)
class Cells:
    """What is searched before the vectors themselves are.

    Args:
        index: a faiss inverted file over the first rows.
        visited: cells that a query without filter has to visit.
        candidates: so many of its best are compared with the vectors themselves.
    """

    index: Any
    visited: int
    candidates: int

    @property
    def rows(self) -> int:
        """How many it has."""
        rows: int = self.index.ntotal
        return rows

    def visited_under(self, share: float) -> int:
        """How many cells to visit where a filter leaves this share of the rows."""
        most: int = self.index.nlist
        return min(most, math.ceil(self.visited * math.pow(share, -_FILTER_EXPONENT)))

    def grow(self, codes: NDArray[np.float16]) -> None:
        """Adds the rows that follow."""
        for start in range(0, len(codes), _STEP):
            self.index.add(codes[start : start + _STEP].astype(np.float32))

    def refined_by(self, flat: Any) -> Any:
        """The faiss index that compares the candidates with the vectors, `flat`, which has the same rows."""
        refined = faiss.IndexRefine(self.index, flat)
        refined.referenced_objects = [self.index, flat]
        return refined

    def parameters(self, k: int, visited: int, allowed: Any = None) -> Any:
        """How to search what `refined_by` gives.

        Args:
            allowed: a faiss selector of rows, None for all.
        """
        within = faiss.SearchParametersIVF(nprobe=visited, sel=allowed)
        return faiss.IndexRefineSearchParameters(k_factor=max(1.0, self.candidates / k), base_index_params=within)


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
    sample = sample[(sample**2).sum(axis=1) > 0]
    faiss.omp_set_num_threads(threads)
    try:
        cells = Cells(_trained(sample, count), 0, 0)
        cells.grow(codes)
        if queries is None or not len(queries):
            pairs = sample[draw.integers(len(sample), size=(_MAX_QUERIES, 2))].sum(axis=1)
            queries = pairs / np.maximum(np.linalg.norm(pairs, axis=1, keepdims=True), 1e-6)
        return _measured(codes, cells.index, queries[:_MAX_QUERIES])
    finally:
        faiss.omp_set_num_threads(1)


def save_cells(files: GenerationFiles, cells: Cells) -> None:
    """Publishes the cells of a generation."""
    data = faiss.serialize_index(cells.index).tobytes()
    with disk_errors(files.cells):
        write_atomically(files.cells, data)
    info = {"rows": cells.rows, "visited": cells.visited, "candidates": cells.candidates}
    write_atomically(files.cells_info, orjson.dumps({**info, "checksum": zlib.crc32(data)}))


def load_cells(files: GenerationFiles, dim: int, rows: int) -> Cells | None:
    """The published cells; None where there are none, they are not as they were written, or are of more than `rows`."""
    try:
        info = orjson.loads(files.cells_info.read_bytes())
        if info["rows"] > rows:
            return None
        data = np.fromfile(files.cells, np.uint8)
        if zlib.crc32(data.data) != info["checksum"]:
            return None
        index = faiss.deserialize_index(data)
        if index.d != dim or index.ntotal != info["rows"]:
            return None
        return Cells(index, int(info["visited"]), int(info["candidates"]))
    # What another release of faiss wrote makes it raise a RuntimeError.
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError, RuntimeError):
        return None


def _trained(sample: NDArray[np.float32], count: int) -> Any:
    """An empty faiss index of about `count` cells; a code has half a byte for each two dimensions."""
    dim = sample.shape[1]
    centroids = _centroids(sample, count)
    quantizer = _flat32(centroids)
    parts = dim // 2 if dim % 2 == 0 else dim
    index = faiss.IndexIVFPQFastScan(quantizer, dim, len(centroids), parts, _CODE_BITS, faiss.METRIC_INNER_PRODUCT)
    index.referenced_objects = [quantizer]
    # Differences from the centroid are what is left to tell apart.
    index.by_residual = True
    index.train(sample)
    return index


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


def _measured(codes: NDArray[np.float16], index: Any, queries: NDArray[np.float32]) -> Cells:
    """The least number of candidates, then of cells, by steps of a quarter, that finds `RECALL` by score."""
    flat = flat_index(codes, codes.shape[1])
    exact, _ = flat.search(queries, min(_NEAREST, len(codes)))

    def recall(cells: Cells) -> float:
        k = exact.shape[1]
        found, _ = cells.refined_by(flat).search(queries, k, params=cells.parameters(k, cells.visited))
        return float((found >= exact[:, -1:] - 1e-4).mean())

    most = index.nlist
    enough = (1 + RECALL) / 2
    candidates = next((count for count in _CANDIDATES if recall(Cells(index, most, count)) >= enough), _CANDIDATES[-1])
    visited = max(1, most // 64)
    while visited < most and recall(Cells(index, visited, candidates)) < RECALL:
        visited = min(most, max(visited + 1, visited * 5 // 4))
    return Cells(index, visited, candidates)


def _flat32(vectors: NDArray[np.float32]) -> Any:
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors))
    return index
