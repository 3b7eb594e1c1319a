"""What was recognised of a feed, as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable

import click

from indexer.feeds.description import FeedDescription
from search.cli.output import count, print_table, table

_EXAMPLE_CHARS = 40
_SHOWN_COLUMNS = 60


def print_description(name: str, description: FeedDescription) -> None:
    """Prints format, columns with examples, and the first rows that would be rejected."""
    facts = [description.format]
    if description.compressed:
        facts.append("gzip")
    if description.encoding:
        facts.append(description.encoding)
    if description.delimiter:
        facts.append(f"delimiter {description.delimiter!r}")
    if description.canonical:
        facts.append("in the catalogue's own form")
    extent = "all" if description.whole else "the first"
    click.echo(f"{name}: {', '.join(facts)}; looked at {extent} {count(description.rows, 'row')}")
    # What became a field is what a person has to check; attributes are many and alike.
    columns = sorted(description.columns, key=lambda column: column.becomes.endswith("attribute"))
    shown = table(("column", "becomes", "filled", "examples"), right=("filled",))
    for column in columns[:_SHOWN_COLUMNS]:
        examples = " | ".join(_short(example) for example in column.examples)
        shown.add_row(column.name, column.becomes, f"{column.filled:,}", examples)
    print_table(shown)
    if len(columns) > _SHOWN_COLUMNS:
        click.echo(f"and {count(len(columns) - _SHOWN_COLUMNS, 'more column')}, all attributes; --json lists them")
    for reject in description.rejects:
        field = f", field {reject.field}" if reject.field else ""
        click.echo(f"would be rejected: line {reject.line:,}{field}: {reject.reason} (seen: {reject.value})")
    click.echo("Nothing was imported. Where a column is taken wrongly, say so: --map title=COLUMN")


def print_columns_seen(columns: Iterable[tuple[str, str]]) -> None:
    """Prints columns of which nothing could be told, each with an example."""
    shown = table(("column", "example"))
    for name, example in columns:
        shown.add_row(name, _short(example))
    print_table(shown)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _EXAMPLE_CHARS else line[: _EXAMPLE_CHARS - 1] + "…"
