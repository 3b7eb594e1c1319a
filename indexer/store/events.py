"""Events in SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, select

from indexer.errors import InputError
from indexer.store.characters import check_characters
from indexer.store.clock import Clock, utc_now
from indexer.store.database import Database
from indexer.store.event_records import (
    MAX_EVENT_ID_CHARS,
    MAX_EVENTS,
    MAX_PERSON_CHARS,
    MAX_QUERY_ID_CHARS,
    EventRecord,
    EventType,
    NewEvent,
    Person,
)
from indexer.store.products import is_id
from indexer.store.tables import EVENTS
from indexer.store.task_records import MAX_KEY_CHARS

_IDS = 500
"""So many ids are asked for in one statement."""


class SqlEvents:
    """An `EventStore`; see there for what each method does."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def add(self, events: Sequence[NewEvent]) -> int:
        if len(events) > MAX_EVENTS:
            raise InputError(f"{len(events):,} events came at once; wanted: at most {MAX_EVENTS:,}; add them in parts")
        now = self._clock()
        rows = [_to_row(event, now) for event in events]
        if not rows:
            return 0
        statement = self._database.insert(EVENTS).on_conflict_do_nothing().returning(EVENTS.c.number)
        with self._database.write() as connection:
            # One after the other: whoever follows their numbers must not be shown a later one before an earlier.
            self._database.lock(connection, "events")
            return len(connection.execute(statement, rows).all())

    def scan(self, after: int, limit: int, index: str = "") -> list[EventRecord]:
        query = select(EVENTS).where(EVENTS.c.number > after).order_by(EVENTS.c.number).limit(limit)
        with self._database.read() as connection:
            rows = connection.execute(query.where(EVENTS.c.index_name == index) if index else query)
            return [_to_record(row) for row in rows]

    def of_person(self, person: Person) -> list[EventRecord]:
        found: dict[int, EventRecord] = {}
        with self._database.read() as connection:
            for condition in _conditions(person):
                found.update(
                    (row.number, _to_record(row)) for row in connection.execute(select(EVENTS).where(condition))
                )
        return [found[number] for number in sorted(found)]

    def erase(self, person: Person) -> int:
        with self._database.erase(EVENTS) as connection:
            return sum(
                connection.execute(delete(EVENTS).where(condition)).rowcount for condition in _conditions(person)
            )


def _conditions(person: Person) -> Iterator[ColumnElement[bool]]:
    """Each by an index of its own."""
    if person.user_id:
        yield EVENTS.c.user_id == person.user_id
    if person.session_id:
        yield EVENTS.c.session_id == person.session_id
    nobody = and_(EVENTS.c.user_id == "", EVENTS.c.session_id == "")
    ids = sorted(person.query_ids)
    for start in range(0, len(ids), _IDS):
        yield and_(nobody, EVENTS.c.query_id.in_(ids[start : start + _IDS]))


def _to_row(event: NewEvent, now: datetime) -> dict[str, Any]:
    for name, text, least, most in (
        ("id", event.id, 1, MAX_EVENT_ID_CHARS),
        ("index", event.index, 1, MAX_KEY_CHARS),
        ("query_id", event.query_id, 0, MAX_QUERY_ID_CHARS),
        ("user_id", event.user_id, 0, MAX_PERSON_CHARS),
        ("session_id", event.session_id, 0, MAX_PERSON_CHARS),
    ):
        if not least <= len(text) <= most:
            raise InputError(
                f"{name} of event {event.id[:40]!r} has {len(text):,} characters; wanted: {least} to {most}"
            )
        check_characters(f"{name} of event {event.id[:40]!r}", text)
    if not is_id(event.product_id):
        raise InputError(f"product_id of event {event.id[:40]!r} is {event.product_id[:40]!r}; wanted: a product's id")
    if event.time.tzinfo is None:
        raise InputError(f"time of event {event.id[:40]!r} has no time zone; wanted: one, such as UTC")
    row = asdict(event)
    row["index_name"] = row.pop("index")
    return {**row, "type": event.type.value, "received_at": now}


def _to_record(row: Row[Any]) -> EventRecord:
    values: dict[str, Any] = {field.name: getattr(row, field.name, None) for field in fields(NewEvent)}
    values |= {"index": row.index_name, "type": EventType(row.type), "time": row.time.astimezone(UTC)}
    return EventRecord(row.number, row.received_at, NewEvent(**values))
