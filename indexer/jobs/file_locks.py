"""Locks of indexes kept by the operating system, over all processes of one machine."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from indexer.files import disk_errors
from indexer.index_name import file_name


class FileLocks:
    """The locks of a data directory: `Locks` that are never lost while their process lives.

    Args:
        folder: of their files; made when first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, index: str, kind: str) -> TakenFile | None:
        """Takes a lock that is free; None where somebody holds it."""
        path = self._folder / f"{file_name(index)}.{kind}.lock"
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            # Each its own: two threads of one process keep each other out too.
            lock = FileLock(path, thread_local=False)
            with suppress(Timeout):
                lock.acquire(timeout=0)
        return TakenFile(lock) if lock.is_locked else None

    def is_taken(self, index: str, kind: str) -> bool:
        """Whether somebody holds it, in this process or another."""
        lock = self.take(index, kind)
        if lock is None:
            return True
        lock.release()
        return False

    def close(self) -> None:
        """Nothing is to be done: each is released by whoever took it."""


class TakenFile:
    """A `HeldLock`."""

    def __init__(self, lock: FileLock) -> None:
        self._lock = lock

    def release(self) -> None:
        self._lock.release()

    def is_held(self) -> bool:
        return bool(self._lock.is_locked)
