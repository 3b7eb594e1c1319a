"""The catalogue store in SQL. Here are the transactions of indexes and products: one for each call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from indexer.store import copying, indexes, products
from indexer.store.attributes import SqlAttributes
from indexer.store.clock import Clock, utc_now
from indexer.store.database import Database, open_database
from indexer.store.embeddings import SqlEmbeddings
from indexer.store.events import SqlEvents
from indexer.store.generations import SqlGenerations
from indexer.store.leases import SqlLeases
from indexer.store.protocol import ProductChange
from indexer.store.records import (
    Change,
    DeleteReport,
    IndexRecord,
    ProductRecord,
    StoredProduct,
    UpsertReport,
)
from indexer.store.requests import SqlRequests
from indexer.store.syncs import SqlSync
from indexer.store.tasks import SqlTasks
from indexer.store.upgrade import upgrade


def open_catalogue(url: str, clock: Clock = utc_now) -> SqlCatalogue:
    """Opens a catalogue; creates its tables, or brings those of an earlier release up to date.

    Args:
        url: `sqlite:///PATH`, whose folder exists and whose file need not; or a `postgresql://` URL of a database.
        clock: by which tasks, leases and events go.

    Raises:
        ConfigurationError: no such kind of database, no such folder or database, or tables of a later release.
        CorruptionError: the database is damaged, or another program's.
        StorageError: its server cannot be reached.
        ConflictError: another process takes too long to upgrade it.
    """
    database = open_database(url)
    try:
        upgrade(database)
    except BaseException:
        database.close()
        raise
    return SqlCatalogue(database, clock)


class SqlCatalogue:
    """A `CatalogueStore`; see there for what each method does.

    Args:
        database: with tables of the present version; `open_catalogue` sees to that.
        clock: by which tasks, leases and events go.
    """

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self.generations = SqlGenerations(database)
        self.attributes = SqlAttributes(database)
        self.embeddings = SqlEmbeddings(database)
        self.tasks = SqlTasks(database, clock)
        self.leases = SqlLeases(database, clock)
        self.events = SqlEvents(database, clock)
        self.requests = SqlRequests(database, clock)

    def create_index(self, name: str, settings: Mapping[str, Any]) -> IndexRecord:
        with self._database.write() as connection:
            indexes.add(self._database, connection, name, settings)
            return indexes.to_record(indexes.find(connection, name))

    def get_index(self, name: str) -> IndexRecord:
        with self._database.read() as connection:
            return indexes.to_record(indexes.find(connection, name))

    def list_indexes(self) -> list[IndexRecord]:
        with self._database.read() as connection:
            return indexes.find_all(connection)

    def update_settings(self, name: str, settings: Mapping[str, Any], expected_version: int) -> IndexRecord:
        with self._database.write() as connection:
            indexes.set_settings(connection, name, settings, expected_version)
            return indexes.to_record(indexes.find(connection, name))

    def delete_index(self, name: str) -> None:
        with self._database.write() as connection:
            indexes.drop(connection, name)
        indexes.purge(self._database)

    def copy_index(self, name: str, new: str) -> IndexRecord:
        return copying.copy_index(self._database, name, new)

    def upsert(self, index: str, batch: Sequence[StoredProduct]) -> UpsertReport:
        with self._database.write() as connection:
            return products.upsert(self._database, connection, index, batch)

    def modify(self, index: str, ids: Sequence[str], change: ProductChange) -> UpsertReport:
        with self._database.write() as connection:
            return products.modify(self._database, connection, index, ids, change)

    def delete(self, index: str, ids: Sequence[str]) -> DeleteReport:
        with self._database.write() as connection:
            return products.delete(connection, index, ids)

    def changes(self, index: str, after: int, limit: int) -> list[Change]:
        with self._database.read() as connection:
            return products.changes(connection, index, after, limit)

    def get(self, index: str, ids: Sequence[str]) -> dict[str, ProductRecord]:
        with self._database.read() as connection:
            return products.get(connection, index, ids)

    def count(self, index: str) -> int:
        return self.get_index(index).product_count

    def ids(self, index: str, after_id: str, limit: int) -> list[str]:
        with self._database.read() as connection:
            return products.ids_after(connection, index, after_id, limit)

    def scan(self, index: str, after_id: str, limit: int) -> list[ProductRecord]:
        with self._database.read() as connection:
            return products.scan(connection, index, after_id, limit)

    def set_text_hashes(self, index: str, hashes: Mapping[str, bytes]) -> None:
        with self._database.write() as connection:
            products.set_text_hashes(connection, index, hashes)

    def begin_sync(self, index: str) -> SqlSync:
        return SqlSync(self._database, index)

    def backup(self, path: Path) -> None:
        self._database.backup(path)

    def close(self) -> None:
        self._database.close()
