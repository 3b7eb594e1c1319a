from __future__ import annotations

import math
from itertools import permutations

import pytest

from reranker.errors import RankingError
from reranker.evaluation.ranking import rank, seeded_hash


def test_by_score_and_ranks_without_ties() -> None:
    ranking = rank({"q": [("low", 0.1), ("high", 0.9), ("mid", 0.5)]})

    assert ranking.top("q", 2) == ("high", "mid")
    assert ranking.ranks("q") == {"high": 3, "mid": 2, "low": 1}
    assert ranking.top("unknown", 2) == ()
    assert ranking.ranks("unknown") == {}


def test_ties_do_not_depend_on_input_order() -> None:
    results = [("a", 1.0), ("b", 1.0), ("c", 1.0), ("d", 2.0)]

    orders = {rank({"q": order}).top("q", 4) for order in permutations(results)}

    assert len(orders) == 1
    assert orders.pop()[0] == "d"


def test_ties_depend_on_query_and_seed() -> None:
    results = [(str(i), 1.0) for i in range(20)]
    by_query = rank({"q": results, "r": results})

    assert by_query.top("q", 20) != by_query.top("r", 20)
    assert by_query.top("q", 20) != rank({"q": results}, seed=18).top("q", 20)


def test_the_hash_is_the_same_in_every_process_and_release() -> None:
    assert seeded_hash(17, "query", "id") == 2018563226472293787
    assert seeded_hash(17, "que", "ryid") != seeded_hash(17, "query", "id")


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_number_is_refused(score: float) -> None:
    with pytest.raises(RankingError, match=r"query 'q': product 'a' has score .*; wanted a finite number"):
        rank({"q": [("a", score)]})


def test_a_product_that_stands_twice_is_refused() -> None:
    with pytest.raises(RankingError, match="query 'q': product 'a' stands twice"):
        rank({"q": [("a", 2.0), ("a", 1.0)]})
