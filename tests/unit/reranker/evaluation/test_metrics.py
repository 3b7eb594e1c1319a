from __future__ import annotations

from math import log2

import numpy as np
import pytest

from reranker.errors import EvaluationError
from reranker.evaluation.judgments import Judgments
from reranker.evaluation.metrics import gains, measure
from reranker.evaluation.protocols import CATALOGUE, CONDENSED, JUDGED, JUDGED_ONLY, MRR, NDCG, RECALL, Gain
from reranker.evaluation.ranking import Ranking, rank


def in_order(**orders: str) -> Ranking:
    """`in_order(q="abc")`: for the query q the products a, b, c in this order."""
    return rank({query: [(i, -float(place)) for place, i in enumerate(ids)] for query, ids in orders.items()})


def test_catalogue_ndcg_by_hand() -> None:
    judgments = Judgments({"q": {"a": 3, "b": 2, "c": 0}}, lowest=0)

    values = measure(judgments, in_order(q="cab"), CATALOGUE, ["q"])

    # Gains are 7, 3, 0, discounts 1, 1 / log2(3), 1 / 2.
    expected = (0 + 7 / log2(3) + 3 / 2) / (7 + 3 / log2(3))
    assert expected == pytest.approx(0.66532, abs=1e-5)
    assert values[NDCG] == pytest.approx([expected])
    assert values[NDCG].dtype == np.float64


def test_judged_ndcg_is_linear_above_the_lowest_grade() -> None:
    judgments = Judgments({"q": {"a": 3, "b": 2, "c": 1}}, lowest=1)

    values = measure(judgments, in_order(q="cab"), JUDGED_ONLY, ["q"])

    expected = (0 + 2 / log2(3) + 1 / 2) / (2 + 1 / log2(3))
    assert expected == pytest.approx(0.66967, abs=1e-5)
    assert list(values) == [NDCG]
    assert values[NDCG] == pytest.approx([expected])


def test_a_grade_between_two_counts_between_them() -> None:
    judgments = Judgments({"q": {"a": 3, "b": 2.33, "c": 1}}, lowest=1)

    value = measure(judgments, in_order(q="bac"), JUDGED_ONLY, ["q"])[NDCG]

    assert value == pytest.approx([(1.33 + 2 / log2(3)) / (2 + 1.33 / log2(3))])


def test_unjudged_products_count_zero_or_not_at_all() -> None:
    judgments = Judgments({"q": {"a": 3, "b": 2, "c": 0}}, lowest=0)

    values = measure(judgments, in_order(q="uab"), CATALOGUE, ["q"])

    assert values[NDCG] == pytest.approx([(7 / log2(3) + 3 / 2) / (7 + 3 / log2(3))])
    assert values[CONDENSED] == pytest.approx([1])
    assert values[JUDGED] == pytest.approx([2 / 3])


def test_recall_and_mrr_count_what_is_above_the_lowest_grade() -> None:
    judgments = Judgments({"q": {"a": 1, "b": 1.33, "c": 3, "d": 2}}, lowest=1)

    values = measure(judgments, in_order(q="abuc"), CATALOGUE, ["q"])

    assert values[RECALL] == pytest.approx([2 / 3])  # b and c of b, c and d
    assert values[MRR] == pytest.approx([1 / 2])  # a, in place 1, has the lowest grade


def test_cut_offs_are_10_and_100() -> None:
    ids = [f"u{i}" for i in range(10)] + ["late"] + [f"v{i}" for i in range(89)] + ["too late"]
    judgments = Judgments({"q": {"late": 1, "too late": 1, "bad": 0}}, lowest=0)
    ranking = rank({"q": [(i, -float(place)) for place, i in enumerate(ids)]})

    values = measure(judgments, ranking, CATALOGUE, ["q"])

    assert (values[NDCG], values[MRR], values[JUDGED]) == (0, 0, 0)
    assert values[RECALL] == pytest.approx([1 / 2])
    assert values[CONDENSED] == pytest.approx([1])


def test_values_follow_the_order_of_the_queries_and_no_results_count_0() -> None:
    judgments = Judgments({q: {"a": 1, "b": 0} for q in ("none", "missing", "right", "wrong")}, lowest=0)
    ranking = in_order(wrong="ba", right="ab", none="")

    for values in measure(judgments, ranking, CATALOGUE, ["wrong", "none", "right", "missing"]).values():
        assert values[1] == values[3] == 0
    assert measure(judgments, ranking, CATALOGUE, ["wrong", "none", "right", "missing"])[MRR].tolist() == [0.5, 0, 1, 0]


def test_gains_of_both_kinds() -> None:
    judgments = Judgments({"q": {"a": 0, "b": 1, "c": 2, "d": 3, "e": 1.5}}, lowest=0)

    assert gains(judgments, Gain.EXPONENTIAL) == {0: 0, 100: 100, 200: 300, 300: 700, 150: 183}
    assert gains(judgments, Gain.LINEAR) == {0: 0, 100: 100, 200: 200, 300: 300, 150: 150}


def test_a_scale_too_wide_for_exponential_gains_is_refused() -> None:
    judgments = Judgments({"q": {"a": 100, "b": 0}}, lowest=0)

    with pytest.raises(EvaluationError, match=r"grades reach 100 above the lowest.*rescale"):
        gains(judgments, Gain.EXPONENTIAL)
    assert gains(judgments, Gain.LINEAR) == {10000: 10000, 0: 0}
