"""Whether a small form of a model still says what the model says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.errors import ConfigurationError

MIN_MEAN_COSINE = 0.98


@dataclass(frozen=True, slots=True)
class Parity:
    """Cosines between the vectors of the small form and those of the model, text by text.

    Args:
        mean: of the cosines; the one that decides.
        p1: their first percentile.
        lowest: the smallest of them.
        texts: how many there were.
    """

    mean: float
    p1: float
    lowest: float
    texts: int


def measure_parity(original: NDArray[np.float32], candidate: NDArray[np.float32]) -> Parity:
    """Compares two sets of unit vectors, float32 (n, dim), of the same texts in the same order."""
    cosines = np.einsum("nd,nd->n", original.astype(np.float64), candidate.astype(np.float64))
    return Parity(
        mean=float(cosines.mean()),
        p1=float(np.percentile(cosines, 1)),
        lowest=float(cosines.min()),
        texts=len(cosines),
    )


def require_parity(name: str, parity: Parity) -> None:
    """Refuses a small form that is too far from its model.

    Raises:
        ConfigurationError: the mean cosine is below `MIN_MEAN_COSINE` (or no number at all).
    """
    if not parity.mean >= MIN_MEAN_COSINE:
        raise ConfigurationError(
            f"the int8 form of {name!r} is too far from the model: mean cosine {parity.mean:.4f} over {parity.texts} "
            f"texts (1st percentile {parity.p1:.4f}, lowest {parity.lowest:.4f}), at least {MIN_MEAN_COSINE} is "
            f"wanted; open it with the backend 'torch', or take another model"
        )
