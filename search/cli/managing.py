"""What `shelfwise indexes` does to an index as a whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import click

from indexer.jobs.applying import Applied
from search.cli.descriptions import print_index, print_indexes
from search.cli.exits import Failure
from search.cli.left_out import left_out, print_left_out
from search.cli.output import count, print_json
from search.cli.progress import CommandProgress, stoppable
from search.cli.session import Session
from search.describe import describe
from search.maintenance import Maintenance
from search.services import Services


def list_indexes(session: Session, *, as_json: bool) -> None:
    """Prints all indexes."""
    with session.existing() as services:
        described = [describe(services, record.name) for record in services.catalogue.list_indexes()]
    if as_json:
        print_json([{key: one[key] for key in one if key not in ("settings", "undeclared")} for one in described])
    else:
        print_indexes(described)


def show_index(session: Session, index: str, *, as_json: bool) -> None:
    """Prints what is known of an index."""
    with session.existing() as services:
        described = describe(services, index)
    if as_json:
        print_json(described)
    else:
        print_index(described)


def copy_index(session: Session, index: str, new: str, *, as_json: bool) -> None:
    """Copies an index under a new name."""
    kept = (
        f"The copy is not complete: see `shelfwise indexes list`; if {new} is there, `indexes rebuild {new}` ends it."
    )
    _work(session, new, as_json, kept, lambda maintenance, progress: maintenance.copy(index, new, progress).applied)


def update_index(session: Session, index: str, *, as_json: bool) -> None:
    """Brings an index up to the catalogue's newest change."""
    kept = "What was made searchable stays; the same command goes on from there."
    _work(session, index, as_json, kept, lambda maintenance, progress: maintenance.catch_up(index, progress))


def rebuild_index(session: Session, index: str, *, as_json: bool) -> None:
    """Builds a new generation and switches to it."""
    kept = "The generation before answers as it did; the same command goes on where this one stopped."
    _work(session, index, as_json, kept, lambda maintenance, progress: maintenance.rebuild(index, progress).applied)


def roll_back_index(session: Session, index: str, *, as_json: bool) -> None:
    """Makes the previous generation live again."""

    def roll_back(maintenance: Maintenance, progress: CommandProgress) -> None:
        maintenance.roll_back(index, progress)

    kept = "The generation that answered still does; the same command goes on where this one stopped."
    _work(session, index, as_json, kept, roll_back)


def delete_index(session: Session, index: str, *, confirmed: bool, as_json: bool) -> None:
    """Deletes an index.

    Raises:
        Failure: nobody confirmed it.
    """
    with session.existing() as services:
        maintenance = Maintenance(services)
        products = describe(services, index)["products"]
        if not confirmed and not click.confirm(
            f"Delete index {index!r} with {count(products, 'product')}? It cannot be undone", err=True
        ):
            raise Failure("not confirmed: nothing was deleted")
        maintenance.delete(index)
    if as_json:
        print_json({"deleted": index, "products": products})
    else:
        click.echo(f"{index} is deleted: {count(products, 'product')}")


def print_state(services: Services, index: str, applied: Applied | None, seconds: float, *, as_json: bool) -> None:
    """Prints which generation answers for an index now.

    Args:
        applied: what it took, with what it rejected; None where that is not known.
    """
    described = describe(services, index)
    previous = next((one["number"] for one in described["generations"] if one["state"] == "previous"), None)
    state: dict[str, Any] = {
        "index": index,
        "generation": described["live"],
        "previous": previous,
        "products": described["products"],
        "change_number": described["change_number"],
        "seconds": round(seconds, 3),
    }
    if applied is not None:
        state["not_indexed"] = left_out(applied)
    if as_json:
        print_json(state)
        return
    click.echo(f"{index}@{state['generation']} is live: {count(state['products'], 'product')}, {seconds:,.1f} s")
    if applied is not None:
        print_left_out(state["not_indexed"])
    if previous is not None:
        click.echo(f"`shelfwise indexes rollback {index}` goes back to {index}@{previous}")


def _work(
    session: Session,
    index: str,
    as_json: bool,
    kept: str,
    work: Callable[[Maintenance, CommandProgress], Applied | None],
) -> None:
    started = time.monotonic()
    with session.existing() as services:
        with stoppable(session.shows_progress and not as_json, lambda: kept) as progress:
            applied = work(Maintenance(services), progress)
        print_state(services, index, applied, time.monotonic() - started, as_json=as_json)
