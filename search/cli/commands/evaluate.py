"""`shelfwise evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from search.cli.program import Command
from search.cli.session import Session

_FILE: click.Path[Path] = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE: click.Path[Path] = click.Path(dir_okay=False, path_type=Path)


@click.command(
    "evaluate",
    cls=Command,
    examples=(
        "shelfwise evaluate --index shop --judgments judgments.csv",
        "shelfwise evaluate --index shop --judgments judgments.csv --report report.html",
        "shelfwise evaluate --judged-only judgments.csv.gz --encoder none --json",
    ),
)
@click.option("--index", default="", help="May be left out where there is only one.")
@click.option("--judgments", type=_FILE, help="CSV with query,product_id,grade: searches the whole index.")
@click.option("--judged-only", type=_FILE, help="The same with title: ranks only what was judged; needs no index.")
@click.option(
    "--mode",
    "modes",
    type=click.Choice(("vector", "hybrid")),
    multiple=True,
    help="Only these beside bm25; repeatable.",
)
@click.option("--lowest", type=float, metavar="GRADE", help="Lowest grade of the scale; else that of the file.")
@click.option("--encoder", metavar="NAME", help="For --judged-only: the text model; `none` for words only.")
@click.option("--report", type=_NEW_FILE, help="Also write a report with plots, as one HTML file.")
@click.option("--unjudged", type=_NEW_FILE, help="Where to list results that nobody judged, if there are too many.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def evaluate(
    context: click.Context,
    index: str,
    judgments: Path | None,
    judged_only: Path | None,
    modes: Sequence[str],
    lowest: float | None,
    encoder: str | None,
    report: Path | None,
    unjudged: Path | None,
    as_json: bool,
) -> None:
    """Measure how good the ranking is.

    Compares random order, words alone (bm25), meaning alone (vector) and both (hybrid) on queries whose products people
    have graded, with 95 % intervals and what these queries can show at all.
    """
    if (judgments is None) == (judged_only is None):
        raise click.UsageError("give --judgments FILE to search an index, or --judged-only FILE to need none")
    if judgments is None and (index or modes or unjudged is not None):
        raise click.UsageError("--index, --mode and --unjudged go with --judgments; --judged-only needs no index")
    if judged_only is None and encoder is not None:
        raise click.UsageError("an index has its encoder: --encoder goes with --judged-only")
    for path in (report, unjudged):
        if path is not None and not path.parent.is_dir():  # told before the measuring, which may take minutes
            raise click.UsageError(f"{path} cannot be written: there is no folder {path.parent}; make it first")
    from search.cli.evaluating import Output, evaluate_index, evaluate_judged_only

    session = context.ensure_object(Session)
    output = Output(report, unjudged, as_json)
    if judgments is not None:
        evaluate_index(session, index, judgments, lowest, tuple(modes), output)
    elif judged_only is not None:
        evaluate_judged_only(session, judged_only, lowest, encoder, output)
