"""A catalogue in a PostgreSQL database: connections, transactions, locks and moves. All that is PostgreSQL's is here
and in the two modules beside it: its errors, and its locks of indexes.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Integer, Table, create_engine, event, inspect, make_url, text
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.exc import ArgumentError

from indexer.errors import ConfigurationError, ConflictError, InputError, StorageError
from indexer.files import sync_directory
from indexer.store.postgresql_errors import translating
from indexer.store.sqlite import SqliteDatabase
from indexer.store.tables import METADATA
from indexer.store.transfer import copy_rows
from indexer.store.upgrade import UPGRADE_TIMEOUT_S, create_tables, upgrade

_log = logging.getLogger(__name__)

LOCK_TIMEOUT_S = 60.0
"""How long a transaction waits for the rows of another before it gives up."""

IDLE_TIMEOUT_S = 300.0
"""So long a process that hangs within a transaction may hold its locks; the server then ends the connection."""

CONNECT_TIMEOUT_S = 10
SILENT_TIMEOUT_S = 30
"""After so long without an answer from the other machine a connection counts as broken."""

KEPT_CONNECTIONS = 5
MORE_CONNECTIONS = 15
"""Beyond those that are kept; whoever wants a further one waits. A server has about a hundred for all."""

_LEAVING_S = 2.0
_LOOK_S = 0.05
"""How long, and how often, it is looked whether other processes have left."""

OLDEST_VERSION = 13

_OPEN = "open"
"""The lock that every connection of ours shares, and that is taken alone by who replaces all data."""

KEY = "hashtextextended('shelfwise/' || coalesce(current_schema(), '') || '/' || %(thing)s::text, 0)"
"""The number of a named lock: those of other programs, and of shops in other schemas, are others."""

_PREPARE = f"""
    SELECT set_config('TimeZone', 'UTC', false),
           set_config('lock_timeout', %(lock_ms)s, false),
           set_config('idle_in_transaction_session_timeout', %(idle_ms)s, false),
           set_config('statement_timeout', '0', false),
           set_config('tcp_keepalives_idle', %(silent_s)s, false),
           set_config('synchronous_commit',
                      CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
                      ELSE current_setting('synchronous_commit') END, false),
           current_setting('server_version_num')::int, current_setting('server_encoding'),
           CASE WHEN %(alone)s THEN true ELSE pg_try_advisory_lock_shared({KEY}) END
"""


class PostgresqlDatabase:
    """A `Database` on a server. Safe to share between threads and, each with one of its own, between machines.

    A connection that broke is replaced by the next transaction: a server that was started again needs no help. What was
    under way fails, and is never repeated behind the caller's back, who alone knows whether that is safe.

    Args:
        url: `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`; what it leaves out comes from the variables and files of
            libpq, such as PGPASSFILE. Nothing is opened before the first transaction.

    Raises:
        ConfigurationError: it is no such URL.
    """

    def __init__(self, url: str) -> None:
        parsed = _parsed(url)
        self.name = _shown(parsed)
        self._is_alone = False
        self._engine = create_engine(
            parsed,
            pool_size=KEPT_CONNECTIONS,
            max_overflow=MORE_CONNECTIONS,
            pool_timeout=LOCK_TIMEOUT_S,
            pool_pre_ping=True,
            connect_args={
                "application_name": f"shelfwise {socket.gethostname()[:40]}:{os.getpid()}",
                "connect_timeout": CONNECT_TIMEOUT_S,
                "keepalives_idle": SILENT_TIMEOUT_S,
                "keepalives_interval": SILENT_TIMEOUT_S // 3,
                "keepalives_count": 3,
                "tcp_user_timeout": SILENT_TIMEOUT_S * 1000,
            },
        )
        self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._writing = self._engine.execution_options(isolation_level="READ COMMITTED")
        event.listen(self._engine, "connect", self._prepare)

    def is_there(self) -> bool:
        """Whether it has any table."""
        with self.read() as connection:
            return bool(inspect(connection).get_table_names())

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that reads one snapshot; it neither waits for a writer nor holds one up."""
        with self._translated(), self._reading.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction whose statements each see what was committed before them, and wait for the rows they lock."""
        with self._translated(), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def erase(self, table: Table) -> Iterator[Connection]:
        """A transaction as of `write`; the table is vacuumed after it.

        The server's log of changes, its replicas and its backups lose the rows by the rules of whoever runs it.
        """
        with self.write() as connection:
            yield connection
        with self._translated(), self.session() as session:
            session.exec_driver_sql(f'VACUUM "{table.name}"')

    def lock(self, connection: Connection, thing: str) -> None:
        """Makes writing transactions that name the same thing come one after the other, from here to their end."""
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({KEY})", {"thing": thing})

    def give_way(self) -> None:
        """Nothing is to be done: who waits for a row is the next to have it."""

    def insert(self, table: Table) -> Insert:
        """An INSERT that knows `on_conflict_do_update` and `on_conflict_do_nothing`."""
        return insert(table)

    def is_durable(self) -> bool:
        """Whether the server syncs what it commits; that a session waits for it is seen to as it connects."""
        with self.read() as connection:
            return connection.exec_driver_sql("SHOW fsync").scalar() == "on"

    def make_durable(self) -> None:
        """Warns: only who runs the server can."""
        if not self.is_durable():
            _log.warning(
                "database %s runs with fsync = off: a crash of its machine loses what was acknowledged; set it to on",
                self.name,
            )

    @contextmanager
    def upgrade_lock(self) -> Iterator[None]:
        """Held by the one process that creates or upgrades the tables.

        Raises:
            ConflictError: another process holds it for longer than `UPGRADE_TIMEOUT_S`.
        """
        # Not a row's lock: there may be no table yet. It goes with the session, however that ends.
        with self._translated(), self.session() as session:
            session.exec_driver_sql(f"SET lock_timeout = {UPGRADE_TIMEOUT_S * 1000:.0f}")
            session.exec_driver_sql(f"SELECT pg_advisory_lock({KEY})", {"thing": "upgrade"})
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Makes sure that no other process has the database open, and keeps all from opening it.

        Raises:
            ConflictError: one has.
        """
        self._engine.dispose()  # the lock that our own connections share would be in the way
        self._is_alone = True
        try:
            with self._translated(), self.session() as session:
                # The server lets go of a connection's locks a moment after it was closed.
                deadline = time.monotonic() + _LEAVING_S
                while not session.exec_driver_sql(f"SELECT pg_try_advisory_lock({KEY})", {"thing": _OPEN}).scalar_one():
                    if time.monotonic() < deadline:
                        time.sleep(_LOOK_S)
                        continue
                    raise ConflictError(
                        f"{self.name} is open in another process, such as the web service, an import or a search: stop "
                        f"it, then run this again; nothing was changed. Connected are: {_connected(session)}"
                    )
                yield
        finally:
            self._is_alone = False
            self._engine.dispose()

    def backup(self, path: Path) -> None:
        """Writes all of it, as of one moment, to a new SQLite file, while others read and write.

        Raises:
            InputError: `path` exists already.
            StorageError: no room, or the folder cannot be written; no file is left behind.
            ConfigurationError: there is no such folder.
        """
        if path.exists():
            raise InputError(f"backup {path} exists already; choose another name, or move it away first")
        partial = path.with_name(path.name + ".partial")
        try:
            partial.unlink(missing_ok=True)
            copy = SqliteDatabase(f"sqlite:///{partial.absolute()}")
            try:
                # Nobody else knows the file, so that it needs no write-ahead log: it is complete by itself.
                create_tables(copy)
                with self.read() as reading, copy.write() as writing:
                    copy_rows(reading, writing)
            finally:
                copy.close()
            os.replace(partial, path)
            sync_directory(path.parent)
        except OSError as error:
            raise StorageError(
                f"backup {path} cannot be written: {error}; make room, or choose another folder"
            ) from error
        finally:
            partial.unlink(missing_ok=True)

    def replace(self, file: Path, aside: Path) -> None:
        """Puts a backup's file in the place of all rows, in one transaction: a restore that breaks off changes nothing.

        Args:
            aside: a folder in which a backup of what is there is written, where there is anything.
        """
        if self.is_there():
            upgrade(self)
            self.backup(aside / "catalogue.db")
        upgrade(self)
        source = SqliteDatabase(f"sqlite:///{file.absolute()}")
        try:
            with source.read() as reading, self.write() as writing:
                names = ", ".join(f'"{table.name}"' for table in METADATA.sorted_tables)
                writing.exec_driver_sql(f"TRUNCATE {names}")
                copy_rows(reading, writing)
                for table in METADATA.sorted_tables:
                    _count_on(writing, table)
        finally:
            source.close()

    def close(self) -> None:
        """Closes all connections; the next transaction would open new ones."""
        self._engine.dispose()

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """A connection of its own that commits each statement; what it locks is free when the block is left."""
        connection = self.new_session()
        try:
            yield connection
        finally:
            connection.close()

    def new_session(self) -> Connection:
        """A connection as of `session`, for the caller to close. Its errors are the driver's; see `translating`."""
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # it is not given back: what it locks would go along
        return connection

    def _prepare(self, connection: Any, record: object) -> None:  # noqa: ARG002
        """Settles what a new connection needs, and checks what the server is."""
        try:
            values = {
                "lock_ms": f"{LOCK_TIMEOUT_S * 1000:.0f}",
                "idle_ms": f"{IDLE_TIMEOUT_S * 1000:.0f}",
                "silent_s": str(SILENT_TIMEOUT_S),
                "alone": self._is_alone,
                "thing": _OPEN,
            }
            version, encoding, is_open = connection.execute(_PREPARE, values).fetchone()[-3:]
            connection.commit()
            self._check(version, encoding, is_open=is_open)
        except BaseException:
            connection.close()
            raise

    def _check(self, version: int, encoding: str, *, is_open: bool) -> None:
        if version < OLDEST_VERSION * 10_000:
            raise ConfigurationError(
                f"{self.name} is of PostgreSQL {version // 10_000}; wanted: {OLDEST_VERSION} or later"
            )
        if encoding != "UTF8":
            raise ConfigurationError(
                f"{self.name} has the encoding {encoding}; wanted: UTF8; make one with `createdb --encoding=UTF8 "
                "--template=template0 NAME`"
            )
        if not is_open:
            raise ConflictError(
                f"a backup is being restored into {self.name} by another process: try again when it is done"
            )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with translating(f"database {self.name}"):
            yield


def _parsed(url: str) -> URL:
    wanted = "wanted: postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        # The URL itself may hold a password.
        raise ConfigurationError(f"the database URL cannot be read; {wanted}") from error
    if parsed.drivername not in ("postgresql", "postgresql+psycopg", "postgres"):
        raise ConfigurationError(f"database URL {_shown(parsed)!r} names another driver; {wanted}")
    if not parsed.database:
        raise ConfigurationError(f"database URL {_shown(parsed)!r} names no database; {wanted}")
    return parsed.set(drivername="postgresql+psycopg")


def _shown(url: URL) -> str:
    """A URL as people may see it: of a query's values, some are passwords and paths of keys."""
    shown = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
    return shown.render_as_string()


def _connected(session: Connection) -> str:
    rows = session.exec_driver_sql(
        "SELECT DISTINCT application_name FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND application_name <> '' ORDER BY 1 LIMIT 20"
    )
    return ", ".join(rows.scalars()) or "nobody any more"


def _count_on(connection: Connection, table: Table) -> None:
    """Lets the server's counter of a table's numbers go on behind the rows that came with theirs."""
    for column in table.primary_key:
        if column is table.autoincrement_column and isinstance(column.type, Integer):
            connection.execute(
                text(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "  # noqa: S608
                    f"max({column.name})) FROM {table.name} HAVING max({column.name}) IS NOT NULL"
                )
            )
