"""The writers of live generations that a process keeps open, since opening one takes longer than a small write."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from indexer.engines.protocol import Engine, EngineWriter
from indexer.errors import ConflictError, IndexerError
from indexer.jobs.locks import HeldLock, IndexLocks, Work
from indexer.jobs.switching import pointed_at, settle_switch
from indexer.store.protocol import CatalogueStore

IDLE_S = 60.0
"""An unused writer is closed after so long: it takes memory, and other processes wait for it a moment."""
MAX_WAIT_S = 600.0
_LOOK_S = 0.1
"""How often an idle process looks whether another one waits."""

_log = logging.getLogger(__name__)


@dataclass
class _Slot:
    """An index: whether a thread works on it, how many urgent ones wait, and what is open."""

    busy: bool = False
    urgent: int = 0
    lock: HeldLock | None = None
    number: int | None = None
    writer: EngineWriter | None = None
    used_at_s: float = 0.0


class Live:
    """The right to write to the live generation of an index, and to switch to another, while the block runs.

    Args:
        number: of the live generation, None where there is none that could be written to.
    """

    def __init__(self, writers: Writers, index: str, slot: _Slot, number: int | None) -> None:
        self._writers = writers
        self._index = index
        self._slot = slot
        self.number = number

    def writer(self) -> EngineWriter:
        """Its writer, opened once and kept.

        Raises:
            ConflictError: there is no live generation.
        """
        return self._writers.open(self._index, self._slot, self.number)

    def close(self) -> None:
        """Closes the writer: what it writes to is about to go."""
        _close_writer(self._slot)


class Writers:
    """Safe to share between threads. Of one index, one block at a time runs, in all processes that share its locks.

    Args:
        engine: whose generations are written to.
        catalogue: which says what the live generation is.
        locks: of the catalogue.
    """

    def __init__(self, engine: Engine, catalogue: CatalogueStore, locks: IndexLocks) -> None:
        self._engine = engine
        self._catalogue = catalogue
        self._locks = locks
        self._changed = threading.Condition()
        self._slots: dict[str, _Slot] = {}
        self._sweeper: threading.Thread | None = None

    @contextmanager
    def hold(
        self, index: str, wait_s: float = MAX_WAIT_S, *, urgent: bool = False, rolling_back: bool = False
    ) -> Iterator[Live]:
        """Holds the right to write to an index.

        What is open stays so afterwards, unless another process waits for it.

        Args:
            wait_s: for whoever holds it.
            urgent: goes before those of this process who are not; long work takes the right anew for each chunk.
            rolling_back: see `settle_switch`.

        Raises:
            ConflictError: another one has it for longer than `wait_s`.
        """
        slot = self._enter(index, wait_s, urgent)
        try:
            if slot.lock is not None and not slot.lock.is_held():
                _give_up(slot)  # lost since: another process may have written
            if slot.lock is None:
                slot.lock = self._locks.acquire(index, Work.WRITE, wait_s)
            yield Live(self, index, slot, self._settled(index, slot, rolling_back))
        except BaseException:
            # What was written and not committed must not be committed by the next one.
            _close_writer(slot)
            raise
        finally:
            slot.used_at_s = time.monotonic()
            self._leave(index, slot)

    @contextmanager
    def switching(self, index: str) -> Iterator[None]:
        """Holds the right to write while the live generation changes; the writer of the one before is closed."""
        with self.hold(index) as live:
            live.close()
            yield

    def open(self, index: str, slot: _Slot, number: int | None) -> EngineWriter:
        """The writer of a slot's generation; see `Live.writer`."""
        if number is None:
            raise ConflictError(f"index {index!r} has no generation to write to; build one first")
        if slot.writer is None or slot.number != number:
            _close_writer(slot)
            slot.writer, slot.number = self._engine.writer(index, number), number
        return slot.writer

    def close(self) -> None:
        """Gives up everything, once those who work on it are done."""
        with self._changed:
            slots = list(self._slots.values())
            for slot in slots:
                self._changed.wait_for(lambda slot=slot: not slot.busy)  # type: ignore[misc]
                _give_up(slot)

    def _enter(self, index: str, wait_s: float, urgent: bool) -> _Slot:
        with self._changed:
            slot = self._slots.setdefault(index, _Slot())
            slot.urgent += urgent
            try:
                if not self._changed.wait_for(lambda: not slot.busy and (urgent or not slot.urgent), wait_s):
                    raise ConflictError(f"index {index!r} is being written for more than {wait_s:.0f} s; try again")
            finally:
                slot.urgent -= urgent
            slot.busy = True
            return slot

    def _leave(self, index: str, slot: _Slot) -> None:
        try:
            if slot.lock is not None and self._is_wanted(index):
                _give_up(slot)
        finally:
            with self._changed:
                slot.busy = False
                self._changed.notify_all()
                if slot.lock is not None and self._sweeper is None:
                    self._sweeper = threading.Thread(target=self._sweep, name="idle writers", daemon=True)
                    self._sweeper.start()

    def _is_wanted(self, index: str) -> bool:
        """Whether somebody waits; taken to be so where that cannot be asked, since the lock may be lost as well."""
        try:
            return self._locks.wanted(index, Work.WRITE)
        except IndexerError as error:
            _log.warning("index %s: nobody can say whether another process waits to write to it: %s", index, error)
            return True

    def _sweep(self) -> None:
        """Gives up what another process waits for, or what was not used for long; ends when nothing is held."""
        while True:
            time.sleep(_LOOK_S)
            with self._changed:
                held = [(index, slot) for index, slot in self._slots.items() if slot.lock is not None]
                if not held:
                    self._sweeper = None
                    return
                idle = [(index, slot) for index, slot in held if not slot.busy]
                for _, slot in idle:
                    slot.busy = True
            for index, slot in idle:
                try:
                    if time.monotonic() - slot.used_at_s >= IDLE_S:
                        _give_up(slot)
                except IndexerError as error:
                    _log.warning("index %s: its writer could not be closed: %s", index, error)
                finally:
                    self._leave(index, slot)

    def _settled(self, index: str, slot: _Slot, rolling_back: bool) -> int | None:
        if slot.writer is not None and not rolling_back and pointed_at(self._engine, index) == slot.number:
            return slot.number  # settled when it was opened, and nobody else can switch meanwhile
        return settle_switch(self._catalogue, self._engine, index, rolling_back=rolling_back)


def _close_writer(slot: _Slot) -> None:
    writer, slot.writer, slot.number = slot.writer, None, None
    if writer is not None:
        writer.close()


def _give_up(slot: _Slot) -> None:
    _close_writer(slot)
    lock, slot.lock = slot.lock, None
    if lock is not None:
        lock.release()
