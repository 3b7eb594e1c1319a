"""The metrics of a ranking, one value per query, computed by ir_measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ir_measures
import numpy as np
from numpy.typing import NDArray

from reranker.errors import EvaluationError
from reranker.evaluation import protocols
from reranker.evaluation.judgments import Judgments
from reranker.evaluation.protocols import DEPTH, TOP_K, EvaluationProtocol, Gain
from reranker.evaluation.ranking import Ranking

MAX_EXPONENT = 10.0
"""Above it the best grade's exponential gain is over a thousand times the second's, and nothing else would count."""


def measure(
    judgments: Judgments, ranking: Ranking, protocol: EvaluationProtocol, queries: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    """The protocol's metrics of each query, by name: float64 (len(queries),). A query without results counts 0.

    nDCG is that of Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 2002, with the
    discount 1 / log2(rank + 1).

    Raises:
        EvaluationError: the grades span more than exponential gains can bear.
    """
    by_measure = {spec: name for name, spec in _measures(judgments, protocol).items()}
    qrels = {
        query: {product_id: integer_grade(grade) for product_id, grade in judgments.grades[query].items()}
        for query in queries
    }
    # A query with an empty result list is left out of the run: ir_measures then gives it 0 for every metric.
    run = {query: ranks for query in queries if (ranks := ranking.ranks(query))}
    place = {query: row for row, query in enumerate(queries)}
    values = {name: np.zeros(len(queries)) for name in protocol.metrics}
    for metric in ir_measures.evaluator(list(by_measure), qrels).iter_calc(run):
        values[by_measure[metric.measure]][place[metric.query_id]] = metric.value
    return values


def integer_grade(grade: float) -> int:
    """The grade in hundredths: ir_measures wants integers."""
    return round(100 * grade)


def gains(judgments: Judgments, gain: Gain) -> dict[int, int]:
    """What nDCG makes of each integer grade that occurs: its gain in hundredths (nDCG does not depend on the unit).

    Raises:
        EvaluationError: exponential gains of grades that span more than `MAX_EXPONENT`.
    """
    grades = {grade for by_id in judgments.grades.values() for grade in by_id.values()}
    span = max(grades) - judgments.lowest
    if gain is Gain.EXPONENTIAL and span > MAX_EXPONENT:
        raise EvaluationError(
            f"grades reach {span:g} above the lowest, and a gain of 2^{span:g} would drown all others; "
            f"rescale the grades to span at most {MAX_EXPONENT:g}, say 0 to 3"
        )
    return {integer_grade(grade): round(100 * _gain(grade - judgments.lowest, gain)) for grade in grades}


def _gain(above_lowest: float, gain: Gain) -> float:
    match gain:
        case Gain.LINEAR:
            return above_lowest
        case Gain.EXPONENTIAL:
            return float(2**above_lowest) - 1


def _measures(judgments: Judgments, protocol: EvaluationProtocol) -> Mapping[str, ir_measures.Measure]:
    by_grade = gains(judgments, protocol.gain)
    relevant = integer_grade(judgments.lowest) + 1
    specs = {
        protocols.NDCG: ir_measures.nDCG(gains=by_grade) @ TOP_K,
        protocols.CONDENSED: ir_measures.nDCG(gains=by_grade, judged_only=True) @ TOP_K,
        protocols.JUDGED: ir_measures.Judged @ TOP_K,
        protocols.RECALL: ir_measures.R(rel=relevant) @ DEPTH,
        protocols.MRR: ir_measures.RR(rel=relevant) @ TOP_K,
    }
    return {name: specs[name] for name in protocol.metrics}
