"""The registry of personal data: every place that holds some is in it, and export and erasure walk it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from indexer.store.event_records import Person
from search.personal.place import Place
from search.personal.places import EventsPlace, PagesPlace, RecordsPlace
from search.records.personal import PersonalRecords
from search.services import Services


class PersonalData:
    """All personal data of an installation.

    Args:
        services: over its data directory.
    """

    def __init__(self, services: Services) -> None:
        config = services.config
        self._events = EventsPlace(services.catalogue.events)
        self._records = RecordsPlace(PersonalRecords(config.records_dir), config.records_days)
        # The records are erased last: they alone tell which searches were somebody's, so that an erasure which breaks
        # off can be run again.
        self.places: tuple[Place, ...] = (self._events, PagesPlace(services.pages), self._records)

    def export(self, person: Person) -> dict[str, list[Mapping[str, Any]]]:
        """All that is held of a person, by place.

        Args:
            person: by their ids; their searches are found here.
        """
        known = self._with_searches(person)
        return {place.name: list(place.export(known)) for place in self.places}

    def erase(self, person: Person) -> dict[str, int]:
        """Removes all that is held of a person for good; says how much it was, by place.

        Args:
            person: by their ids; their searches are found here.
        """
        known = self._with_searches(person)
        return {place.name: place.erase(known) for place in self.places}

    def _with_searches(self, person: Person) -> Person:
        maybe = replace(person, query_ids=self._events.query_ids(person))
        return replace(person, query_ids=self._records.query_ids(maybe))
