"""Products that the search index rejects: kept in the catalogue, and found by no search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from indexer.jobs.applying import Applied


def left_out(applied: Applied) -> dict[str, Any]:
    """How many there are and why, of the first few, as plain JSON types."""
    return {"products": applied.rejected, "reasons": dict(applied.reasons)}


def print_left_out(found: Mapping[str, Any]) -> None:
    """Prints what `left_out` says, where there are any."""
    if found["products"]:
        click.echo(f"  not indexed{found['products']:>9,}  kept, but not searchable: the index rejects them")
    for id_, reason in found["reasons"].items():
        click.echo(f"      {id_}: {reason}")
