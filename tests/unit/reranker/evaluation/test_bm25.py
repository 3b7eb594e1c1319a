from __future__ import annotations

from math import log

import pytest

from reranker.evaluation.bm25 import Bm25

TEXTS = ["red shoe", "red red hat box", "blue hat"]


def weight(tf: int, length: int, texts_with_it: int) -> float:
    """The formula of Robertson and Zaragoza for 3 texts of 8 words in all, k1 = 1.2, b = .75."""
    idf = log(1 + (3 - texts_with_it + 0.5) / (texts_with_it + 0.5))
    return idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * length / (8 / 3)))


def test_scores_by_hand() -> None:
    bm25 = Bm25(TEXTS)

    assert weight(1, 2, 1) == pytest.approx(1.09257, abs=1e-5)
    assert bm25.scores("shoe") == pytest.approx([weight(1, 2, 1), 0, 0])
    assert bm25.scores("red") == pytest.approx([weight(1, 2, 2), weight(2, 4, 2), 0])


def test_words_of_a_query_add_up_and_unknown_ones_add_nothing() -> None:
    bm25 = Bm25(TEXTS)

    assert bm25.scores("Red hats, please") == pytest.approx(bm25.scores("red") + bm25.scores("hat"))
    assert bm25.scores("zebra").tolist() == [0, 0, 0]
    assert bm25.scores("").tolist() == [0, 0, 0]


def test_texts_without_words_score_0() -> None:
    assert Bm25(["", "…"]).scores("red").tolist() == [0, 0]


def test_a_language_without_a_stemmer_folds_only() -> None:
    assert Bm25(["Shoés"], language="xx").scores("shoes")[0] > 0
    assert Bm25(["Shoés"], language="xx").scores("shoe")[0] == 0
