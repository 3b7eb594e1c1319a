"""Locks of an index: who imports, builds or writes, over all processes that share a catalogue."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from indexer.errors import ConflictError
from indexer.index_name import check_index_name
from indexer.jobs.file_locks import FileLocks
from indexer.store.urls import is_server

_POLL_S = 0.02


class Work(StrEnum):
    """What one process at a time does to an index; whoever needs several locks takes them in this order."""

    IMPORT = "import"  # rows of a feed to the catalogue
    BUILD = "build"  # a generation beside the live one
    WRITE = "write"  # changes to the live generation, and the switch to another one


_DOES = {Work.IMPORT: "imported into", Work.BUILD: "built", Work.WRITE: "written"}


class HeldLock(Protocol):
    """A lock that was taken."""

    def release(self) -> None:
        """Frees it."""
        ...

    def is_held(self) -> bool:
        """Whether it still is what it was taken for: a lock that others keep for us may be lost."""
        ...


class Locks(Protocol):
    """Who keeps the locks. A process that ends, however it ends, holds none any more. Safe to share between threads."""

    def take(self, index: str, kind: str) -> HeldLock | None:
        """Takes a lock that is free; None where somebody holds it, be it another part of this process."""
        ...

    def is_taken(self, index: str, kind: str) -> bool:
        """Whether somebody holds it, in this process or another."""
        ...

    def close(self) -> None:
        """Gives up everything."""
        ...


class IndexLocks:
    """The locks of all indexes of a catalogue. Safe to share between threads.

    Args:
        locks: by whom they are kept.
    """

    def __init__(self, locks: Locks) -> None:
        self._locks = locks
        self._held: dict[tuple[str, Work], HeldLock] = {}

    @contextmanager
    def holding(self, index: str, work: Work, wait_s: float = 0.0) -> Iterator[None]:
        """Holds a lock for as long as the block runs.

        Raises:
            ConflictError: another process, or another part of this one, holds it.
            InputError: no index can have that name.
        """
        lock = self.acquire(index, work, wait_s)
        self._held[index, work] = lock
        try:
            yield
        finally:
            del self._held[index, work]
            lock.release()

    def check(self, index: str, work: Work) -> None:
        """Makes sure that the lock which a block is `holding` was not lost; asked before a step that others would see.

        Raises:
            ConflictError: it was, so that another process may have it by now.
        """
        if not self._held[index, work].is_held():
            raise lost(index, work)

    def acquire(self, index: str, work: Work, wait_s: float = 0.0) -> HeldLock:
        """Takes a lock, which is held until it is released; errors as in `holding`.

        While it waits, `wanted` is true for the one who holds it.
        """
        check_index_name(index)
        lock = self._locks.take(index, work.value)
        if lock is not None:
            return lock
        if wait_s <= 0:
            raise _held(index, work)
        deadline = time.monotonic() + wait_s
        # One at a time waits at the door, the others behind it.
        door = self._take_until(deadline, index, work, _wanted(work))
        try:
            return self._take_until(deadline, index, work, work.value)
        finally:
            door.release()

    def held(self, index: str, work: Work) -> bool:
        """Whether somebody holds it, in this process or another."""
        return self._locks.is_taken(index, work.value)

    def wanted(self, index: str, work: Work) -> bool:
        """Whether somebody waits for it."""
        return self._locks.is_taken(index, _wanted(work))

    def close(self) -> None:
        """Gives up everything."""
        self._locks.close()

    def _take_until(self, deadline: float, index: str, work: Work, kind: str) -> HeldLock:
        while (lock := self._locks.take(index, kind)) is None:
            if time.monotonic() >= deadline:
                raise _held(index, work)
            time.sleep(_POLL_S)
        return lock


def open_locks(database_url: str, folder: Path) -> IndexLocks:
    """The locks of a catalogue: kept by its server where it is on one, else by the operating system of its machine.

    Args:
        database_url: of the catalogue.
        folder: of the files that stand for locks; made when first needed.
    """
    if is_server(database_url):
        # Imported here: who keeps the catalogue in a file needs no driver.
        from indexer.store.advisory_locks import AdvisoryLocks

        return IndexLocks(AdvisoryLocks(database_url))
    return IndexLocks(FileLocks(folder))


def lost(index: str, work: Work) -> ConflictError:
    """The error of who finds that a lock was lost."""
    return ConflictError(
        f"the right to have index {index!r} {_DOES[work]} was lost with the connection to the database, and another "
        "process may have it by now: try again"
    )


def _wanted(work: Work) -> str:
    return f"{work.value}.wanted"


def _held(index: str, work: Work) -> ConflictError:
    return ConflictError(f"index {index!r} is being {_DOES[work]} by another process: try again when it is done")
