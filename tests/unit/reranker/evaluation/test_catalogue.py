from __future__ import annotations

from collections.abc import Sequence

import pytest

from reranker.errors import RankingError
from reranker.evaluation.catalogue import evaluate_catalogue, random_search
from reranker.evaluation.judgments import Judgments
from reranker.evaluation.protocols import DEPTH, MRR, NDCG
from reranker.evaluation.ranking import Scored

JUDGMENTS = Judgments({"red": {"a": 1, "b": 0}, "blue": {"c": 1}, "none": {"a": 0}}, lowest=0)
IDS = [f"{i}" for i in range(500)]


def perfect(query: str, k: int) -> Sequence[Scored]:
    assert k == DEPTH == 100
    return {"red": [("a", 2.0), ("b", 1.0)], "blue": [("c", 2.0)]}[query]


def test_each_system_is_asked_each_query_that_has_a_relevant_product() -> None:
    asked: list[str] = []
    steps: list[tuple[int, int]] = []

    def backwards(query: str, k: int) -> Sequence[Scored]:
        asked.append(query)
        return {"red": [("b", 2.0), ("a", 1.0)], "blue": []}[query]

    evaluation = evaluate_catalogue(
        JUDGMENTS,
        {"random": random_search(IDS), "bm25": backwards, "vector": perfect},
        progress=lambda done, total: steps.append((done, total)),
    )

    assert evaluation.queries == ("red", "blue")
    assert asked == ["red", "blue"]
    assert steps == [(i, 6) for i in range(1, 7)]
    assert evaluation.systems["vector"].mean(NDCG) == 1
    assert evaluation.systems["bm25"].values[MRR].tolist() == [0.5, 0]
    assert evaluation.bounds is None


def test_ties_are_not_broken_by_the_system() -> None:
    tied = [(str(i), 1.0) for i in range(20)]

    def forwards(query: str, k: int) -> Sequence[Scored]:
        return tied

    def backwards(query: str, k: int) -> Sequence[Scored]:
        return tied[::-1]

    systems = evaluate_catalogue(
        JUDGMENTS, {"random": random_search(IDS), "bm25": forwards, "reversed": backwards}
    ).systems

    assert systems["bm25"].ranking == systems["reversed"].ranking


@pytest.mark.parametrize(
    ("results", "says"),
    [
        ([(str(i), 0.0) for i in range(101)], "odd, query 'red': 101 results; wanted at most the 100"),
        ([("a", 1.0), ("b", 2.0)], r"odd, query 'red': product 'b' in place 2 scores 2\.0, more than"),
        ([("a", 1.0), ("a", 1.0)], "product 'a' stands twice"),
    ],
)
def test_what_is_no_ranking_is_refused(results: list[Scored], says: str) -> None:
    with pytest.raises(RankingError, match=says):
        evaluate_catalogue(JUDGMENTS, {"random": random_search(IDS), "bm25": perfect, "odd": lambda query, k: results})


def test_the_random_row_is_drawn_by_query_and_seed() -> None:
    first = random_search(IDS)("red", 100)

    assert first == random_search(IDS)("red", 100)
    assert len({product_id for product_id, _ in first}) == 100
    assert first != random_search(IDS)("blue", 100)
    assert first != random_search(IDS, seed=18)("red", 100)
    assert len(random_search(IDS[:3])("red", 100)) == 3
