"""Kept windows in a file that all web processes of a machine share.

An SQLite file of its own, without fsync: what a crash loses is a page that is asked for again.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from indexer.errors import StorageError
from indexer.files import disk_errors
from search.pages.protocol import KEEP_S
from search.pages.window import KeptWindow, bound_to

_log = logging.getLogger(__name__)

_SWEEP_S = 60
_FIND = "SELECT id, data FROM page WHERE id = ?"


class FilePages:
    """The windows of the last ten minutes. Thread-safe, and shared by all processes that open the same file.

    What people searched for is theirs: older windows are removed, and overwritten in the file, when it is opened and
    then once a minute, by whatever call comes.
    """

    def __init__(self, path: Path, keep_s: float = KEEP_S) -> None:
        self._path = path
        self._keep_s = keep_s
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._sweep_at = 0.0

    def keep(self, query_id: str, kept: KeptWindow) -> None:
        """Keeps a window under its answer's id.

        Raises:
            StorageError: the file cannot be written.
        """
        data = kept.encode()
        with self._using() as connection:
            connection.execute("INSERT OR REPLACE INTO page VALUES (?, ?, ?)", (query_id, time.time(), data))

    def find(self, query_id: str, binding: str) -> KeptWindow:
        """The window that was kept, of whatever index.

        Raises:
            ExpiredError: it is gone, or another caller's.
            StorageError: the file cannot be read.
        """
        with self._using() as connection:
            row = connection.execute(
                "SELECT data FROM page WHERE id = ? AND at >= ?", (query_id, time.time() - self._keep_s)
            ).fetchone()
        return bound_to(None if row is None else row[0], binding)

    def requests(self, query_ids: Collection[str]) -> dict[str, Mapping[str, Any]]:
        """The requests that are kept of these answers, by id.

        Raises:
            StorageError: the file cannot be read.
        """
        if not self._path.exists():
            return {}
        with self._using() as connection:
            found = [row for (id_,) in _each(query_ids) for row in connection.execute(_FIND, (id_,))]
        return {query_id: KeptWindow.decode(data).request for query_id, data in found}

    def forget(self, query_ids: Collection[str]) -> int:
        """Removes the windows of these answers, and overwrites them; says how many there were.

        Raises:
            StorageError: the file cannot be written.
        """
        if not self._path.exists():
            return 0
        with self._using() as connection:
            gone = connection.executemany("DELETE FROM page WHERE id = ?", _each(query_ids)).rowcount
        with self._using() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return max(gone, 0)

    def sweep(self) -> None:
        """Removes what is older than ten minutes, where that is due; makes no file.

        Raises:
            StorageError: the file cannot be opened.
        """
        if time.monotonic() >= self._sweep_at and self._path.exists():
            with self._using():
                pass

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock, self._opened() as connection:
                self._sweep(connection)
                yield connection
        except sqlite3.Error as error:
            raise StorageError(
                f"{self._path}: {error}; make room on the disk, or delete the file: it holds only pages that are asked "
                "for again"
            ) from error

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            with disk_errors(self._path):
                self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=5, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("CREATE TABLE IF NOT EXISTS page (id TEXT PRIMARY KEY, at REAL, data BLOB)")
            connection.execute("CREATE INDEX IF NOT EXISTS page_at ON page (at)")
            self._connection = connection
        return self._connection

    def _sweep(self, connection: sqlite3.Connection) -> None:
        now = time.monotonic()
        if now < self._sweep_at:
            return
        self._sweep_at = now + _SWEEP_S
        try:
            with connection:
                connection.execute("DELETE FROM page WHERE at < ?", (time.time() - self._keep_s,))
            # The log still has what was removed until it is written back.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            # A page can be had from a disk that is full.
            _log.warning("%s: windows older than %.0f s cannot be removed: %s", self._path, self._keep_s, error)


def _each(ids: Collection[str]) -> list[tuple[str]]:
    return [(id_,) for id_ in sorted(ids)]
