"""The places that hold personal data: events, kept pages, search records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from indexer.store.event_protocol import EventStore
from indexer.store.event_records import EventRecord, Person
from search.pages import KEEP_S, Pages
from search.records.personal import PersonalRecords


class EventsPlace:
    """What shoppers did, in the catalogue's database."""

    name = "events"
    holds = "what shoppers did with products: user_id, session_id, product, time, value"
    retention = "until it is erased"
    tables = frozenset({"events"})

    def __init__(self, events: EventStore) -> None:
        self._events = events

    def query_ids(self, person: Person) -> frozenset[str]:
        """Of the answers that their events came from."""
        found = self._events.of_person(person)
        return frozenset(record.event.query_id for record in found if record.event.query_id)

    def export(self, person: Person) -> Iterator[Mapping[str, Any]]:
        """Each event as it is kept."""
        return map(_event_to_dict, self._events.of_person(person))

    def erase(self, person: Person) -> int:
        """The rows are overwritten."""
        return self._events.erase(person)


class PagesPlace:
    """Searches whose later pages may be asked for: known to be a person's by their ids alone."""

    name = "pages"
    holds = "what was searched for in the last minutes, for its later pages, without who searched"
    retention = f"{KEEP_S // 60} minutes"
    tables: frozenset[str] = frozenset()

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def export(self, person: Person) -> Iterator[Mapping[str, Any]]:
        """The requests, by their searches."""
        for query_id, request in self._pages.requests(person.query_ids).items():
            yield {"query_id": query_id, "request": request}

    def erase(self, person: Person) -> int:
        """The rows are overwritten; cursors of these searches have then expired."""
        return self._pages.forget(person.query_ids)


class RecordsPlace:
    """The records of searches, in files."""

    name = "records"
    holds = "what was searched for and what was shown: user_id, session_id, query, products"
    tables: frozenset[str] = frozenset()

    def __init__(self, records: PersonalRecords, days: int) -> None:
        self._records = records
        self.retention = f"{days} days (SHELFWISE_RECORDS_DAYS)"

    def query_ids(self, person: Person) -> frozenset[str]:
        """Of all their searches and pages, those of a moment ago included.

        Args:
            person: with the searches that may be theirs.
        """
        self._records.settle()
        return frozenset(record["query_id"] for record in self._records.of_person(person))

    def export(self, person: Person) -> Iterator[Mapping[str, Any]]:
        """Each record as it is kept."""
        return self._records.of_person(person)

    def erase(self, person: Person) -> int:
        """The files are written anew without them."""
        return self._records.erase(person)


def _event_to_dict(record: EventRecord) -> dict[str, Any]:
    return {
        "number": record.number,
        "received_at": record.received_at.isoformat(),
        **asdict(record.event),
        "time": record.event.time.isoformat(),
    }
