"""Search records on the command line: a table of queries, or an export."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from search.cli.output import count, print_json, print_table, table
from search.cli.session import Session
from search.errors import RequestError
from search.records.reader import read_records
from search.records.summary import QueryCount, Which, count_queries

_AGO = re.compile(r"(\d{1,6})([mhd])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def show_queries(session: Session, index: str, which: str, since: str, limit: int, *, as_json: bool) -> None:
    """Prints the queries that were searched for most often.

    Raises:
        RequestError: `since` is no time.
        NotFoundError: there is no data directory.
    """
    counted = count_queries(_records(session, index, since), Which(which), limit)
    if as_json:
        print_json([asdict(one) for one in counted])
    elif counted:
        _print(counted, Which(which))
    else:
        click.echo("There are no such records. The web service writes them; `shelfwise search` leaves none")


def export_records(session: Session, index: str, since: str, path: Path, *, as_json: bool) -> None:
    """Writes all records to a Parquet file.

    Raises:
        RequestError, NotFoundError: see `show_queries`.
        InputError: there is such a file already.
        StorageError: the disk refused.
    """
    from search.records.export import export_parquet

    written = export_parquet(_records(session, index, since), path)
    if as_json:
        print_json({"file": str(path), "records": written})
    else:
        click.echo(f"{path}: {count(written, 'record')}")


def read_time(text: str, now: datetime) -> datetime:
    """A day, a time (UTC unless it says otherwise), or so long ago.

    Raises:
        RequestError: it is none of them.
    """
    ago = _AGO.fullmatch(text)
    try:
        if ago is not None:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        wanted = "wanted is a day such as 2026-01-31, a time such as 2026-01-31T12:00, or so long ago: 30m, 24h, 7d"
        raise RequestError("--since", text, f"{text!r} is no time; {wanted}") from error
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _records(session: Session, index: str, since: str) -> Iterator[dict[str, Any]]:
    start = read_time(since, datetime.now(UTC)) if since else None
    with session.existing():
        pass
    return read_records(session.config.records_dir, start, index)


def _print(counted: list[QueryCount], which: Which) -> None:
    relaxed = which is Which.RELAXED
    more = ("given up",) if relaxed else ("no results", "relaxed")
    shown = table(
        ("query", "index", "searches", *more, "products", "last"),
        right=("searches", "no results", "relaxed", "products"),
    )
    for one in counted:
        cells = (", ".join(one.given_up),) if relaxed else (f"{one.zero_results:,}", f"{one.relaxed:,}")
        last = one.last[:16].replace("T", " ") + " UTC"
        shown.add_row(one.query, one.index, f"{one.searches:,}", *cells, f"{one.total:,}", last)
    print_table(shown)
