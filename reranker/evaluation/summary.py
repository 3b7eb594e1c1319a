"""An evaluation in short: as JSON for programs, as rows of text for a terminal, in words for people."""

from __future__ import annotations

from typing import Any

from reranker.evaluation.evaluation import Evaluation, SystemResult, wins_and_losses
from reranker.evaluation.intervals import Difference, Interval
from reranker.evaluation.protocols import BM25, NDCG

Row = tuple[str, ...]


def to_json(evaluation: Evaluation) -> dict[str, Any]:
    """The figures as plain JSON types; metrics that do not apply are left out, and so are BM25's against itself.

    Returns:
        {"queries": n, "left_out": n, "systems": {name: {metric: mean, …, "ci95": {metric: [lo, hi]},
        "vs_bm25": {metric: {"diff", "lo", "hi", "mdd"}}}}}
    """
    return {
        "queries": len(evaluation.queries),
        "left_out": sum(evaluation.left_out.values()),
        "systems": {name: _system_to_json(system) for name, system in evaluation.systems.items()},
    }


def summary_rows(evaluation: Evaluation) -> list[Row]:
    """A table of texts, the headings first: each metric with its interval, nDCG@10 against BM25, wins and losses.

    Where judged@10 calls for bounds, a last column holds nDCG@10 with unjudged products worth the mean.
    """
    metrics = evaluation.protocol.metrics
    rows: list[Row] = [("system", *metrics, f"{NDCG} against bm25", "wins / losses / ties")]
    for name, system in evaluation.systems.items():
        means = (f"{score_text(system.mean(metric))} {interval_text(system.ci95[metric])}" for metric in metrics)
        if name == BM25:
            rows.append((name, *means, "", ""))
        else:
            tally = wins_and_losses(evaluation, name)
            comparison = difference_text(system.vs_bm25[NDCG])
            rows.append((name, *means, comparison, f"{tally.wins} / {tally.losses} / {tally.ties}"))
    if evaluation.bounds is None:
        return rows
    as_mean = evaluation.bounds.unjudged_as_mean
    last = (f"{NDCG}, unjudged as mean", *(score_text(as_mean[n]) if n in as_mean else "" for n in evaluation.systems))
    return [(*row, cell) for row, cell in zip(rows, last, strict=True)]


def score_text(score: float) -> str:
    """A metric as tables write it: .812, 1.000."""
    return f"{score:.3f}".removeprefix("0")


def signed_text(difference: float) -> str:
    """A difference as tables write it: +.012, -.003."""
    sign = "-" if difference < 0 else "+"
    return sign + score_text(abs(difference))


def interval_text(interval: Interval) -> str:
    """An interval of a mean: [.790, .834]."""
    return f"[{score_text(interval.lo)}, {score_text(interval.hi)}]"


def difference_text(difference: Difference) -> str:
    """A difference with its interval, marked where these queries are too few to show it: +.012 [+.003, +.021]."""
    text = f"{signed_text(difference.diff)} [{signed_text(difference.lo)}, {signed_text(difference.hi)}]"
    return text if difference.shown else f"{text} not shown"


def verdict(name: str, system: SystemResult) -> str:
    """One sentence on a system's nDCG@10 against BM25; what is smaller than can be shown is "not shown", not "none"."""
    difference = system.vs_bm25[NDCG]
    detectable = score_text(difference.mdd)
    if difference.shown:
        direction = "better" if difference.diff > 0 else "worse"
        return (
            f"{name} is {direction} than bm25 by {score_text(abs(difference.diff))} (95 % interval "
            f"{signed_text(difference.lo)} to {signed_text(difference.hi)}; these queries show differences of "
            f"{detectable} and more)."
        )
    return (
        f"{name} against bm25: {signed_text(difference.diff)}, not shown. These queries show differences of "
        f"{detectable} and more; a smaller one may be there, and takes more queries to see."
    )


def left_out_text(evaluation: Evaluation) -> str:
    """How many queries were measured and how many not, with the reasons."""
    total = len(evaluation.queries) + sum(evaluation.left_out.values())
    reasons = ", ".join(f"{count} with {reason}" for reason, count in evaluation.left_out.items())
    return f"{len(evaluation.queries)} of {total} queries" + (f"; left out: {reasons}" if reasons else "")


def _system_to_json(system: SystemResult) -> dict[str, Any]:
    return {
        **{metric: system.mean(metric) for metric in system.values},
        "ci95": {metric: [ends.lo, ends.hi] for metric, ends in system.ci95.items()},
        "vs_bm25": {
            metric: {"diff": against.diff, "lo": against.lo, "hi": against.hi, "mdd": against.mdd}
            for metric, against in system.vs_bm25.items()
        },
    }
