"""`shelfwise records`."""

from __future__ import annotations

from pathlib import Path

import click

from search.cli.program import Command
from search.cli.session import Session


@click.command(
    "records",
    cls=Command,
    examples=(
        "shelfwise records",
        "shelfwise records --index shop --zero-results --since 7d",
        "shelfwise records --relaxed --since 2026-01-31 --limit 100 --json",
        "shelfwise records --since 24h --export searches.parquet",
    ),
)
@click.option("--index", default="", help="Only the searches of this index.")
@click.option("--top", "which", flag_value="all", default=True, help="The most frequent queries; the default.")
@click.option("--zero-results", "which", flag_value="zero results", help="Queries that found nothing.")
@click.option("--relaxed", "which", flag_value="relaxed", help="Queries of which words were given up.")
@click.option("--since", default="", metavar="WHEN", help="A day or a time, or so long ago: 30m, 24h, 7d.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="So many queries at most.")
@click.option(
    "--export",
    "export",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all these records to a new Parquet file instead.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def records(
    context: click.Context, index: str, which: str, since: str, limit: int, export: Path | None, as_json: bool
) -> None:
    """Show what was searched for, and what found nothing.

    The service keeps a record of each search for 30 days, or as long as it is set. They are counted by query, whatever
    its case; browsing without a query and later pages are not counted. An export has every record, one row each.
    """
    from search.cli.recorded import export_records, show_queries

    session = context.ensure_object(Session)
    if export is not None:
        export_records(session, index, since, export, as_json=as_json)
    else:
        show_queries(session, index, which, since, limit, as_json=as_json)
