"""Cutting vectors, and giving them unit length again."""

from __future__ import annotations

import numpy as np

from indexer.encoders.vectors import places_of_texts, shortened, unit_rows


def test_rows_get_unit_length_and_zero_stays_zero() -> None:
    rows = unit_rows(np.array([[3, 4], [0, 0]], dtype=np.float32))
    assert np.allclose(rows, [[0.6, 0.8], [0, 0]])
    assert rows.dtype == np.float32


def test_a_cut_vector_has_unit_length_again() -> None:
    vectors = np.array([[0.36, 0.48, 0.8]], dtype=np.float32)
    assert np.allclose(shortened(vectors, 2), [[0.6, 0.8]])
    assert shortened(vectors, None) is vectors


def test_blank_texts_have_no_place() -> None:
    assert places_of_texts(["", "a", " \n", "b"]) == [1, 3]
