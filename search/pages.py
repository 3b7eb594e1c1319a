"""Stable pages: the window that was ranked once, kept for a while where every web process finds it.

An SQLite file of its own, without fsync: what a crash loses is a page that is asked for again.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

from indexer.engines.query import Filter
from indexer.errors import StorageError
from indexer.files import disk_errors
from search.errors import ExpiredError, RequestError
from search.fuse import Fused

KEEP_S = 600
_SWEEP_S = 60


@dataclass(frozen=True, slots=True)
class Cursor:
    """query_id: of the answer that is paged through; start: the place of the next page's first hit, from 0."""

    query_id: str
    start: int

    def encode(self) -> str:
        """The text that a response carries."""
        return base64.urlsafe_b64encode(orjson.dumps([self.query_id, self.start])).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """The inverse of `encode`.

        Raises:
            RequestError: it is no cursor of ours.
        """
        try:
            query_id, start = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (binascii.Error, orjson.JSONDecodeError, ValueError, TypeError) as error:
            raise RequestError(
                "cursor", text, "it is no cursor: pass on `next_cursor` of an answer as it is"
            ) from error
        if not isinstance(query_id, str) or not isinstance(start, int) or start < 0:
            raise RequestError("cursor", text, "it is no cursor: pass on `next_cursor` of an answer as it is")
        return cls(query_id, start)


@dataclass(frozen=True, slots=True)
class KeptWindow:
    """What the next pages need.

    Args:
        index: that was searched.
        binding: of the caller, see `binding_of`; another caller's cursor is answered like an expired one.
        request: as it came, parsed anew for each page.
        source: "query" or "body", how the request came.
        window: the products that were ranked together, best first; empty under an explicit sort.
    """

    index: str
    binding: str
    request: Mapping[str, Any]
    source: Literal["query", "body"]
    window: tuple[Fused, ...]


def binding_of(enforced: Filter | None, key: str = "") -> str:
    """What ties a cursor to a caller: the key and its enforced filter."""
    return hashlib.blake2b(f"{key}\0{enforced!r}".encode(), digest_size=16).hexdigest()


class Pages:
    """The windows of the last ten minutes. Thread-safe, and shared by all processes that open the same file."""

    def __init__(self, path: Path, keep_s: float = KEEP_S) -> None:
        self._path = path
        self._keep_s = keep_s
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._swept_at = 0.0

    def keep(self, query_id: str, kept: KeptWindow) -> None:
        """Keeps a window under its answer's id.

        Raises:
            StorageError: the file cannot be written.
        """
        window: Sequence[Any] = [astuple(hit) for hit in kept.window]
        data = orjson.dumps([kept.index, kept.binding, kept.request, kept.source, window])
        now = time.time()
        with self._using() as connection:
            connection.execute("INSERT OR REPLACE INTO page VALUES (?, ?, ?)", (query_id, now, data))
            if now - self._swept_at > _SWEEP_S:
                connection.execute("DELETE FROM page WHERE at < ?", (now - self._keep_s,))
                self._swept_at = now

    def find(self, query_id: str, index: str, binding: str) -> KeptWindow:
        """The window that was kept.

        Raises:
            ExpiredError: it is gone, or another caller's.
            StorageError: the file cannot be read.
        """
        with self._using() as connection:
            row = connection.execute(
                "SELECT data FROM page WHERE id = ? AND at >= ?", (query_id, time.time() - self._keep_s)
            ).fetchone()
        if row is not None:
            found = orjson.loads(row[0])
            name, bound, request, source, window = found
            kept = KeptWindow(name, bound, request, source, tuple(Fused(*hit) for hit in window))
            if kept.index == index and kept.binding == binding:
                return kept
        raise ExpiredError("the cursor has expired: send the query again and page from its first page")

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
            self._connection = sqlite3.connect(self._path, timeout=5, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = OFF")
            self._connection.execute("CREATE TABLE IF NOT EXISTS page (id TEXT PRIMARY KEY, at REAL, data BLOB)")
            self._connection.execute("CREATE INDEX IF NOT EXISTS page_at ON page (at)")
        return self._connection
