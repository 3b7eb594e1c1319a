"""The judged protocol: rank only the products that were judged for a query. It needs no index."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from reranker.errors import EvaluationError, RankingError
from reranker.evaluation.bm25 import Bm25
from reranker.evaluation.catalogue import Progress
from reranker.evaluation.evaluation import Evaluation, evaluate
from reranker.evaluation.judgments import Judgments
from reranker.evaluation.protocols import BM25, JUDGED_ONLY, RANDOM
from reranker.evaluation.ranking import SEED, Ranking, rank, seeded_hash

VECTOR = "vector"
HYBRID = "hybrid"
_CHUNK_TEXTS = 256
_COSINE_DECIMALS = 6
_NO_SPREAD = 1e-6

Scores = NDArray[np.floating[Any]]
"""Floats (n,), higher is better."""

ScoreItems = Callable[[str, Sequence[str]], Scores]
"""(query, texts of its judged products) → one score for each."""

Fusion = Callable[[Scores, Scores], Scores]
"""(BM25 scores, cosines) of one query's judged products → one score for each."""


class Encoder(Protocol):
    """What the vector row needs of a text encoder."""

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts → float32 (n, dim), unit length."""
        ...

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts → float32 (n, dim), unit length."""
        ...


def z_score_sum(first: Scores, second: Scores) -> Scores:
    """The plain reference of fusion: each side less its mean, by its standard deviation; without spread it adds 0."""
    return _z_scores(first) + _z_scores(second)


def evaluate_judged(
    judgments: Judgments,
    *,
    encoder: Encoder | None = None,
    fuse: Fusion = z_score_sum,
    scorers: Mapping[str, ScoreItems] | None = None,
    language: str = "en",
    seed: int = SEED,
    progress: Progress | None = None,
) -> Evaluation:
    """Ranks each query's judged products by chance, by BM25, with an encoder by cosine and by both fused, by scorers.

    A product's text is its title and, where the file has one, its description. The idf of BM25 comes from all products
    of the file.

    Args:
        judgments: grades and texts.
        encoder: for the rows vector and hybrid; each distinct text is encoded once.
        fuse: how hybrid joins the two sides.
        scorers: further rows by name.
        language: ISO 639-1, for the stemmer of BM25.
        seed: of ties, the random row and resamples.
        progress: called with (texts encoded, texts in all).

    Raises:
        EvaluationError: a product has no text, a scorer has the name of another row, or fewer than 2 queries remain.
        RankingError: a scorer or fusion returned another number of scores than products, or one that is not finite.
    """
    queries = judgments.select(JUDGED_ONLY.min_judgments).queries
    products = {query: tuple(judgments.grades[query]) for query in queries}
    bm25 = _Bm25Scores(judgments, language)
    systems: dict[str, Callable[[str, Sequence[str]], Scores]] = {
        RANDOM: lambda query, ids: np.array([seeded_hash(seed, "random", query, i) / 2**64 for i in ids]),
        BM25: bm25.scores,
    }
    if encoder is not None:
        cosines = _Cosines(judgments, encoder, products, progress)
        systems[VECTOR] = cosines.scores
        systems[HYBRID] = lambda query, ids: fuse(bm25.scores(query, ids), cosines.scores(query, ids))
    for name, scorer in (scorers or {}).items():
        if name in systems:
            raise EvaluationError(f"a scorer is named {name!r} like a row that is there anyway; give it another name")
        systems[name] = _over_texts(judgments, scorer)
    rankings = {name: _ranking(name, score, products, seed) for name, score in systems.items()}
    return evaluate(judgments, rankings, JUDGED_ONLY, seed=seed)


class _Bm25Scores:
    """BM25 of one query's products, with the idf of all products of the file."""

    def __init__(self, judgments: Judgments, language: str) -> None:
        ids = {product_id: None for grades in judgments.grades.values() for product_id in grades}
        self._rows = {product_id: row for row, product_id in enumerate(ids)}
        self._bm25 = Bm25([_text(judgments, product_id) for product_id in ids], language=language)

    def scores(self, query: str, ids: Sequence[str]) -> Scores:
        return self._bm25.scores(query)[[self._rows[product_id] for product_id in ids]]


class _Cosines:
    """Cosines of a query and its products; everything is encoded once, on construction."""

    def __init__(
        self,
        judgments: Judgments,
        encoder: Encoder,
        products: Mapping[str, Sequence[str]],
        progress: Progress | None,
    ) -> None:
        self._texts = {i: _text(judgments, i) for ids in products.values() for i in ids}
        distinct = list(dict.fromkeys(self._texts.values()))
        queries = list(products)
        total = len(distinct) + len(queries)
        self._documents = _encoded(encoder.encode_documents, distinct, 0, total, progress)
        self._queries = _encoded(encoder.encode_queries, queries, len(distinct), total, progress)

    def scores(self, query: str, ids: Sequence[str]) -> Scores:
        documents = np.stack([self._documents[self._texts[product_id]] for product_id in ids])
        # The last bits of a product of matrices depend on the row's place: equal texts must stay ties.
        return np.round((documents @ self._queries[query]).astype(np.float64), _COSINE_DECIMALS)


def _encoded(
    encode: Callable[[Sequence[str]], NDArray[np.float32]],
    texts: Sequence[str],
    before: int,
    total: int,
    progress: Progress | None,
) -> dict[str, NDArray[np.float32]]:
    vectors: dict[str, NDArray[np.float32]] = {}
    for start in range(0, len(texts), _CHUNK_TEXTS):
        chunk = texts[start : start + _CHUNK_TEXTS]
        vectors.update(zip(chunk, encode(chunk), strict=True))
        if progress is not None:
            progress(before + len(vectors), total)
    return vectors


def _over_texts(judgments: Judgments, scorer: ScoreItems) -> Callable[[str, Sequence[str]], Scores]:
    return lambda query, ids: scorer(query, [_text(judgments, product_id) for product_id in ids])


def _text(judgments: Judgments, product_id: str) -> str:
    item = judgments.items.get(product_id)
    if item is None:
        raise EvaluationError(
            f"product {product_id!r} has neither title nor description in the judgments; without an index the file "
            "needs a column title (and may have description)"
        )
    return item.text


def _ranking(
    name: str, score: Callable[[str, Sequence[str]], Scores], products: Mapping[str, Sequence[str]], seed: int
) -> Ranking:
    scored: dict[str, list[tuple[str, float]]] = {}
    for query, ids in products.items():
        scores = score(query, ids)
        if scores.shape != (len(ids),):
            raise RankingError(f"{name}, query {query!r}: scores of shape {scores.shape}; wanted ({len(ids)},)")
        scored[query] = list(zip(ids, scores.tolist(), strict=True))
    return rank(scored, seed)


def _z_scores(scores: Scores) -> Scores:
    spread = scores.std()
    centred = scores - scores.mean()
    return centred / spread if spread > _NO_SPREAD else np.zeros_like(centred)
