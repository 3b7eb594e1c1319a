"""The registry knows every place that holds personal data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table

from indexer.store.tables import METADATA
from search.config import Config
from search.personal.registry import PersonalData
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
