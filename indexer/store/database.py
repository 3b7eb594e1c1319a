"""The database under the catalogue, as its stores see it, and which implementation a URL names."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import sqlite

from indexer.store.sqlite import SqliteDatabase
from indexer.store.urls import is_server

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

    Insert: TypeAlias = sqlite.Insert | postgresql.Insert


class Database(Protocol):
    """Transactions, locks and errors of a database. Safe to share between threads; opened after a fork.

    Every method may raise, beside what it names:

        ConflictError       another process holds what is wanted for too long: retry
        StorageError        the disk is full or broken, the server cannot be reached or went away: retry
        ConfigurationError  the URL, the user or the server's settings are wrong
        CorruptionError     it is damaged
    """

    @property
    def name(self) -> str:
        """What it is called in messages: a path, or a URL without its password."""
        ...

    def is_there(self) -> bool:
        """Whether it holds anything; asking makes nothing."""
        ...

    def read(self) -> AbstractContextManager[Connection]:
        """A transaction that reads one snapshot; it neither waits for a writer nor holds one up."""
        ...

    def write(self) -> AbstractContextManager[Connection]:
        """A transaction that is on disk when the block is left, else undone.

        Others may write at the same time, where the database can: what must not change meanwhile is read with
        `with_for_update`, which holds its rows until the end, or is named by `lock`.
        """
        ...

    def erase(self, table: Table) -> AbstractContextManager[Connection]:
        """A transaction as of `write`, for deleting from `table` what nobody may find in the database's files."""
        ...

    def lock(self, connection: Connection, thing: str) -> None:
        """Makes writing transactions that name the same thing come one after the other, from here to their end."""
        ...

    def give_way(self) -> None:
        """Lets waiting writers in; called between the transactions of a job that makes many at a stretch."""
        ...

    def insert(self, table: Table) -> Insert:
        """An INSERT that knows `on_conflict_do_update` and `on_conflict_do_nothing`."""
        ...

    def is_durable(self) -> bool:
        """Whether what is committed survives the loss of the machine's power."""
        ...

    def make_durable(self) -> None:
        """Sees to that, or warns where it cannot. The caller holds the upgrade lock."""
        ...

    def upgrade_lock(self) -> AbstractContextManager[None]:
        """Held by the one process that creates or upgrades the tables.

        Raises:
            ConflictError: another process holds it for too long.
        """
        ...

    def alone(self) -> AbstractContextManager[None]:
        """Makes sure that no other process uses the database, and keeps all from opening it.

        Raises:
            ConflictError: one does.
        """
        ...

    def backup(self, path: Path) -> None:
        """Writes all of it, as of one moment, to a new SQLite file, while others read and write.

        Raises:
            InputError: `path` exists already.
            StorageError: no room, or the folder cannot be written; no file is left behind.
            ConfigurationError: there is no such folder.
        """
        ...

    def replace(self, file: Path, aside: Path) -> None:
        """Puts a backup's file, with tables of this release, in the place of all that the database holds.

        The caller is `alone`.

        Args:
            aside: a folder for what the database holds; it exists where there is anything.
        """
        ...

    def close(self) -> None:
        """Closes all connections; the next transaction would open new ones."""
        ...


def open_database(url: str) -> Database:
    """The database that a URL names; nothing is opened before the first transaction.

    Args:
        url: `sqlite:///PATH`, or `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`.

    Raises:
        ConfigurationError: another kind of database, or none.
    """
    if is_server(url):
        # Imported here: who keeps the catalogue in a file needs no driver.
        from indexer.store.postgresql import PostgresqlDatabase

        return PostgresqlDatabase(url)
    return SqliteDatabase(url)
