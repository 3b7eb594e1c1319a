from __future__ import annotations

import pytest

from reranker.errors import EvaluationError
from reranker.evaluation.splits import group_keys, grouped_folds

QUERIES = [
    f"{colour} {thing}" for colour in ("red", "blue", "green", "black") for thing in ("shoe", "hat", "bag", "lamp")
]


def test_word_order_endings_case_and_accents_make_no_other_query() -> None:
    keys = group_keys(["red shoes", "Shoe, red", "shoé red red", "red shoe 5mm", "?!", "¿¡"])

    assert keys["red shoes"] == keys["Shoe, red"] == keys["shoé red red"] == "red shoe"
    assert keys["red shoe 5mm"] == "5mm red shoe"
    assert keys["?!"] != keys["¿¡"]


def test_each_query_is_held_out_once() -> None:
    folds = grouped_folds(QUERIES, 3)

    assert sorted(query for fold in folds for query in fold.test) == sorted(QUERIES)
    for fold in folds:
        assert sorted(fold.train + fold.test) == sorted(QUERIES)


def test_near_duplicates_stand_together() -> None:
    doubled = QUERIES + [" ".join(reversed(query.split())) + "s" for query in QUERIES]

    for fold in grouped_folds(doubled, 4):
        keys = group_keys(doubled)
        assert not {keys[query] for query in fold.train} & {keys[query] for query in fold.test}


def test_a_query_stays_in_its_fold_when_others_go() -> None:
    every, some = grouped_folds(QUERIES, 2), grouped_folds(QUERIES[::2], 2)

    for number in range(2):
        assert set(some[number].test) == set(every[number].test) & set(QUERIES[::2])


def test_another_seed_gives_other_folds() -> None:
    assert grouped_folds(QUERIES, 2) != grouped_folds(QUERIES, 2, seed=18)


def test_folds_that_cannot_be_made_are_refused() -> None:
    with pytest.raises(EvaluationError, match="1 folds asked for; wanted at least 2"):
        grouped_folds(QUERIES, 1)
    with pytest.raises(EvaluationError, match="1 groups of queries leave one of 2 folds empty"):
        grouped_folds(["red shoe", "shoes red"], 2)
