"""What products that nobody judged could change: nDCG with them worthless, and with them as good as the mean."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ir_measures
import numpy as np
from numpy.typing import NDArray

from reranker.evaluation.judgments import Judgments
from reranker.evaluation.metrics import gains, integer_grade
from reranker.evaluation.protocols import JUDGED, NDCG, RANDOM, TOP_K, EvaluationProtocol
from reranker.evaluation.ranking import Ranking

MIN_JUDGED = 0.6
MAX_JUDGED_GAP = 0.1


@dataclass(frozen=True)
class Bounds:
    """Given where too few results are judged to trust nDCG alone.

    Args:
        reason: why they are given.
        unjudged_as_zero: by system the mean nDCG@10 with unjudged products worthless.
        unjudged_as_mean: by system the mean nDCG@10 with every unjudged product worth its query's mean judged gain.
        unjudged: (query, product id) in some system's top 10 that nobody judged: what to judge next.
    """

    reason: str
    unjudged_as_zero: Mapping[str, float]
    unjudged_as_mean: Mapping[str, float]
    unjudged: tuple[tuple[str, str], ...]


def bounds(
    judgments: Judgments,
    rankings: Mapping[str, Ranking],
    values: Mapping[str, Mapping[str, NDArray[np.float64]]],
    protocol: EvaluationProtocol,
    queries: Sequence[str],
) -> Bounds | None:
    """The bounds, where judged@10 is below .6 or differs by more than .1 between two systems; None where it is not.

    The random row has no say in this: nobody judges what chance brings up. For `unjudged_as_mean` the unjudged products
    of all systems' top 10 join the judgments together, as if people had judged them, so that all systems are measured
    against the same ideal.

    Args:
        judgments: the grades.
        rankings: by system; at least one beside the random row.
        values: by system and metric, float64 (len(queries),).
        protocol: one that measures judged@10; with another there are no bounds.
        queries: the measured queries.
    """
    systems = [name for name in rankings if name != RANDOM]
    if JUDGED not in protocol.metrics:
        return None
    judged = {name: float(values[name][JUDGED].mean()) for name in systems}
    reason = _reason(judged)
    pairs = {(q, i): None for q in queries for name in systems for i in rankings[name].top(q, TOP_K)}
    unjudged = tuple((query, product_id) for query, product_id in pairs if product_id not in judgments.grades[query])
    if not reason or not unjudged:
        return None
    as_mean = _with_mean_gain(judgments, protocol, queries, unjudged)
    return Bounds(
        reason,
        {name: float(values[name][NDCG].mean()) for name in systems},
        {name: _mean_ndcg(as_mean, rankings[name]) for name in systems},
        unjudged,
    )


def write_unjudged(path: Path, unjudged: Sequence[tuple[str, str]]) -> None:
    """Writes the pairs as a judgments file whose grades are to be filled in: UTF-8 CSV, query,product_id,grade."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("query", "product_id", "grade"))
        writer.writerows((query, product_id, "") for query, product_id in unjudged)


def _reason(judged: Mapping[str, float]) -> str:
    least, most = min(judged, key=judged.__getitem__), max(judged, key=judged.__getitem__)
    if judged[least] < MIN_JUDGED:
        return f"{JUDGED} of {least} is {judged[least]:.2f}, below {MIN_JUDGED:g}"
    if judged[most] - judged[least] > MAX_JUDGED_GAP:
        return (
            f"{JUDGED} of {most} is {judged[most]:.2f}, but {judged[least]:.2f} of {least}, "
            f"more than {MAX_JUDGED_GAP:g} apart"
        )
    return ""


def _with_mean_gain(
    judgments: Judgments, protocol: EvaluationProtocol, queries: Sequence[str], unjudged: Sequence[tuple[str, str]]
) -> dict[str, dict[str, int]]:
    by_grade = gains(judgments, protocol.gain)
    judged = {
        query: {product_id: by_grade[integer_grade(grade)] for product_id, grade in judgments.grades[query].items()}
        for query in queries
    }
    mean = {query: round(math.fsum(by_id.values()) / len(by_id)) for query, by_id in judged.items()}
    completed = {query: dict(by_id) for query, by_id in judged.items()}
    for query, product_id in unjudged:
        completed[query][product_id] = mean[query]
    return completed


def _mean_ndcg(gain_by_pair: Mapping[str, Mapping[str, int]], ranking: Ranking) -> float:
    run = {query: ranks for query in gain_by_pair if (ranks := ranking.ranks(query))}
    measure = ir_measures.nDCG @ TOP_K
    return float(ir_measures.calc_aggregate([measure], gain_by_pair, run)[measure])
