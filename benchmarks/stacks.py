"""What a user would write without Shelfwise: the stacks that its latency and quality stand beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

DEPTH = 200
RRF_K = 60


def text_of(product: Mapping[str, Any]) -> str:
    """All words of a product: title, brand, description, texts of its attributes."""
    attributes = (str(value) for name, value in product.items() if name.startswith("attr_t_"))
    named = (str(product.get(name) or "") for name in ("title", "supplier", "short_description", "id", "name"))
    return " ".join((*named, *attributes))


class FastStack:
    """bm25s (compiled where numba is there) with a stemmer, flat faiss, the same encoder, reciprocal rank fusion."""

    name = "bm25s + faiss flat + the same encoder + RRF"

    def __init__(self, products: Sequence[Mapping[str, Any]], vectors: NDArray[np.float32], encoder: Any) -> None:
        import bm25s
        import faiss
        import Stemmer

        faiss.omp_set_num_threads(1)
        self._bm25s = bm25s
        self._stemmer = Stemmer.Stemmer("english")
        self._products = products
        self._encoder = encoder
        corpus = bm25s.tokenize([text_of(product) for product in products], stemmer=self._stemmer, show_progress=False)
        self._words = bm25s.BM25(backend="auto")
        self._words.index(corpus, show_progress=False)
        self._near = faiss.IndexFlatIP(vectors.shape[1])
        self._near.add(vectors)

    def search(self, query: str, size: int = 20) -> list[Mapping[str, Any]]:
        """The best products."""
        tokens = self._bm25s.tokenize([query], stemmer=self._stemmer, show_progress=False, return_ids=False)
        by_words: list[int] = []
        if tokens[0]:  # it refuses a query of stop words
            rows, scores = self._words.retrieve(tokens, k=DEPTH, show_progress=False, n_threads=0)
            by_words = rows[0][scores[0] > 0].tolist()
        _, near = self._near.search(self._encoder.encode_queries([query]), DEPTH)
        return [self._products[row] for row in _fused(by_words, near[0].tolist())[:size]]


class PlainStack:
    """rank_bm25 and sentence-transformers, as tutorials have it, reciprocal rank fusion."""

    name = "rank_bm25 + sentence-transformers + RRF"

    def __init__(self, products: Sequence[Mapping[str, Any]], vectors: NDArray[np.float32], threads: int) -> None:
        import torch
        from rank_bm25 import BM25Okapi
        from sentence_transformers import SentenceTransformer

        from indexer.encoders.factory import DEFAULT_MODEL
        from indexer.models.source import find_model

        torch.set_num_threads(threads)
        self._model = SentenceTransformer(str(find_model(DEFAULT_MODEL).folder), device="cpu")
        self._products = products
        self._words = BM25Okapi([text_of(product).lower().split() for product in products])
        self._vectors = vectors

    def search(self, query: str, size: int = 20) -> list[Mapping[str, Any]]:
        """The best products."""
        scores = self._words.get_scores(query.lower().split())
        by_words = _best(scores)
        near = _best(self._vectors @ self._model.encode(query, normalize_embeddings=True, show_progress_bar=False))
        fused = _fused([row for row in by_words if scores[row] > 0], near)
        return [self._products[row] for row in fused[:size]]


def _best(scores: NDArray[Any]) -> list[int]:
    best = np.argpartition(-scores, min(DEPTH, len(scores) - 1))[:DEPTH]
    return [int(row) for row in best[np.argsort(-scores[best])]]


def _fused(first: Sequence[int], second: Sequence[int]) -> list[int]:
    scores: dict[int, float] = {}
    for ranking in (first, second):
        for rank, row in enumerate(ranking, 1):
            scores[row] = scores.get(row, 0.0) + 1 / (RRF_K + rank)
    return sorted(scores, key=lambda row: -scores[row])
