"""A database of the present version, in a file of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.store.sqlite import SqliteDatabase
from indexer.store.upgrade import upgrade


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.db"


@pytest.fixture
def database(path: Path) -> Iterator[SqliteDatabase]:
    opened = SqliteDatabase(f"sqlite:///{path}")
    upgrade(opened)
    yield opened
    opened.close()
