"""What every store of events does. The contract suite in tests/contract runs over each implementation.

What returned is on disk. Every method may raise, beside what it names:

    ConflictError       another process holds the database for too long: retry
    StorageError        the disk is full, broken or read-only, or the database's server cannot be reached: retry
    CorruptionError     the database is damaged, or another program's
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from indexer.store.event_records import EventRecord, NewEvent, Person


class EventStore(Protocol):
    """What shoppers did. Events are added and never changed; only a person's own go, when they are to be forgotten."""

    def add(self, events: Sequence[NewEvent]) -> int:
        """Keeps at most 1,000 events in one transaction, all of them or none.

        Of those with one id in one index the first is kept, now or earlier.

        Returns:
            How many are new.

        Raises:
            InputError: too many, a name that is missing or too long, or a time without a zone.
        """
        ...

    def scan(self, after: int, limit: int, index: str = "") -> list[EventRecord]:
        """The next events after number `after`, at most `limit`, in the order in which they were kept.

        Args:
            index: only those of this one, "" for all.
        """
        ...

    def of_person(self, person: Person) -> list[EventRecord]:
        """All events of a person, in the order in which they were kept."""
        ...

    def erase(self, person: Person) -> int:
        """Removes all events of a person for good; returns how many there were."""
        ...
