"""What goes to stdout: results for people as lines and tables, for programs as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.table import Table


def print_json(value: Any, *, indent: bool = True) -> None:
    """Writes a value as JSON, at once: over several lines for reading, or as one line of a stream."""
    import orjson

    options = orjson.OPT_INDENT_2 if indent else 0
    click.echo(orjson.dumps(value, option=options | orjson.OPT_NON_STR_KEYS).decode())


def table(headings: Sequence[str], *, right: Iterable[str] = ()) -> Table:
    """An empty table.

    Args:
        headings: of its columns.
        right: those of them whose cells are numbers.
    """
    from rich import box
    from rich.table import Table

    result = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    numbers = frozenset(right)
    for heading in headings:
        result.add_column(heading, justify="right" if heading in numbers else "left", overflow="fold")
    return result


def print_table(filled: Table) -> None:
    """Writes a table, as wide as the terminal is."""
    from rich.console import Console

    Console().print(filled)


def megabytes(size_bytes: float) -> str:
    """A size as people read it: 3.2 MB."""
    return f"{size_bytes / 1e6:,.1f} MB"


def count(number: int, thing: str, things: str = "") -> str:
    """So many things: 1 product, 2,000 products.

    Args:
        things: the plural, where it is not made with an s.
    """
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"
