"""The catalogue protocol: every system searches everything, through one callable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from reranker.errors import RankingError
from reranker.evaluation.evaluation import Evaluation, evaluate
from reranker.evaluation.judgments import Judgments
from reranker.evaluation.protocols import CATALOGUE, DEPTH
from reranker.evaluation.ranking import SEED, Scored, rank, seeded_hash

Search = Callable[[str, int], Sequence[Scored]]
"""(query, k) → at most k (product id, score), best first; equal scores are ties, in whatever order they stand."""

Progress = Callable[[int, int], None]
"""Called with (done, total) as work goes on."""


def evaluate_catalogue(
    judgments: Judgments, systems: Mapping[str, Search], *, seed: int = SEED, progress: Progress | None = None
) -> Evaluation:
    """Asks every system every query that has a relevant product, and measures what comes back.

    Args:
        judgments: the grades.
        systems: by name; random (see `random_search`) and bm25, the index's own lexical mode, must be among them.
        seed: of ties and resamples.
        progress: called after each search.

    Raises:
        RankingError: a system returned too many results, a product twice, a score that is not finite, or an order that
            is not that of its scores.
        EvaluationError: random or bm25 is missing, or fewer than 2 queries can be measured.
    """
    queries = judgments.select(CATALOGUE.min_judgments).queries
    total = len(systems) * len(queries)
    found: dict[str, dict[str, Sequence[Scored]]] = {name: {} for name in systems}
    done = 0
    for name, search in systems.items():
        for query in queries:
            results = search(query, DEPTH)
            _check(name, query, results)
            found[name][query] = results
            done += 1
            if progress is not None:
                progress(done, total)
    return evaluate(judgments, {name: rank(results, seed) for name, results in found.items()}, CATALOGUE, seed=seed)


def random_search(ids: Sequence[str], seed: int = SEED) -> Search:
    """The random row: k of all ids of the catalogue, drawn anew for each query but the same in every run."""

    def search(query: str, k: int) -> list[Scored]:
        generator = np.random.default_rng(seeded_hash(seed, "random", query))
        drawn = generator.choice(len(ids), size=min(k, len(ids)), replace=False)
        return [(ids[row], float(-place)) for place, row in enumerate(drawn)]

    return search


def _check(system: str, query: str, results: Sequence[Scored]) -> None:
    """Ties are broken here, by score alone, so an order that means more than its scores would be lost unseen."""
    if len(results) > DEPTH:
        raise RankingError(f"{system}, query {query!r}: {len(results)} results; wanted at most the {DEPTH} asked for")
    for place, ((_, above), (product_id, score)) in enumerate(pairwise(results), start=2):
        if score > above:
            raise RankingError(
                f"{system}, query {query!r}: product {product_id!r} in place {place} scores {score}, more than the one "
                f"above it ({above}); hand over scores that fall with the order, for example minus the place"
            )
