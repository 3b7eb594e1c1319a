"""How sure a mean and a difference are: bootstrap intervals by query, and what these queries could show at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reranker.errors import EvaluationError
from reranker.evaluation.ranking import SEED

RESAMPLES = 10_000
_CHUNK = 200
_TAILS = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Interval:
    """The middle 95 % of the resampled means."""

    lo: float
    hi: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A system's mean less the baseline's, over the same queries.

    Args:
        diff: the difference of the means.
        lo: lower end of its paired bootstrap 95 % interval.
        hi: upper end.
        mdd: minimum detectable difference: what these queries show four times in five when it is there.
    """

    diff: float
    lo: float
    hi: float
    mdd: float

    @property
    def shown(self) -> bool:
        """Whether it is large enough to be shown by these queries; if not, it may still be there."""
        return self.diff != 0 and abs(self.diff) >= self.mdd


def resampled_means(values: NDArray[np.float64], seed: int = SEED) -> NDArray[np.float64]:
    """Means over queries drawn with replacement, all columns by the same draws, so that their differences are paired.

    Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13 (percentile intervals).

    Args:
        values: float64 (queries, columns).
        seed: of the draws.

    Returns:
        float64 (RESAMPLES, columns).

    Raises:
        EvaluationError: fewer than 2 queries.
    """
    n, columns = values.shape
    if n < 2:
        raise EvaluationError(f"{n} queries remain to be measured; an interval needs at least 2: judge more queries")
    generator = np.random.default_rng(seed)
    means = np.empty((RESAMPLES, columns))
    offsets = np.arange(_CHUNK)[:, np.newaxis] * n
    for start in range(0, RESAMPLES, _CHUNK):
        drawn = generator.integers(0, n, size=(_CHUNK, n)) + offsets
        counts = np.bincount(drawn.ravel(), minlength=_CHUNK * n).reshape(_CHUNK, n)
        means[start : start + _CHUNK] = counts @ values / n
    return means


def interval(means: NDArray[np.float64]) -> Interval:
    """The 95 % interval of one column of resampled means, float64 (RESAMPLES,)."""
    lo, hi = np.percentile(means, _TAILS)
    return Interval(float(lo), float(hi))


def difference(
    values: NDArray[np.float64],
    baseline: NDArray[np.float64],
    means: NDArray[np.float64],
    baseline_means: NDArray[np.float64],
) -> Difference:
    """A system against a baseline.

    The minimum detectable difference is 2.8 · sd / √n of the paired differences: 1.96 for the two-sided 5 % test and
    0.84 for a power of 80 % (Cohen, "Statistical Power Analysis for the Behavioral Sciences", 1988).

    Args:
        values: of the system by query, float64 (n,), n ≥ 2.
        baseline: of the baseline, the same queries in the same order.
        means: the system's column of `resampled_means`.
        baseline_means: the baseline's column of the same call.
    """
    differences = values - baseline
    mdd = 2.8 * differences.std(ddof=1) / np.sqrt(len(differences))
    ends = interval(means - baseline_means)
    return Difference(float(differences.mean()), ends.lo, ends.hi, float(mdd))
