"""Locks of indexes kept by the PostgreSQL server that has the catalogue, over all machines that share it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from indexer.store.postgresql import KEY, PostgresqlDatabase
from indexer.store.postgresql_errors import is_lost, translating

_T = TypeVar("_T")

_HALVES = f"""
    SELECT EXISTS (
        SELECT FROM pg_locks, (SELECT {KEY} AS key) AS named
        WHERE locktype = 'advisory' AND granted AND objsubid = 1
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND classid = ((key >> 32) & 4294967295)::oid AND objid = (key & 4294967295)::oid)
"""  # noqa: S608 - made of constants


class AdvisoryLocks:
    """`Locks` of one session with the server, which frees them when the process, its machine or the connection ends.

    So they can be lost while their holder lives. It learns of it from `is_held`, which asks the server. What such a
    holder still writes before it asks is fenced off where it is written: the stores check the tokens of their leases,
    a switch of generations is checked by the catalogue in a transaction, and a server engine refuses whatever carries
    an older change number than it has (Elasticsearch's external versions).

    Safe to share between threads, which keep each other out as processes do.

    Args:
        database_url: of the catalogue. Nothing is opened before the first lock is wanted.
    """

    def __init__(self, database_url: str) -> None:
        self._database = PostgresqlDatabase(database_url)
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._session = 0
        self._mine: set[str] = set()

    def take(self, index: str, kind: str) -> TakenKey | None:
        """Takes a lock that is free; None where somebody holds it, be it another part of this process."""
        thing = _thing(index, kind)

        def ask(connection: Connection) -> TakenKey | None:
            # The server would give a session what it has already.
            if thing in self._mine or not _ask(connection, f"pg_try_advisory_lock({KEY})", thing):
                return None
            self._mine.add(thing)
            return TakenKey(self, thing, self._session)

        return self._with_session(ask)

    def is_taken(self, index: str, kind: str) -> bool:
        """Whether somebody holds it, in this process or another."""
        thing = _thing(index, kind)
        # Looked up, not tried: who tries it at that moment would not get it.
        return self._with_session(
            lambda connection: bool(connection.exec_driver_sql(_HALVES, {"thing": thing}).scalar_one())
        )

    def is_held(self, thing: str, session: int) -> bool:
        """Whether the session in which a lock was taken goes on, and the lock with it."""

        def ask(connection: Connection) -> bool:
            connection.exec_driver_sql("SELECT 1")
            return self._session == session and thing in self._mine

        return self._with_session(ask)

    def release(self, thing: str, session: int) -> None:
        """Frees a lock; one that was lost is free already."""
        with self._lock:
            if self._session != session or thing not in self._mine:
                return
            self._mine.discard(thing)
            try:
                if self._connection is not None:
                    _ask(self._connection, f"pg_advisory_unlock({KEY})", thing)
            except DBAPIError:
                self._drop()  # which frees it, and all others

    def close(self) -> None:
        """Ends the session, and with it all that it holds."""
        with self._lock:
            self._drop()
        self._database.close()

    def _with_session(self, ask: Callable[[Connection], _T]) -> _T:
        """Asks the server; where the session was lost, once more in a new one, which holds nothing yet."""
        with self._lock, translating(f"database {self._database.name}"):
            if self._connection is not None:
                try:
                    return ask(self._connection)
                except DBAPIError as error:
                    self._drop()
                    if not is_lost(error):
                        raise
            self._connection = self._database.new_session()
            self._session += 1
            try:
                return ask(self._connection)
            except DBAPIError:
                self._drop()
                raise

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        self._mine.clear()
        if connection is not None:
            connection.close()


class TakenKey:
    """A `HeldLock`, for as long as the session lasts in which it was taken."""

    def __init__(self, locks: AdvisoryLocks, thing: str, session: int) -> None:
        self._locks = locks
        self._thing = thing
        self._session = session

    def release(self) -> None:
        self._locks.release(self._thing, self._session)

    def is_held(self) -> bool:
        return self._locks.is_held(self._thing, self._session)


def _ask(connection: Connection, function: str, thing: str) -> bool:
    return bool(connection.exec_driver_sql(f"SELECT {function}", {"thing": thing}).scalar_one())


def _thing(index: str, kind: str) -> str:
    return f"index:{kind}:{index}"
