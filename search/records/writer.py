"""Writes records to disk beside the requests: a request only leaves its record in a buffer."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import weakref
from collections import deque
from pathlib import Path

from search.records.appending import Appending
from search.records.record import Record, to_line
from search.records.retention import Retention, sweep

_log = logging.getLogger(__name__)

BUFFER_RECORDS = 1_000
"""So many wait at most, some 50 MB; what comes on top is dropped."""

FLUSH_S = 0.25
"""So long a record waits at most, unless the disk is slow; kill -9 loses no more than that."""

_CHUNK_BYTES = 1_000_000
_MAX_FILE_BYTES = 16_000_000
_PAUSE_S = 30.0
"""So long nothing is written after the disk refused."""

_SWEEP_S = 3600.0


class RecordWriter:
    """Thread-safe. Nothing is opened before the first record; a forked child begins anew, with a file of its own.

    A disk that refuses costs records, which are counted, and never a search.

    Args:
        folder: where the files are.
        retention: how long they are kept.
        enabled: whether records are written; those that are there go in their time also where they are not.
    """

    def __init__(
        self, folder: Path, retention: Retention, *, enabled: bool = True, buffer_records: int = BUFFER_RECORDS
    ) -> None:
        self._folder = folder
        self._retention = retention
        self._enabled = enabled
        self._buffer_records = buffer_records
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._buffer: deque[Record] = deque()
        self._file = Appending(folder, 0)
        self._begin()
        begin = weakref.WeakMethod(self._begin)

        def begin_in_child() -> None:
            method = begin()
            if method is not None:
                method()

        os.register_at_fork(after_in_child=begin_in_child)

    def put(self, record: Record) -> None:
        """Leaves a record to be written. Never waits, and never fails for want of disk or memory."""
        if self._thread is None:
            self._start()
        if not self._enabled:
            return
        if len(self._buffer) >= self._buffer_records:
            self._drop(1)
            return
        self._buffer.append(record)

    @property
    def written(self) -> int:
        """Records that this process has written."""
        return self._written

    @property
    def dropped(self) -> int:
        """Records that this process has lost: the buffer was full, or the disk refused."""
        return self._dropped

    def close(self) -> None:
        """Writes what waits and ends the thread; the next record would start another."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is None:
                return
            self._stop.set()
            thread.join()
            self._stop = threading.Event()
            self._file.close()
            atexit.unregister(self.close)

    def _begin(self) -> None:
        """The state of a process that has written nothing. What a parent holds, it writes itself."""
        self._file.close()
        self._file = Appending(self._folder, min(_MAX_FILE_BYTES, self._retention.max_bytes // 4))
        self._lock = threading.Lock()
        self._counting = threading.Lock()
        self._stop = threading.Event()
        self._thread = None
        self._buffer.clear()
        self._written = self._dropped = 0
        self._retry_at = self._sweep_at = 0.0
        self._failing = False

    def _start(self) -> None:
        with self._lock:
            if self._thread is not None:
                return
            thread = threading.Thread(target=self._run, args=(self._stop,), name="search-records", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:
                # No thread can be had at the moment, or the process ends: the buffer fills, and the next record tries.
                _log.warning("search records wait: %s", error)
                return
            self._thread = thread
            atexit.register(self.close)

    def _run(self, stop: threading.Event) -> None:
        while not stop.wait(FLUSH_S):
            self._write_waiting()
            if time.monotonic() >= self._sweep_at:
                self._sweep()
        self._write_waiting()

    def _write_waiting(self) -> None:
        while self._buffer:
            lines: list[bytes] = []
            size = 0
            while self._buffer and size < _CHUNK_BYTES:
                line = self._line(self._buffer.popleft())
                size += len(line)
                if line:
                    lines.append(line)
                # A request that waits for the interpreter gets it between two records, not after all of them.
                time.sleep(0)
            self._append(lines)

    def _line(self, record: Record) -> bytes:
        if time.monotonic() < self._retry_at:
            self._drop(1)
            return b""
        try:
            return to_line(record)
        except (TypeError, ValueError):
            _log.exception("the record of search %s cannot be written as JSON and is dropped", record.query_id)
            self._drop(1)
            return b""

    def _append(self, lines: list[bytes]) -> None:
        if not lines:
            return
        try:
            self._file.append(b"".join(lines))
        except OSError as error:
            self._drop(len(lines))
            self._retry_at = time.monotonic() + _PAUSE_S
            if not self._failing:
                self._failing = True
                _log.error(
                    "search records cannot be written to %s and are dropped until they can be: %s; make room, or "
                    "switch them off with SHELFWISE_RECORDS=off",
                    self._folder,
                    error,
                )
            return
        self._written += len(lines)
        if self._failing:
            self._failing = False
            _log.warning("search records are written again; %d were dropped", self._dropped)

    def _sweep(self) -> None:
        self._sweep_at = time.monotonic() + _SWEEP_S
        try:
            sweep(self._folder, self._retention, self._write_waiting)
        except OSError as error:
            _log.warning("search records are kept longer than they should be: %s", error)

    def _drop(self, count: int) -> None:
        with self._counting:
            self._dropped += count
