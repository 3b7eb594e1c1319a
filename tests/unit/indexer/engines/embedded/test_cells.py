"""Cells against a full scan, on vectors as catalogues have them: clusters full of near duplicates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.engines.embedded.cells import Cells, load_cells, make_cells, save_cells
from indexer.engines.embedded.codes import flat_index
from indexer.engines.embedded.layout import GenerationFiles
from indexer.engines.embedded.vectors import VectorSide

ROWS, DIM, K = 6_000, 16, 50


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def vectors() -> NDArray[np.float32]:
    """300 things, each twenty times over with next to no difference."""
    draw = np.random.default_rng(3)
    things = draw.normal(size=(300, DIM))
    return unit(np.repeat(things, ROWS // 300, axis=0) + draw.normal(scale=0.05, size=(ROWS, DIM)))


@pytest.fixture(scope="module")
def queries() -> NDArray[np.float32]:
    return unit(np.random.default_rng(4).normal(size=(200, DIM)))


@pytest.fixture(scope="module")
def cells(vectors: NDArray[np.float32], queries: NDArray[np.float32]) -> Cells:
    return make_cells(vectors.astype(np.float16), queries[:100], threads=1)


@pytest.mark.parametrize("share", [1.0, 0.3, 0.1, 0.05])
def test_the_nearest_are_found_also_under_filters(
    vectors: NDArray[np.float32],
    queries: NDArray[np.float32],
    cells: Cells,
    share: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("indexer.engines.embedded.vectors.SCAN_BELOW", 0)
    codes = vectors.astype(np.float16)
    allowed = np.random.default_rng(5).random(ROWS) < share
    side = VectorSide(flat_index(codes, DIM), cells, None, codes)
    shares = []
    for query in queries[100:]:
        found = side.nearest(query, K, -1.0, allowed, int(allowed.sum()))
        assert allowed[found.rows].all()
        exact = np.sort(codes[allowed].astype(np.float32) @ query)[-K]
        shares.append((found.cosines >= exact - 1e-3).mean())
    assert np.mean(shares) >= 0.97
    assert cells.visited < cells.index.nlist


def test_few_allowed_rows_are_picked_out(
    vectors: NDArray[np.float32], queries: NDArray[np.float32], cells: Cells
) -> None:
    codes = vectors.astype(np.float16)
    side = VectorSide(flat_index(codes, DIM), cells, None, codes)
    allowed = np.zeros(ROWS, np.bool_)
    allowed[[7, 4_000, 5_999]] = True
    found = side.nearest(queries[0], K, -1.0, allowed, 3)
    cosines = codes[[7, 4_000, 5_999]].astype(np.float32) @ queries[0]
    assert found.rows.tolist() == [[7, 4_000, 5_999][place] for place in np.argsort(-cosines)]


@pytest.mark.parametrize(("visited", "candidates"), [(1, 600), (1_000, K)])
def test_one_cell_or_codes_alone_would_lose_neighbours(
    vectors: NDArray[np.float32], queries: NDArray[np.float32], cells: Cells, visited: int, candidates: int
) -> None:
    """What the measurement of visits and candidates is there for."""
    codes = vectors.astype(np.float16)
    less = Cells(cells.index, visited, candidates)
    found, _ = less.refined_by(flat_index(codes, DIM)).search(queries[100:], K, params=less.parameters(K, visited))
    exact = np.sort(queries[100:] @ codes.astype(np.float32).T, axis=1)[:, -K]
    assert (found >= exact[:, None] - 1e-3).mean() < 0.9


def test_rows_that_came_later_join_the_cells(vectors: NDArray[np.float32], queries: NDArray[np.float32]) -> None:
    codes = vectors.astype(np.float16)
    cells = make_cells(codes[:5_000], queries[:100], threads=1)
    cells.grow(codes[5_000:])
    everything = np.ones(ROWS, np.bool_)
    side = VectorSide(flat_index(codes, DIM), cells, None, codes)
    found = side.nearest(vectors[5_990], K, -1.0, everything, ROWS)
    assert found.rows[0] == 5_990


def test_vectors_of_an_odd_length_have_cells_too() -> None:
    vectors = unit(np.random.default_rng(6).normal(size=(2_000, 15)))
    cells = make_cells(vectors.astype(np.float16), None, threads=1)
    assert (cells.rows, cells.index.d) == (2_000, 15)


def test_cells_are_kept_whole_or_not_at_all(tmp_path: Path, cells: Cells) -> None:
    files = GenerationFiles(tmp_path)
    save_cells(files, cells)
    kept = load_cells(files, DIM, ROWS)
    assert kept is not None
    assert (kept.rows, kept.visited, kept.candidates) == (ROWS, cells.visited, cells.candidates)
    assert load_cells(files, DIM, ROWS - 1) is None
    assert load_cells(files, DIM + 2, ROWS) is None
    files.cells.write_bytes(files.cells.read_bytes()[:-1])
    assert load_cells(files, DIM, ROWS) is None
