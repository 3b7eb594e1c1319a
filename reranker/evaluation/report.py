"""An evaluation as one HTML file that needs nothing else: no script, no server, pictures inside."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from reranker.errors import EvaluationError
from reranker.evaluation.evaluation import Evaluation, wins_and_losses
from reranker.evaluation.plots import differences_png, distribution_png
from reranker.evaluation.protocols import BM25, NDCG, RANDOM, TOP_K
from reranker.evaluation.summary import left_out_text, score_text, signed_text, summary_rows, verdict

TitleOf = Callable[[str], str]
"""Product id → title, "" where there is none."""

WORST_QUERIES = 20
LISTED_DIFFERENCES = 15
_MAX_LISTED_UNJUDGED = 50


@dataclass(frozen=True, slots=True)
class _Result:
    product_id: str
    title: str
    grade: str


@dataclass(frozen=True, slots=True)
class _Column:
    system: str
    score: str
    results: tuple[_Result, ...]


@dataclass(frozen=True, slots=True)
class _WorstQuery:
    query: str
    columns: tuple[_Column, ...]


@dataclass(frozen=True, slots=True)
class _Tally:
    system: str
    wins: int
    losses: int
    ties: int
    best: tuple[tuple[str, str, str], ...]
    worst: tuple[tuple[str, str, str], ...]


def write_report(path: Path, evaluation: Evaluation, title_of: TitleOf, *, subject: str = "", source: str = "") -> None:
    """Writes the report of `render_report` as UTF-8; arguments and errors are the same."""
    path.write_text(render_report(evaluation, title_of, subject=subject, source=source), encoding="utf-8")


def render_report(evaluation: Evaluation, title_of: TitleOf, *, subject: str = "", source: str = "") -> str:
    """The report as HTML: table of systems, what is shown, plots, wins and losses, the worst queries side by side.

    Args:
        evaluation: what to report.
        title_of: the title of a product in the results.
        subject: the system whose worst queries are shown; "" for the last one.
        source: what the judgments are called, usually their file name.

    Raises:
        EvaluationError: there is no such system.
    """
    compared = [name for name in evaluation.systems if name not in (RANDOM, BM25)]
    subject = subject or list(evaluation.systems)[-1]
    if subject not in evaluation.systems:
        raise EvaluationError(f"no system {subject!r} to report on; wanted one of {', '.join(evaluation.systems)}")
    headings, *rows = summary_rows(evaluation)
    values = {name: system.values[NDCG] for name, system in evaluation.systems.items()}
    pictures = [("How nDCG@10 is spread over the queries", distribution_png(values))]
    if compared:
        differences = {name: np.asarray(values[name] - values[BM25]) for name in compared}
        pictures.append(("Each query against BM25", differences_png(differences)))
    unjudged = evaluation.bounds.unjudged if evaluation.bounds else ()
    environment = Environment(
        loader=PackageLoader("reranker.evaluation"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("report.html.j2").render(
        source=source,
        protocol=evaluation.protocol,
        queries=left_out_text(evaluation),
        lowest=f"{evaluation.judgments.lowest:g}",
        seed=evaluation.seed,
        headings=headings,
        rows=rows,
        verdicts=[verdict(name, evaluation.systems[name]) for name in compared],
        bounds=evaluation.bounds,
        unjudged=[(query, product_id, title_of(product_id)) for query, product_id in unjudged[:_MAX_LISTED_UNJUDGED]],
        pictures=[(caption, base64.b64encode(png).decode()) for caption, png in pictures],
        tallies=[_tally(evaluation, name) for name in compared],
        subject=subject,
        worst=_worst_queries(evaluation, subject, title_of),
        score_text=score_text,
    )


def _tally(evaluation: Evaluation, name: str) -> _Tally:
    tally = wins_and_losses(evaluation, name)
    rows = [(query, score_text(value), signed_text(difference)) for query, value, difference in tally.by_query]
    best = tuple(rows[: min(tally.wins, LISTED_DIFFERENCES)])
    worst = tuple(reversed(rows[len(rows) - min(tally.losses, LISTED_DIFFERENCES) :]))
    return _Tally(name, tally.wins, tally.losses, tally.ties, best, worst)


def _worst_queries(evaluation: Evaluation, subject: str, title_of: TitleOf) -> list[_WorstQuery]:
    values = evaluation.systems[subject].values[NDCG]
    places = sorted(range(len(values)), key=lambda place: (values[place], evaluation.queries[place]))
    shown = [name for name in evaluation.systems if name != RANDOM]
    return [
        _WorstQuery(evaluation.queries[place], tuple(_column(evaluation, name, place, title_of) for name in shown))
        for place in places[:WORST_QUERIES]
    ]


def _column(evaluation: Evaluation, name: str, place: int, title_of: TitleOf) -> _Column:
    system, query = evaluation.systems[name], evaluation.queries[place]
    grades = evaluation.judgments.grades[query]
    results = tuple(
        _Result(product_id, title_of(product_id), f"{grades[product_id]:.3g}" if product_id in grades else "")
        for product_id in system.ranking.top(query, TOP_K)
    )
    return _Column(name, score_text(float(system.values[NDCG][place])), results)
