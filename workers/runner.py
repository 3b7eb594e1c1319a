"""What a worker process does: takes tasks, does them, and says what became of each."""

from __future__ import annotations

import logging
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from indexer.errors import ConflictError, IndexerError, StorageError
from indexer.jobs.heartbeat import Heartbeat
from indexer.jobs.progress import Stopped
from indexer.store.task_protocol import TaskStore
from indexer.store.task_records import Lane, TaskLease, TaskRecord, TaskState
from search.errors import SearchError, UnavailableError
from search.services import Services
from search.tasks import APPLY
from search.uploads import remove_old_uploads
from workers.schedule import Schedule
from workers.sweep import Sweep

LOOK_S = 1.0
"""So often a worker looks for tasks that no message announced."""
SWEEP_S = 5.0
TIDY_S = 3600.0
MAX_DELAY_S = 60.0
ANSWERS_KEPT = timedelta(days=1)
_APPLIES_KEPT = timedelta(days=1)
"""There is one for each write, which makes them many."""
_UPLOADS_KEPT = timedelta(days=1)
"""Those without a task: a service that was killed between the two left them behind, or a worker after a task's end."""

Job = Callable[[Services, TaskRecord, Heartbeat], Mapping[str, Any]]
Afterwards = Callable[[Services, TaskRecord], None]

_log = logging.getLogger(__name__)


class Runner:
    """Two threads, one for each lane, so that long work never keeps a price waiting.

    Args:
        services: opened in this process.
        jobs: by kind of task.
        afterwards: by kind of task, what is done once it is written that it succeeded or failed.
    """

    def __init__(
        self, services: Services, jobs: Mapping[str, Job], afterwards: Mapping[str, Afterwards] | None = None
    ) -> None:
        self._services = services
        self._jobs = jobs
        self._afterwards = afterwards or {}
        self._sweep = Sweep(services)
        self._schedule = Schedule(services)
        self._leaving = threading.Event()
        self._woken = {lane: threading.Event() for lane in Lane}
        self._threads = [
            threading.Thread(target=self._work, args=(lane,), name=f"{lane.value} tasks", daemon=True) for lane in Lane
        ]
        self.name = worker_name()

    def start(self) -> None:
        """Begins; what workers of this machine that are gone left behind is taken back first."""
        take_back_of_the_gone(self._tasks)
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """There is a task."""
        for event in self._woken.values():
            event.set()

    def leave(self) -> None:
        """Lets what is under way stop where another worker can go on."""
        self._leaving.set()
        self.wake()

    def close(self) -> None:
        """Leaves, and waits until it is done."""
        self.leave()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def run_next(self, lane: Lane) -> bool:
        """Does one task of a lane; whether there was one."""
        lease = self._tasks.lease(self.name, [lane], self._services.config.task_lease_s)
        if lease is None:
            return False
        self._run(lease)
        return True

    @property
    def _tasks(self) -> TaskStore:
        return self._services.catalogue.tasks

    def _work(self, lane: Lane) -> None:
        swept_at_s = tidied_at_s = float("-inf")
        while not self._leaving.is_set():
            # Before the look: what comes during it is seen by the next one.
            self._woken[lane].clear()
            try:
                while not self._leaving.is_set() and self.run_next(lane):
                    pass
                now_s = time.monotonic()
                if lane is Lane.BULK and now_s - swept_at_s >= SWEEP_S:
                    swept_at_s = now_s
                    self._sweep.look()
                    self._schedule.look()
                if lane is Lane.BULK and now_s - tidied_at_s >= TIDY_S:
                    tidied_at_s = now_s
                    self._tidy(datetime.now(UTC))
            except IndexerError as error:
                _log.error("worker %s cannot look for tasks, and will try again: %s", self.name, error)
            except Exception:  # noqa: BLE001 - logged; a worker that ends helps nobody
                _log.exception("worker %s failed, and goes on", self.name)
            self._woken[lane].wait(LOOK_S)

    def _tidy(self, now: datetime) -> None:
        self._tasks.prune(now - _APPLIES_KEPT, [APPLY])
        self._tasks.prune(now - timedelta(days=self._services.config.task_days))
        self._services.catalogue.requests.prune(now - ANSWERS_KEPT)
        remove_old_uploads(self._services, now - _UPLOADS_KEPT)

    def _run(self, lease: TaskLease) -> None:
        task = lease.task
        heartbeat = Heartbeat(self._tasks, lease, self._services.config.task_lease_s, leaving=self._leaving)
        try:
            self._finish(lease, heartbeat)
        except ConflictError as error:
            # Another worker has it, or the database was held for too long: then its lease runs out.
            _log.warning("task %s (%s): its end could not be written: %s", lease.id, task.kind, error)

    def _finish(self, lease: TaskLease, heartbeat: Heartbeat) -> None:
        task, tasks = lease.task, self._tasks
        try:
            with heartbeat:
                result = self._jobs[task.kind](self._services, task, heartbeat)
        except Stopped:
            if heartbeat.cancel_asked:
                tasks.cancelled(lease)
            elif not heartbeat.lost:
                tasks.give_back(lease)
        except (ConflictError, StorageError, UnavailableError) as error:
            _log.warning("task %s (%s of %s) is tried again: %s", lease.id, task.kind, task.index, error)
            tasks.retry(lease, str(error), delay_s(task.attempts))
        except (IndexerError, SearchError) as error:
            _log.error("task %s (%s of %s) failed: %s", lease.id, task.kind, task.index, error)
            tasks.fail(lease, str(error))
            self._afterwards.get(task.kind, _nothing)(self._services, task)
        except Exception as error:  # noqa: BLE001 - logged, and told in the task
            _log.exception("task %s (%s of %s) is tried again", lease.id, task.kind, task.index)
            tasks.retry(lease, f"{type(error).__name__}: {error}; the worker's log has more", delay_s(task.attempts))
        else:
            tasks.succeed(lease, result)
            self._afterwards.get(task.kind, _nothing)(self._services, task)


def _nothing(services: Services, task: TaskRecord) -> None:
    """Most kinds of tasks leave nothing behind."""


def delay_s(attempts: int) -> float:
    """How long a task waits after so many attempts: twice as long each time, and never the same for two."""
    return min(MAX_DELAY_S, 2.0 ** min(attempts, 10) / 2) * random.uniform(0.75, 1.25)  # noqa: S311 - no secret


def worker_name() -> str:
    """Of this process: its machine and number, so that it can be told when it is gone."""
    return f"{socket.gethostname()[:200]}:{os.getpid()}"


def take_back_of_the_gone(tasks: TaskStore) -> int:
    """Puts back what workers of this machine hold who do not live any more, without waiting for their leases.

    Returns:
        How many tasks that were.
    """
    taken = 0
    for worker in {task.worker for task in tasks.list_tasks(states=[TaskState.RUNNING], limit=1000)}:
        host, _, number = worker.rpartition(":")
        if host == socket.gethostname()[:200] and number.isdigit() and not _lives(int(number)):
            taken += tasks.take_back(worker)
    return taken


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
