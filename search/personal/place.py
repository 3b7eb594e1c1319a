"""A place that holds personal data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from indexer.store.event_records import Person


class Place(Protocol):
    """One of the places in `search.personal.registry`; whatever holds personal data is one of them."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def holds(self) -> str:
        """What is in it."""
        ...

    @property
    def retention(self) -> str:
        """How long it stays by itself."""
        ...

    @property
    def tables(self) -> frozenset[str]:
        """Those of the catalogue's database that it answers for."""
        ...

    def export(self, person: Person) -> Iterator[Mapping[str, Any]]:
        """All that is there of a person, as plain JSON types."""
        ...

    def erase(self, person: Person) -> int:
        """Removes all that is there of a person for good, also under processes that run; says how much it was."""
        ...
