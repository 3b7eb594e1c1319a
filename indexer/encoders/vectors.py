"""What the vectors of every encoder have in common: blank texts are zero, all others have unit length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def places_of_texts(texts: Sequence[str]) -> list[int]:
    """Where `texts` has something to encode; everywhere else the vector stays zero."""
    return [place for place, text in enumerate(texts) if text.strip()]


def shortened(vectors: NDArray[np.float32], dim: int | None) -> NDArray[np.float32]:
    """Cuts each row of float32 (n, m) to its first `dim` numbers and gives it unit length again; None cuts nothing.

    Models that are trained for it keep most of their meaning in the first dimensions (Kusupati et al. 2022,
    Matryoshka Representation Learning).
    """
    return vectors if dim is None else unit_rows(np.ascontiguousarray(vectors[:, :dim]))


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scales each row of float32 (n, dim) to unit length; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: NDArray[np.float32] = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return result
