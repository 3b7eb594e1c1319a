"""Folds for cross-validation: by query, near-duplicates together, never by row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reranker.errors import EvaluationError
from reranker.evaluation.ranking import SEED, seeded_hash
from reranker.evaluation.words import stemmed_words


@dataclass(frozen=True, slots=True)
class Fold:
    """One part held out, and the rest to tune on; both in the order the queries came in."""

    train: tuple[str, ...]
    test: tuple[str, ...]


def group_keys(queries: Iterable[str], language: str = "en") -> dict[str, str]:
    """By query the key of its group: its sorted distinct stems, so that word order and endings make no other query.

    A query without letters and digits is its own group.
    """
    words = stemmed_words(language)
    return {query: " ".join(sorted(set(words(query)))) or query for query in queries}


def grouped_folds(queries: Iterable[str], count: int, *, seed: int = SEED, language: str = "en") -> list[Fold]:
    """Splits queries into `count` folds by a hash of their group: a query stays in its fold when others come or go.

    Args:
        queries: each once; the folds are of about the same size, not of exactly the same.
        count: how many folds, at least 2.
        seed: another seed gives other folds.
        language: of the queries, ISO 639-1.

    Raises:
        EvaluationError: fewer than 2 folds, or one would be empty.
    """
    if count < 2:
        raise EvaluationError(f"{count} folds asked for; wanted at least 2, one to measure on and the rest to tune on")
    keys = group_keys(queries, language)
    fold_of = {query: seeded_hash(seed, key) % count for query, key in keys.items()}
    folds = [
        Fold(tuple(q for q, f in fold_of.items() if f != number), tuple(q for q, f in fold_of.items() if f == number))
        for number in range(count)
    ]
    if not all(fold.train and fold.test for fold in folds):
        groups = len(set(keys.values()))
        raise EvaluationError(f"{groups} groups of queries leave one of {count} folds empty; ask for fewer folds")
    return folds
