"""An evaluation: systems measured over the same queries by one protocol, with intervals, against BM25."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reranker.errors import EvaluationError
from reranker.evaluation.bounds import Bounds, bounds
from reranker.evaluation.intervals import Difference, Interval, difference, interval, resampled_means
from reranker.evaluation.judgments import Judgments
from reranker.evaluation.metrics import measure
from reranker.evaluation.protocols import BM25, NDCG, RANDOM, EvaluationProtocol
from reranker.evaluation.ranking import SEED, Ranking


@dataclass(frozen=True)
class SystemResult:
    """What one system achieved.

    Args:
        ranking: what it answered.
        values: by metric one value per measured query, float64 (queries,).
        ci95: by metric the bootstrap interval of the mean.
        vs_bm25: by metric the difference from BM25; empty for BM25 itself.
    """

    ranking: Ranking
    values: Mapping[str, NDArray[np.float64]]
    ci95: Mapping[str, Interval]
    vs_bm25: Mapping[str, Difference]

    def mean(self, metric: str) -> float:
        """The metric's mean over the measured queries."""
        return float(self.values[metric].mean())


@dataclass(frozen=True)
class Evaluation:
    """All systems over the same queries.

    Args:
        protocol: how it was measured.
        judgments: what it was measured against.
        queries: the measured queries; the values of every system are in this order.
        left_out: how many queries were left out, by reason.
        systems: by name, in the order given; the rows random and bm25 are always there.
        bounds: where too few results are judged to trust nDCG alone, else None.
        seed: of ties and resamples.
    """

    protocol: EvaluationProtocol
    judgments: Judgments
    queries: tuple[str, ...]
    left_out: Mapping[str, int]
    systems: Mapping[str, SystemResult]
    bounds: Bounds | None
    seed: int


@dataclass(frozen=True, slots=True)
class WinsAndLosses:
    """A system against BM25, query by query.

    Args:
        by_query: (query, the system's nDCG@10, the difference), greatest win first; equal ones by query.
        wins: queries where it is better.
        losses: queries where it is worse.
        ties: the rest.
    """

    by_query: tuple[tuple[str, float, float], ...]
    wins: int
    losses: int
    ties: int


def evaluate(
    judgments: Judgments, rankings: Mapping[str, Ranking], protocol: EvaluationProtocol, *, seed: int = SEED
) -> Evaluation:
    """Measures rankings by one protocol, all over the same queries.

    Args:
        judgments: the grades.
        rankings: by system name; random and bm25 must be among them, since figures say little without them.
        protocol: JUDGED_ONLY or CATALOGUE.
        seed: of the bootstrap.

    Raises:
        EvaluationError: the rows random and bm25 are not both there, or fewer than 2 queries can be measured.
    """
    missing = [name for name in (RANDOM, BM25) if name not in rankings]
    if missing:
        raise EvaluationError(
            f"no system named {' and '.join(missing)} among {', '.join(rankings) or 'none'}; "
            "a table needs both beside the systems that it compares"
        )
    selection = judgments.select(protocol.min_judgments)
    if len(selection.queries) < 2:
        left_out = ", ".join(f"{count} with {reason}" for reason, count in selection.left_out.items()) or "none"
        raise EvaluationError(
            f"{len(selection.queries)} of {len(judgments.grades)} queries can be measured (left out: {left_out}); "
            "wanted at least 2: judge more products of more queries"
        )
    values = {name: measure(judgments, ranking, protocol, selection.queries) for name, ranking in rankings.items()}
    columns = [(name, metric) for name in values for metric in protocol.metrics]
    resampled = resampled_means(np.column_stack([values[name][metric] for name, metric in columns]), seed)
    means = {column: resampled[:, place] for place, column in enumerate(columns)}
    systems = {
        name: SystemResult(
            ranking,
            values[name],
            {metric: interval(means[name, metric]) for metric in protocol.metrics},
            {}
            if name == BM25
            else {
                metric: difference(values[name][metric], values[BM25][metric], means[name, metric], means[BM25, metric])
                for metric in protocol.metrics
            },
        )
        for name, ranking in rankings.items()
    }
    return Evaluation(
        protocol,
        judgments,
        selection.queries,
        selection.left_out,
        systems,
        bounds(judgments, rankings, values, protocol, selection.queries),
        seed,
    )


def wins_and_losses(evaluation: Evaluation, system: str) -> WinsAndLosses:
    """How a system's nDCG@10 differs from BM25's at each query; differences below 1e-9 are ties.

    Raises:
        EvaluationError: there is no such system.
    """
    if system not in evaluation.systems:
        raise EvaluationError(f"no system {system!r} in this evaluation; wanted one of {', '.join(evaluation.systems)}")
    values = evaluation.systems[system].values[NDCG]
    # Sums of the same gains in another order differ in their last bits; that is no win.
    differences = np.round(values - evaluation.systems[BM25].values[NDCG], 9)
    rows = zip(evaluation.queries, values.tolist(), differences.tolist(), strict=True)
    return WinsAndLosses(
        tuple(sorted(rows, key=lambda row: (-row[2], row[0]))),
        int((differences > 0).sum()),
        int((differences < 0).sum()),
        int((differences == 0).sum()),
    )
