from __future__ import annotations

import numpy as np
import pytest

from reranker.errors import EvaluationError
from reranker.evaluation.intervals import RESAMPLES, Difference, difference, interval, resampled_means


def test_two_queries_give_the_three_means_they_can() -> None:
    means = resampled_means(np.array([[0.0], [1.0]]))[:, 0]

    shares = {float(value): float((means == value).mean()) for value in np.unique(means)}
    assert shares == pytest.approx({0.0: 0.25, 0.5: 0.5, 1.0: 0.25}, abs=0.02)
    assert len(means) == RESAMPLES
    assert (interval(means).lo, interval(means).hi) == (0, 1)


def test_the_interval_of_many_queries_is_the_normal_one() -> None:
    values = np.random.default_rng(1).uniform(size=400)

    found = interval(resampled_means(values[:, np.newaxis])[:, 0])

    standard_error = values.std() / np.sqrt(400)
    assert found.lo == pytest.approx(values.mean() - 1.96 * standard_error, abs=0.1 * standard_error)
    assert found.hi == pytest.approx(values.mean() + 1.96 * standard_error, abs=0.1 * standard_error)


def test_every_resample_draws_as_many_queries_as_there_are() -> None:
    assert (resampled_means(np.ones((7, 2))) == 1).all()


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.arange(5.0)[:, np.newaxis]

    assert (resampled_means(values) == resampled_means(values)).all()
    assert (resampled_means(values) != resampled_means(values, seed=18)).any()


def test_a_difference_is_paired() -> None:
    baseline = np.random.default_rng(2).uniform(size=50)
    columns = np.column_stack([baseline + 0.1, baseline])
    means = resampled_means(columns)

    against = difference(columns[:, 0], baseline, means[:, 0], means[:, 1])

    # Baseline and system vary widely from query to query, their difference not at all.
    assert (against.diff, against.lo, against.hi) == pytest.approx((0.1, 0.1, 0.1))
    assert against.mdd == pytest.approx(0, abs=1e-12)


def test_minimum_detectable_difference_by_hand() -> None:
    values, baseline = np.array([0.1, 0.3, 0.2, 0.2]), np.zeros(4)
    means = resampled_means(np.column_stack([values, baseline]))

    against = difference(values, baseline, means[:, 0], means[:, 1])

    # sd = √((.01 + .01 + 0 + 0) / 3) = .081650, and 2.8 · .081650 / √4 = .11431
    assert against.mdd == pytest.approx(0.11431, abs=1e-5)
    assert against.diff == pytest.approx(0.2)
    assert 0.1 <= against.lo < 0.2 < against.hi <= 0.3


@pytest.mark.parametrize(
    ("diff", "mdd", "shown"), [(0.02, 0.01, True), (-0.02, 0.01, True), (0.005, 0.01, False), (0.0, 0.0, False)]
)
def test_what_is_below_the_detectable_is_not_shown(diff: float, mdd: float, shown: bool) -> None:
    assert Difference(diff, diff, diff, mdd).shown is shown


def test_one_query_has_no_interval() -> None:
    with pytest.raises(EvaluationError, match=r"1 queries remain.*at least 2"):
        resampled_means(np.ones((1, 1)))
