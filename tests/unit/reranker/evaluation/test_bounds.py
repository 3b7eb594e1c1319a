from __future__ import annotations

from math import log2
from pathlib import Path

import pytest

from reranker.evaluation.bounds import Bounds, bounds, write_unjudged
from reranker.evaluation.judgments import Judgments
from reranker.evaluation.metrics import measure
from reranker.evaluation.protocols import CATALOGUE, JUDGED_ONLY, EvaluationProtocol
from reranker.evaluation.ranking import rank

JUDGMENTS = Judgments({"q": {"a": 2, "b": 1, "c": 0, "d": 0, "e": 0}}, lowest=0)


def bounds_of(protocol: EvaluationProtocol = CATALOGUE, **orders: str) -> Bounds | None:
    """`bounds_of(bm25="abc")`: of a system bm25 that answers q with a, b, c in this order."""
    rankings = {name: rank({"q": [(i, -float(place)) for place, i in enumerate(ids)]}) for name, ids in orders.items()}
    values = {name: measure(JUDGMENTS, ranking, protocol, ["q"]) for name, ranking in rankings.items()}
    return bounds(JUDGMENTS, rankings, values, protocol, ["q"])


def test_no_bounds_where_most_is_judged() -> None:
    assert bounds_of(random="uvwxy", bm25="abcdeuv", hybrid="abcdeuw") is None
    assert bounds_of(JUDGED_ONLY, random="abc", bm25="abc") is None


def test_little_that_is_judged_calls_for_bounds() -> None:
    found = bounds_of(random="abcde", bm25="abuv")

    assert found is not None
    assert found.reason == "judged@10 of bm25 is 0.50, below 0.6"


def test_a_gap_between_two_systems_calls_for_bounds() -> None:
    found = bounds_of(random="abcde", bm25="abcde", hybrid="abcdu")

    assert found is not None
    assert found.reason == "judged@10 of bm25 is 1.00, but 0.80 of hybrid, more than 0.1 apart"


def test_no_bounds_where_judged_at_10_is_low_only_for_want_of_results() -> None:
    assert bounds_of(random="abcde", bm25="abcde", hybrid="") is None


def test_bounds_by_hand() -> None:
    found = bounds_of(random="xyz", bm25="abcde", hybrid="uabcd")

    assert found is not None
    # Gains are 3, 1, 0, 0, 0, so the mean is .8, which u gets; with u the ideal is 3, 1, .8.
    ideal = 3 + 1 / log2(3)
    assert found.unjudged_as_zero == pytest.approx({"bm25": 1, "hybrid": (3 / log2(3) + 1 / 2) / ideal})
    ideal_with_u = ideal + 0.8 / 2
    assert found.unjudged_as_mean == pytest.approx(
        {"bm25": ideal / ideal_with_u, "hybrid": (0.8 + 3 / log2(3) + 1 / 2) / ideal_with_u}
    )
    assert found.unjudged == (("q", "u"),)


def test_only_the_top_10_are_to_be_judged_and_each_pair_once() -> None:
    found = bounds_of(random="abc", bm25="abcdeuvwxyz", hybrid="uabcd")

    assert found is not None
    assert [product_id for _, product_id in found.unjudged] == ["u", "v", "w", "x", "y"]


def test_the_file_of_unjudged_pairs_is_a_judgments_file_to_fill_in(tmp_path: Path) -> None:
    write_unjudged(tmp_path / "unjudged.csv", [("a, b", "1"), ("c", "2")])

    content = (tmp_path / "unjudged.csv").read_bytes()
    assert content == b'query,product_id,grade\r\n"a, b",1,\r\nc,2,\r\n'
