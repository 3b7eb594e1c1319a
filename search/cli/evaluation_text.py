"""An evaluation as text for a terminal."""

from __future__ import annotations

from pathlib import Path

import click

from reranker.evaluation.evaluation import Evaluation, wins_and_losses
from reranker.evaluation.protocols import BM25, RANDOM
from reranker.evaluation.summary import left_out_text, score_text, signed_text, summary_rows, verdict
from search.cli.output import print_table, table

_LISTED = 5


def print_evaluation(evaluation: Evaluation, report: Path | None, unjudged: Path | None) -> None:
    """Prints the systems with their intervals, what is shown, and the queries where they differ most.

    Args:
        report: where a report was written.
        unjudged: where results that nobody judged were listed.
    """
    click.echo(f"{left_out_text(evaluation)} (protocol: {evaluation.protocol.name})")
    # One system to a column: the metrics with their intervals are too many to stand side by side.
    headings, *rows = summary_rows(evaluation)
    shown = table((headings[0], *(row[0] for row in rows)))
    for place, heading in enumerate(headings[1:], 1):
        shown.add_row(heading, *(row[place].replace(" [", "\n[").replace("] ", "]\n") for row in rows))
    print_table(shown)
    compared = [name for name in evaluation.systems if name not in (RANDOM, BM25)]
    for name in compared:
        click.echo(verdict(name, evaluation.systems[name]))
    if evaluation.bounds is not None:
        click.echo(f"Too little is judged to trust nDCG alone: {evaluation.bounds.reason}.")
    for name in compared:
        _print_differences(evaluation, name)
    if unjudged is not None:
        click.echo(f"Results that nobody judged, to be graded next: {unjudged}")
    if report is not None:
        click.echo(f"Report: {report}")


def _print_differences(evaluation: Evaluation, name: str) -> None:
    tally = wins_and_losses(evaluation, name)
    wins = tally.by_query[: min(tally.wins, _LISTED)]
    losses = tally.by_query[::-1][: min(tally.losses, _LISTED)]
    for title, queries in ((f"{name}: greatest wins over bm25", wins), (f"{name}: greatest losses", losses)):
        if queries:
            click.echo(f"\n{title}")
            for query, value, difference in queries:
                click.echo(f"  {signed_text(difference)}  to {score_text(value)}  {query}")
