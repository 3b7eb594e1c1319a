"""The protocols of measurement, declared: which queries, which gains, which metrics. Never mix their figures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NDCG = "ndcg@10"
CONDENSED = "ndcg@10_condensed"
JUDGED = "judged@10"
RECALL = "recall@100"
MRR = "mrr@10"

TOP_K = 10
"""Cut-off of all metrics but recall."""

DEPTH = 100
"""How many results a system is asked for in the catalogue protocol; the cut-off of recall."""

RANDOM = "random"
BM25 = "bm25"


class Gain(StrEnum):
    """What a grade g is worth above the scale's lowest grade.

    LINEAR: g - lowest. EXPONENTIAL: 2^(g - lowest) - 1, which is 0, 1, 3, 7 for the grades 0 to 3.
    """

    LINEAR = "linear"
    EXPONENTIAL = "exponential"


@dataclass(frozen=True, slots=True)
class EvaluationProtocol:
    """How a kind of ranking is measured.

    Args:
        name: what reports call it.
        gain: what nDCG makes of a grade.
        metrics: those that apply, the leading one first.
        min_judgments: queries with fewer judged products are left out.
    """

    name: str
    gain: Gain
    metrics: tuple[str, ...]
    min_judgments: int = 1


JUDGED_ONLY = EvaluationProtocol("judged", Gain.LINEAR, (NDCG,), min_judgments=8)
"""Ranks only the judged products of a query."""

CATALOGUE = EvaluationProtocol("catalogue", Gain.EXPONENTIAL, (NDCG, CONDENSED, JUDGED, RECALL, MRR))
"""Searches the whole catalogue; a product that nobody judged counts as worthless in the first nDCG and not at all
in the condensed one (Sakai, "Alternatives to Bpref", SIGIR 2007)."""
