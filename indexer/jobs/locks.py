"""Locks of an index: who imports, builds or writes, over all processes of one machine.

They are the operating system's: a process that ends, however it ends, holds none any more.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path

from filelock import FileLock, Timeout

from indexer.errors import ConflictError
from indexer.files import disk_errors
from indexer.index_name import check_index_name, file_name

_POLL_S = 0.02


class Work(StrEnum):
    """What one process at a time does to an index; whoever needs several locks takes them in this order."""

    IMPORT = "import"  # rows of a feed to the catalogue
    BUILD = "build"  # a generation beside the live one
    WRITE = "write"  # changes to the live generation, and the switch to another one


_DOES = {Work.IMPORT: "imported into", Work.BUILD: "built", Work.WRITE: "written"}


class IndexLocks:
    """The locks of a data directory.

    Args:
        folder: of their files; made when first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def holding(self, index: str, work: Work, wait_s: float = 0.0) -> Iterator[None]:
        """Holds a lock for as long as the block runs.

        Raises:
            ConflictError: another process, or another part of this one, holds it.
            InputError: no index can have that name.
        """
        lock = self.acquire(index, work, wait_s)
        try:
            yield
        finally:
            lock.release()

    def acquire(self, index: str, work: Work, wait_s: float = 0.0) -> FileLock:
        """Takes a lock, which is held until it is released; errors as in `holding`.

        While it waits, `wanted` is true for the one who holds it.
        """
        check_index_name(index)
        lock = self._lock(index, work.value)
        if _taken(lock):
            return lock
        if wait_s <= 0:
            raise _held(index, work)
        deadline = time.monotonic() + wait_s
        with self._wanting(index, work, wait_s):
            while not _taken(lock):
                if time.monotonic() >= deadline:
                    raise _held(index, work)
                time.sleep(_POLL_S)
        return lock

    def held(self, index: str, work: Work) -> bool:
        """Whether somebody holds it, in this process or another."""
        return self._is_taken(index, work.value)

    def wanted(self, index: str, work: Work) -> bool:
        """Whether somebody waits for it."""
        return self._is_taken(index, f"{work.value}.wanted")

    def _is_taken(self, index: str, kind: str) -> bool:
        lock = self._lock(index, kind)
        if not _taken(lock):
            return True
        lock.release()
        return False

    @contextmanager
    def _wanting(self, index: str, work: Work, wait_s: float) -> Iterator[None]:
        # One at a time waits at the door, the others behind it.
        door = self._lock(index, f"{work.value}.wanted")
        deadline = time.monotonic() + wait_s
        while not _taken(door):
            if time.monotonic() >= deadline:
                raise _held(index, work)
            time.sleep(_POLL_S)
        try:
            yield
        finally:
            door.release()

    def _lock(self, index: str, kind: str) -> FileLock:
        path = self._folder / f"{file_name(index)}.{kind}.lock"
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        # Each its own: two threads of one process keep each other out too.
        return FileLock(path, thread_local=False)


def _taken(lock: FileLock) -> bool:
    with disk_errors(Path(lock.lock_file)), suppress(Timeout):
        lock.acquire(timeout=0)
    return lock.is_locked


def _held(index: str, work: Work) -> ConflictError:
    return ConflictError(f"index {index!r} is being {_DOES[work]} by another process: try again when it is done")
