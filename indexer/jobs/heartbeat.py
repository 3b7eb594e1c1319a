"""The heartbeat of a task: keeps its lease while the work goes on, and writes down how far it is."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from indexer.errors import ConflictError, LostLeaseError, StorageError
from indexer.store.task_protocol import TaskQueue
from indexer.store.task_records import TaskLease, TaskProgress, checked_json

MIN_REPORT_S = 0.5
"""Between two reports: each is a transaction with an fsync, and nobody looks more often."""

_log = logging.getLogger(__name__)


class Heartbeat:
    """The `Progress` of a task's work; renews the lease every third of it, from a thread, until the block is left.

    The work asks `stopping` between its chunks, and finishes the task after the block: by then all that was reported is
    written, and no renewal is under way. A store in trouble stops the work no sooner than the lease is lost, since a
    later renewal may go through. Safe to share between threads.

    Args:
        lease: just taken, for `lease_s` seconds.
        clock: seconds, growing; of the machine.
        leaving: set when the worker is to end; the work stops then as well.
    """

    def __init__(
        self,
        tasks: TaskQueue,
        lease: TaskLease,
        lease_s: float,
        clock: Callable[[], float] = time.monotonic,
        leaving: threading.Event | None = None,
    ) -> None:
        self._tasks = tasks
        self._lease = lease
        self._lease_s = lease_s
        self._clock = clock
        self._leaving = leaving or threading.Event()
        self._cancel_asked = lease.task.cancel_requested
        self._lost = False
        self._renewed_at_s = clock()
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"heartbeat {lease.id}", daemon=True)
        # Held while a report is written too: an older one must not overtake a newer one.
        self._lock = threading.Lock()
        self._progress = TaskProgress(errors=lease.task.progress.errors)
        self._checkpoint: Mapping[str, Any] | None = None
        self._unwritten = False
        self._reported_at_s = float("-inf")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self._thread.join()
        self._flush()

    @property
    def cancel_asked(self) -> bool:
        """Whether somebody asked to cancel the task, as of the last renewal."""
        return self._cancel_asked

    @property
    def lost(self) -> bool:
        """Whether the task may be another worker's now; whatever this one writes of it is refused."""
        return self._lost or self._clock() - self._renewed_at_s >= self._lease_s

    # --- the `Progress` of the work ----------------------------------------------------------------------------------

    def stage(self, name: str, total: int | None) -> None:
        """A new part of the work begins; `total` is None where nobody knows."""
        self._change(lambda progress: TaskProgress(name, 0, total, progress.errors))

    def advance(self, done: int) -> None:
        """So much more of the present part is done."""
        self._change(lambda progress: replace(progress, done=progress.done + done))

    def stopping(self) -> bool:
        """Whether the work is to stop between two chunks: cancelled, the lease is lost, or the worker is to end."""
        return self.cancel_asked or self.lost or self._leaving.is_set()

    # --- what a task's row has beyond it -----------------------------------------------------------------------------

    def rejected(self, count: int) -> None:
        """So many more rows or products were rejected."""
        self._change(lambda progress: replace(progress, errors=progress.errors + count))

    def checkpoint(self, value: Mapping[str, Any]) -> None:
        """Where another worker would go on. What it covers is durable before the call; the latest one is written.

        Raises:
            InputError: it is too large, or not JSON.
        """
        self._change(lambda progress: progress, value)

    def report(self, progress: TaskProgress, checkpoint: Mapping[str, Any] | None = None) -> None:
        """All of it at once, for work that counts by itself; a checkpoint of None keeps the last one.

        Raises:
            InputError: the checkpoint is too large, or not JSON.
        """
        self._change(lambda _: progress, checkpoint)

    def _change(
        self, change: Callable[[TaskProgress], TaskProgress], checkpoint: Mapping[str, Any] | None = None
    ) -> None:
        # Checked here, where the mistake is: it may be the thread that writes it.
        checked = None if checkpoint is None else checked_json("checkpoint", checkpoint)
        with self._lock:
            self._progress = change(self._progress)
            self._checkpoint = self._checkpoint if checked is None else checked
            self._unwritten = True
            due = self._clock() - self._reported_at_s >= MIN_REPORT_S
        if due:
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            if not self._unwritten or self.lost:
                return
            self._reported_at_s = self._clock()  # also when it is refused, so that a busy store is not asked at once
            if self._attempt(lambda: self._tasks.report(self._lease, self._progress, self._checkpoint)):
                self._unwritten, self._checkpoint = False, None

    # --- the thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            while not self.lost and not self._left.wait(self._lease_s / 3):
                self._attempt(self._renew)
                self._flush()
        except Exception:  # noqa: BLE001 - it ends the work, and is logged
            # Nobody renews any more, and the work must not go on as if somebody did.
            self._lost = True
            _log.exception("the heartbeat of task %s has stopped, and its work with it", self._lease.id)

    def _renew(self) -> None:
        # As of before the call: the store may have set the end of the lease long before it came back.
        begun_at_s = self._clock()
        self._cancel_asked = self._tasks.renew(self._lease, self._lease_s)
        self._renewed_at_s = begun_at_s

    def _attempt(self, call: Callable[[], None]) -> bool:
        """Whether a call to the store went through."""
        try:
            call()
        except LostLeaseError as error:
            self._lost = True
            _log.warning("%s", error)
        except (ConflictError, StorageError) as error:
            _log.warning("task %s: its row could not be written, and will be tried again: %s", self._lease.id, error)
        else:
            return True
        return False
