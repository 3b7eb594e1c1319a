"""A catalogue in an SQLite file: connections, transactions, locks and errors. All that is SQLite's own is here."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Table, create_engine, event, make_url
from sqlalchemy.dialects.sqlite import Insert, insert
from sqlalchemy.exc import ArgumentError, DBAPIError

from indexer.errors import (
    ConfigurationError,
    ConflictError,
    CorruptionError,
    IndexerError,
    InputError,
    StorageError,
)
from indexer.files import disk_errors, sync_directory
from indexer.store.upgrade import UPGRADE_TIMEOUT_S

_log = logging.getLogger(__name__)

BUSY_TIMEOUT_S = 60.0
"""How long a writer waits for the others before it gives up."""

PAUSE_S = 0.005
"""Between the transactions of a long job: the lock knows no queue, so that without a gap others hardly get it."""

CACHE_KIB = 16 * 1024
"""Page cache of a connection; SQLite's own 2 MiB makes a batch of 500 spill."""

CHECKPOINT_PAGES = 4096
"""Length of the write-ahead log, 16 MiB, at which it is copied into the database: each copy costs two more fsyncs."""


class SqliteDatabase:
    """A `Database` in a file, with durable commits, one writer and many readers. Safe to share between threads.

    Args:
        url: `sqlite:///PATH`; nothing is opened before the first transaction.

    Raises:
        ConfigurationError: another kind of database, or no path.
    """

    def __init__(self, url: str) -> None:
        self.path = _path_of(url)
        # Connections beyond the five that are kept are closed after use; nobody waits for one.
        self._engine = create_engine(url, max_overflow=-1, connect_args={"timeout": BUSY_TIMEOUT_S})
        self._writing = self._engine.execution_options(immediate=True)
        event.listen(self._engine, "connect", _configure)
        event.listen(self._engine, "begin", _begin)

    @property
    def name(self) -> str:
        """Its path, for messages."""
        return str(self.path)

    def is_there(self) -> bool:
        """Whether there is such a file; asking makes none."""
        return self.path.exists()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that reads one snapshot; it neither waits for a writer nor holds one up."""
        with self._translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its start; on disk when the block is left, else undone."""
        with self._translated(), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def erase(self, table: Table) -> Iterator[Connection]:  # noqa: ARG002 - the whole file is swept
        """A transaction as of `write`; what it deletes is overwritten, in the file and in its write-ahead log."""
        with self.write() as connection:
            before = connection.exec_driver_sql("PRAGMA secure_delete").scalar_one()
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
            try:
                yield connection
            finally:
                connection.exec_driver_sql(f"PRAGMA secure_delete = {before:d}")
        with self._translated():
            raw = self._engine.raw_connection()
            try:
                (is_held, *_) = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                raw.close()
        if is_held:
            _log.warning(
                "%s: what was erased stays in its write-ahead log until the readers of the moment are done", self.path
            )

    def lock(self, connection: Connection, thing: str) -> None:
        """Nothing is to be done: who writes is alone already."""

    def give_way(self) -> None:
        """Lets waiting writers in; called between the transactions of a job that makes many at a stretch."""
        time.sleep(PAUSE_S)

    def insert(self, table: Table) -> Insert:
        """An INSERT that knows `on_conflict_do_update` and `on_conflict_do_nothing`."""
        return insert(table)

    def is_durable(self) -> bool:
        """Whether the file has its write-ahead log; a new one, or one restored from elsewhere, has not."""
        with self.read() as connection:
            return connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"

    def make_durable(self) -> None:
        """Switches the write-ahead log on; it stays on in the file. The caller holds the upgrade lock."""
        with self._translated():
            connection = self._engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA journal_mode = WAL")
            finally:
                connection.close()

    @contextmanager
    def upgrade_lock(self) -> Iterator[None]:
        """Held by the one process that creates or upgrades the tables.

        Raises:
            ConflictError: another process holds it for longer than `UPGRADE_TIMEOUT_S`.
            StorageError: the lock's file, beside the database, cannot be written.
        """
        path = self.path.with_name(self.path.name + ".lock")
        try:
            held = FileLock(path, timeout=UPGRADE_TIMEOUT_S).acquire()
        except Timeout as error:
            raise ConflictError(
                f"{self.path}: another process has held {path} for {UPGRADE_TIMEOUT_S:.0f} s to upgrade the tables; "
                f"wait for it, or end it where it hangs, and try again"
            ) from error
        except OSError as error:
            raise StorageError(f"{path} cannot be written: {error}; let this user write its folder") from error
        with held:
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nothing is to be done: the lock of the data directory says who has the file open."""
        yield

    def backup(self, path: Path) -> None:
        """Copies the database as of one moment into a new file, while others read and write.

        The file is a whole catalogue: put in the place of a missing one, it is opened like any other.

        Raises:
            InputError: `path` exists already.
            StorageError: no room, or the folder cannot be written; no file is left behind.
            ConfigurationError: there is no such folder.
        """
        if path.exists():
            raise InputError(f"backup {path} exists already; choose another name, or move it away first")
        partial = path.with_name(path.name + ".partial")
        try:
            with _translating(f"backup {path}"):
                self._copy_to(partial)
            with open(partial, "rb") as file:
                os.fsync(file.fileno())
            os.replace(partial, path)
            sync_directory(path.parent)
        except OSError as error:
            raise StorageError(
                f"backup {path} cannot be written: {error}; make room, or choose another folder"
            ) from error
        finally:
            partial.unlink(missing_ok=True)

    def replace(self, file: Path, aside: Path) -> None:
        """Puts a backup's file, which is of the same file system, in the place of this one.

        Args:
            aside: a folder for what is there; it exists where anything is.

        Raises:
            StorageError: the disk refused.
        """
        with disk_errors(self.path):
            for old in self._files():
                shutil.move(old, aside / old.name)
            os.replace(file, self.path)
            sync_directory(self.path.parent)

    def close(self) -> None:
        """Closes all connections; the next transaction would open new ones."""
        self._engine.dispose()

    def _files(self) -> list[Path]:
        # What SQLite keeps beside a database belongs to it: a new one must not find it.
        names = (self.path.name + suffix for suffix in ("", "-wal", "-shm"))
        return [file for name in names if (file := self.path.with_name(name)).exists()]

    def _copy_to(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        source = self._engine.raw_connection()
        target = sqlite3.connect(path)
        try:
            # All pages in one step: a copy in several begins anew whenever another process writes.
            source.driver_connection.backup(target, pages=-1)  # type: ignore[union-attr]
            # One file that is complete by itself, and can be opened where nothing can be written.
            target.execute("PRAGMA journal_mode = DELETE")
        finally:
            target.close()
            source.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with _translating(f"catalogue {self.path}"):
            yield


def _path_of(url: str) -> Path:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigurationError(f"database URL {url!r} is none; wanted: sqlite:///PATH") from error
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        shown = parsed.render_as_string(hide_password=True)
        raise ConfigurationError(f"database URL {shown!r} names no SQLite file; wanted: sqlite:///PATH")
    return Path(str(parsed.database))


def _configure(connection: sqlite3.Connection, record: object) -> None:  # noqa: ARG001
    # The driver begins no transaction by itself: _begin does, in the form that reading or writing wants.
    connection.isolation_level = None
    for name, value in (
        ("synchronous", "FULL"),  # in WAL mode anything less loses acknowledged commits when the power fails
        ("foreign_keys", "ON"),
        ("cache_size", -CACHE_KIB),
        ("wal_autocheckpoint", CHECKPOINT_PAGES),
    ):
        connection.execute(f"PRAGMA {name} = {value}")


def _begin(connection: Connection) -> None:
    # A transaction that began as a reader cannot wait when it turns writer: it fails with "database is locked" at once.
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


# --- errors --------------------------------------------------------------------------------------------------------

_ERRORS: dict[int, tuple[type[IndexerError], str]] = {
    sqlite3.SQLITE_BUSY: (
        ConflictError,
        f"another process has held the write lock for more than {BUSY_TIMEOUT_S:.0f} s; try again, and look for a "
        "process that hangs",
    ),
    sqlite3.SQLITE_LOCKED: (ConflictError, "another connection holds a table of it; try again"),
    sqlite3.SQLITE_FULL: (StorageError, "the disk is full; nothing acknowledged is lost: make room and try again"),
    sqlite3.SQLITE_IOERR: (
        StorageError,
        "the disk refused to read or write; look at its free space, quota and health, then try again",
    ),
    sqlite3.SQLITE_READONLY: (
        StorageError,
        "it cannot be written; let this user write the file and its folder, and mount the disk for writing",
    ),
    sqlite3.SQLITE_PERM: (StorageError, "this user may not use it; change the owner or the mode of the file"),
    sqlite3.SQLITE_CANTOPEN: (
        ConfigurationError,
        "it cannot be opened; make its folder, or let this user read and write it",
    ),
    sqlite3.SQLITE_NOTADB: (
        CorruptionError,
        "the file is no database; move it away, or name another one in SHELFWISE_DATABASE_URL",
    ),
    sqlite3.SQLITE_CORRUPT: (CorruptionError, "the file is damaged; restore it from a backup"),
}


@contextmanager
def _translating(thing: str) -> Iterator[None]:
    """Turns what the disk and the file may say into our errors; mistakes of our own come through as they are."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        original: Any = error.orig if isinstance(error, DBAPIError) else error
        # The low byte is the kind, the rest of an extended code says where.
        kind, remedy = _ERRORS.get(getattr(original, "sqlite_errorcode", 0) & 0xFF, (None, ""))
        if kind is None:
            raise
        raise kind(f"{thing}: {original}: {remedy}") from error
