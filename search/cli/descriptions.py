"""Indexes as text for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import click

from search.cli.output import count, megabytes, print_table, table

_SHOWN_UNDECLARED = 30

Described = Mapping[str, Any]
"""What `Maintenance.describe` says of an index."""


def print_indexes(described: Sequence[Described]) -> None:
    """Prints a table of indexes."""
    if not described:
        click.echo("There is no index yet: import a feed with `shelfwise import FEED --index NAME`")
        return
    shown = table(
        ("index", "products", "generation", "change", "size", "encoder", "created"),
        right=("products", "generation", "change", "size"),
    )
    for one in described:
        size = sum(generation["bytes"] for generation in one["generations"])
        shown.add_row(
            one["name"],
            f"{one['products']:,}",
            "none yet" if one["live"] is None else str(one["live"]),
            f"{one['change_number']:,}",
            megabytes(size),
            one["settings"]["schema"]["encoder"] or "none",
            _day(one["created_at"]),
        )
    print_table(shown)


def print_index(one: Described) -> None:
    """Prints all of an index that a person may want to know."""
    schema = one["settings"]["schema"]
    click.echo(
        f"{one['name']}: {count(one['products'], 'product')}, change number {one['change_number']:,}, "
        f"created {_day(one['created_at'])}"
    )
    channels = ", ".join(f"{channel} ({currency})" for channel, currency in schema["currencies"].items())
    click.echo(f"  encoder    {schema['encoder'] or 'none'}")
    click.echo(f"  languages  {', '.join([schema['language'], *schema['languages']])}")
    click.echo(f"  channels   {channels}")
    shown = table(("generation", "state", "change", "size", "built", "why"), right=("generation", "change", "size"))
    for generation in one["generations"]:
        shown.add_row(
            str(generation["number"]),
            generation["state"],
            f"{generation['change_number']:,}",
            megabytes(generation["bytes"]),
            _day(generation["created_at"]),
            generation["note"],
        )
    print_table(shown)
    click.echo(f"{count(len(schema['attributes']), 'attribute')} to filter, count and sort by:")
    by_type = sorted(schema["attributes"], key=lambda field: (field["type"], field["name"]))
    for kind, fields in groupby(by_type, key=lambda field: field["type"]):
        click.echo(f"  {kind}: {', '.join(field['name'] for field in fields)}")
    undeclared = list(one["undeclared"].items())
    if undeclared:
        click.echo(f"{count(len(undeclared), 'attribute')} only searched as text (products that have it):")
        listed = ", ".join(f"{name} ({number:,})" for name, number in undeclared[:_SHOWN_UNDECLARED])
        more = len(undeclared) - _SHOWN_UNDECLARED
        click.echo(f"  {listed}" + (f", and {more:,} more: --json lists them" if more > 0 else ""))


def _day(moment: str) -> str:
    return moment[:16].replace("T", " ") + " UTC"
