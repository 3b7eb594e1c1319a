from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from reranker.errors import EvaluationError, RankingError
from reranker.evaluation.judged_only import Scores, evaluate_judged, z_score_sum
from reranker.evaluation.judgments import Item, Judgments
from reranker.evaluation.protocols import NDCG

COLOURS = ("red", "blue", "green", "black", "white", "pink", "grey", "brown")


def judgments_by_colour(queries: Sequence[str] = ("red shoes", "blue shoes")) -> Judgments:
    """Eight shoes, one of each colour, and another titled like the red one; the colour asked for is right."""
    items = {colour: Item(f"{colour} shoe") for colour in COLOURS} | {"second red": Item("red shoe")}
    grades = {query: {i: 3.0 if i == query.split()[0] else 1.0 for i in items} for query in queries}
    return Judgments({**grades, "few": {"red": 3.0, "blue": 1.0}}, lowest=1, items=items)


class ColourEncoder:
    """Texts → one dimension for each colour; keeps what it was asked."""

    def __init__(self) -> None:
        self.documents: list[str] = []
        self.queries: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.queries.extend(texts)
        return self._vectors(texts)

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.documents.extend(texts)
        return self._vectors(texts)

    def _vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[colour in text.split() for colour in COLOURS] for text in texts], dtype=np.float32)


def test_only_queries_with_8_judgments_are_measured_and_only_ndcg() -> None:
    evaluation = evaluate_judged(judgments_by_colour())

    assert list(evaluation.systems) == ["random", "bm25"]
    assert evaluation.queries == ("red shoes", "blue shoes")
    assert evaluation.left_out == {"fewer than 8 judgments": 1}
    assert list(evaluation.systems["bm25"].values) == [NDCG]
    assert evaluation.systems["bm25"].values[NDCG][1] == 1
    # Among the two that are titled "red shoe", one is judged worthless: BM25 cannot tell them apart.
    assert set(evaluation.systems["bm25"].ranking.top("red shoes", 2)) == {"red", "second red"}


def test_each_distinct_text_is_encoded_once() -> None:
    encoder, steps = ColourEncoder(), list[tuple[int, int]]()

    evaluation = evaluate_judged(
        judgments_by_colour(), encoder=encoder, progress=lambda done, total: steps.append((done, total))
    )

    assert list(evaluation.systems) == ["random", "bm25", "vector", "hybrid"]
    assert sorted(encoder.documents) == sorted(f"{colour} shoe" for colour in COLOURS)
    assert encoder.queries == ["red shoes", "blue shoes"]
    assert steps == [(8, 10), (10, 10)]
    assert evaluation.systems["vector"].values[NDCG][1] == 1


def test_fusion_and_scorers_are_the_callers() -> None:
    seen: list[str] = []

    def worst_first(query: str, items: Sequence[str]) -> Scores:
        seen.extend(items)
        return np.array([-1.0 if query.split()[0] in text else 0.0 for text in items])

    def only_cosines_negated(bm25: Scores, cosines: Scores) -> Scores:
        assert bm25.shape == cosines.shape == (9,)
        return -cosines

    evaluation = evaluate_judged(
        judgments_by_colour(), encoder=ColourEncoder(), fuse=only_cosines_negated, scorers={"odd": worst_first}
    )

    assert evaluation.systems["hybrid"].values[NDCG][1] == pytest.approx(1 / np.log2(10))  # place 9 of 9
    assert evaluation.systems["odd"].values[NDCG][1] == pytest.approx(1 / np.log2(10))
    assert seen[:2] == ["red shoe", "blue shoe"]


def test_idf_comes_from_all_items_of_the_file() -> None:
    """Among the query's own items both words are equally rare; in the whole file "felt" is frequent."""
    items = {"felt": Item("felt"), "hat": Item("hat")} | {f"{i}": Item("other") for i in range(6)}
    more = {f"more {i}": Item("felt") for i in range(5)}
    judged = {i: float(i == "hat") for i in items}
    judgments = Judgments(
        {"felt hat": judged, "hat felt": judged, "few": dict.fromkeys(more, 1.0)}, lowest=0, items=items | more
    )

    assert evaluate_judged(judgments).systems["bm25"].ranking.top("felt hat", 2) == ("hat", "felt")


def test_random_is_a_draw_of_its_own_that_repeats() -> None:
    judgments = judgments_by_colour(tuple(f"{colour} shoes" for colour in COLOURS))

    once, again = (evaluate_judged(judgments).systems["random"] for _ in range(2))

    assert once.ranking == again.ranking
    assert once.ranking != evaluate_judged(judgments, seed=18).systems["random"].ranking
    assert len({once.ranking.top(query, 9) for query in judgments.select(8).queries}) == len(COLOURS)


def test_z_score_sum_by_hand() -> None:
    first, second = np.array([0.0, 2.0, 4.0]), np.array([5.0, 5.0, 5.0])

    # Mean 2, standard deviation √(8 / 3); the second side says nothing.
    assert z_score_sum(first, second) == pytest.approx([-1.224745, 0, 1.224745], abs=1e-6)
    assert z_score_sum(first, first[::-1].copy()) == pytest.approx([0, 0, 0])


def test_scorers_are_checked() -> None:
    with pytest.raises(RankingError, match=r"short, query 'red shoes': scores of shape \(1,\); wanted \(9,\)"):
        evaluate_judged(judgments_by_colour(), scorers={"short": lambda query, items: np.zeros(1)})
    with pytest.raises(RankingError, match="has score nan"):
        evaluate_judged(judgments_by_colour(), scorers={"nan": lambda query, items: np.full(len(items), np.nan)})
    with pytest.raises(EvaluationError, match="a scorer is named 'bm25'"):
        evaluate_judged(judgments_by_colour(), scorers={"bm25": lambda query, items: np.zeros(len(items))})


def test_a_product_without_text_is_named() -> None:
    judgments = Judgments({"q": {str(i): float(i) for i in range(8)}}, lowest=0)

    with pytest.raises(EvaluationError, match=r"product '0' has neither title nor description.*column title"):
        evaluate_judged(judgments)
