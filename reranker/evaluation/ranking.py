"""Rankings: what a system answers to each query, in an order that owes nothing to chance or to input order."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reranker.errors import RankingError

SEED = 17
"""Of everything that is drawn in an evaluation: ties, the random row, resamples, folds."""

Scored = tuple[str, float]
"""(product id, score), higher is better."""


@dataclass(frozen=True)
class Ranking:
    """What one system answers; made by `rank`.

    Args:
        results: by query, best first, each product once; a query without results may be missing.
    """

    results: Mapping[str, tuple[Scored, ...]]

    def top(self, query: str, k: int) -> tuple[str, ...]:
        """The ids of the best `k`, best first."""
        return tuple(product_id for product_id, _ in self.results.get(query, ())[:k])

    def ranks(self, query: str) -> dict[str, float]:
        """By product id a number that falls by one with each rank: an order without ties."""
        results = self.results.get(query, ())
        return {product_id: float(len(results) - place) for place, (product_id, _) in enumerate(results)}


def rank(scored: Mapping[str, Iterable[Scored]], seed: int = SEED) -> Ranking:
    """Orders each query's products by score; equal scores by a seeded hash of query and id.

    Raises:
        RankingError: a score is not finite, or a product stands twice in a query's results.
    """
    return Ranking({query: _ordered(query, tuple(results), seed) for query, results in scored.items()})


def seeded_hash(seed: int, *parts: str) -> int:
    """A number from 0 to 2**64 - 1 that depends on the seed and the parts alone: the same in every process."""
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=8, key=str(seed).encode()).digest()
    return int.from_bytes(digest, "big")


def _ordered(query: str, results: tuple[Scored, ...], seed: int) -> tuple[Scored, ...]:
    seen: set[str] = set()
    for product_id, score in results:
        if not math.isfinite(score):
            raise RankingError(f"query {query!r}: product {product_id!r} has score {score}; wanted a finite number")
        if product_id in seen:
            raise RankingError(f"query {query!r}: product {product_id!r} stands twice in the results; wanted once")
        seen.add(product_id)
    return tuple(sorted(results, key=lambda result: (-result[1], seeded_hash(seed, query, result[0]))))
