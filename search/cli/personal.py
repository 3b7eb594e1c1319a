"""Personal data on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from indexer.store.event_records import Person
from search.cli.exits import Failure
from search.cli.output import count, print_json, print_table, table
from search.cli.session import Session
from search.personal.registry import PersonalData


def print_places(session: Session, *, as_json: bool) -> None:
    """Prints every place that holds personal data."""
    with session.existing() as services:
        places = PersonalData(services).places
    if as_json:
        print_json([{"place": one.name, "holds": one.holds, "retention": one.retention} for one in places])
        return
    shown = table(("place", "what it holds", "how long"))
    for one in places:
        shown.add_row(one.name, one.holds, one.retention)
    print_table(shown)


def export_person(session: Session, user_id: str, session_id: str, *, as_json: bool) -> None:
    """Prints all that is held of a person.

    Raises:
        StorageError, ConfigurationError: a place cannot be read.
    """
    with session.existing() as services:
        held = PersonalData(services).export(Person(user_id, session_id))
    if as_json:
        print_json({"user_id": user_id, "session_id": session_id, "places": held})
        return
    for place, entries in held.items():
        click.echo(f"{place}: {count(len(entries), 'entry', 'entries')}")
        for entry in entries:
            click.echo(f"  {_line(entry)}")


def erase_person(session: Session, user_id: str, session_id: str, *, confirmed: bool, as_json: bool) -> None:
    """Erases all that is held of a person.

    Raises:
        Failure: nobody confirmed it.
        StorageError: a place cannot be written; run again, it goes on with what is left.
    """
    whose = " and ".join(f"{kind} {id_!r}" for kind, id_ in (("user", user_id), ("session", session_id)) if id_)
    with session.existing() as services:
        if not confirmed and not click.confirm(f"Erase all that is held of {whose}? It cannot be undone", err=True):
            raise Failure("not confirmed: nothing was erased")
        erased = PersonalData(services).erase(Person(user_id, session_id))
    if as_json:
        print_json({"user_id": user_id, "session_id": session_id, "erased": erased})
    else:
        click.echo(f"Erased of {whose}: {', '.join(f'{number:,} {place}' for place, number in erased.items())}")


def _line(entry: Mapping[str, Any]) -> str:
    """An entry in short: when, what was asked or done, and whose it was."""
    request = entry.get("request", {})
    query = request.get("q", "")
    asked = query[0] if isinstance(query, list) else query
    parts = (
        str(entry.get("time", ""))[:19].replace("T", " "),
        entry.get("type") or entry.get("kind") or "search",
        entry.get("product_id", ""),
        f'"{asked}"' if asked else "",
        f"query {entry['query_id']}" if entry.get("query_id") else "",
        f"user {entry['user_id']}" if entry.get("user_id") else "",
        f"session {entry['session_id']}" if entry.get("session_id") else "",
    )
    return "  ".join(part for part in parts if part)
