"""The registry knows every place that holds personal data."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table

from indexer.errors import StorageError
from indexer.store.event_records import EventType, NewEvent, Person
from indexer.store.tables import METADATA
from search.config import Config
from search.pages import KeptWindow
from search.personal.registry import PersonalData
from search.records.record import PageRecord
from search.services import Services

PERSONAL = re.compile(r"user|session|query|shopper|customer|visitor|person|mail|phone", re.IGNORECASE)
"""Names of columns that say something of a person."""


def with_personal_columns(metadata: MetaData) -> set[str]:
    return {table.name for table in metadata.sorted_tables for column in table.columns if PERSONAL.search(column.name)}


@pytest.fixture
def registered(tmp_path: Path) -> set[str]:
    with Services(Config(data_dir=tmp_path)) as services:
        return {table for place in PersonalData(services).places for table in place.tables}


def test_every_table_with_personal_data_is_registered(registered: set[str]) -> None:
    found = with_personal_columns(METADATA)
    assert "events" in found
    assert found <= registered, f"give {found - registered} a place in search.personal.registry"
    assert registered <= set(METADATA.tables)


def test_a_table_that_is_not_registered_is_seen(registered: set[str]) -> None:
    metadata = MetaData()
    Table("profiles", metadata, Column("id", Integer, primary_key=True), Column("user_id", String(200)))
    assert not with_personal_columns(metadata) <= registered


def test_every_place_says_what_it_holds_and_for_how_long(tmp_path: Path) -> None:
    with Services(Config(data_dir=tmp_path, records_days=7)) as services:
        places = PersonalData(services).places
    assert len({place.name for place in places}) == len(places) >= 3
    assert all(place.holds and place.retention for place in places)
    assert {place.retention for place in places} >= {"10 minutes", "7 days (SHELFWISE_RECORDS_DAYS)"}


def test_an_erasure_that_breaks_off_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.records.personal.time.sleep", lambda seconds: None)
    with Services(Config(data_dir=tmp_path)) as services:
        services.records.put(PageRecord(1.0, "q1", 0, ("p1",), "alma", "", {"name": "shop"}))
        services.records.close()
        services.pages.keep("q1", KeptWindow("shop", "", {"q": "lamp"}, "body", ()))
        time = datetime(2026, 2, 2, tzinfo=UTC)
        services.catalogue.events.add([NewEvent("e1", "shop", EventType.CLICK, "p1", time, query_id="q1")])
        data = PersonalData(services)
        for broken in data.places:
            with monkeypatch.context() as patched:
                patched.setattr(type(broken), "erase", refuse)
                with pytest.raises(StorageError):
                    data.erase(Person("alma"))
        held = data.export(Person("alma"))
        assert [len(held[place.name]) for place in data.places] == [0, 0, 1]
        assert data.erase(Person("alma")) == {"events": 0, "pages": 0, "records": 1}
        assert not any(data.export(Person("alma")).values())


def refuse(self: object, person: Person) -> int:
    raise StorageError("the disk is full")
