"""A clock that stands still, short forms of calls, and workers in processes of their own, for the contract of tasks."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any

from indexer.store.catalogue import open_catalogue
from indexer.store.task_protocol import TaskStore
from indexer.store.task_records import Lane, NewTask, TaskLease, TaskProgress, TaskRecord

BOTH = tuple(Lane)
LEASE_S = 30
DRAIN_S = 60
"""So long a process of `drain` goes on at most."""
START = datetime(2026, 1, 31, 12, 0, 0, 250_000, tzinfo=UTC)


class StoppedClock:
    """Stands until it is moved on."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


def enqueue(store: TaskStore, kind: str = "apply", **values: Any) -> TaskRecord:
    return store.enqueue(NewTask(kind, **values))


def lease(store: TaskStore, worker: str = "w1", lanes: tuple[Lane, ...] = BOTH) -> TaskLease:
    taken = store.lease(worker, lanes, LEASE_S)
    assert taken is not None
    return taken


def kinds(store: TaskStore) -> list[str]:
    """Leases all that can be, in the order in which it comes."""
    found = []
    while (taken := store.lease("w1", BOTH, LEASE_S)) is not None:
        found.append(taken.task.kind)
    return found


# --- run in processes of their own -----------------------------------------------------------------------------------


def drain(url: str, ready: Barrier, done: Queue[tuple[str, list[str], list[str]]]) -> None:
    """Leases and finishes until nothing is left; tells which tasks it had, and which exclusive keys were not free."""
    store = open_catalogue(url)
    name, had, clashes = f"process {os.getpid()}", [], []
    ready.wait(30)
    end = time.monotonic() + DRAIN_S  # a store that loses a task must fail the test, not hold it up
    while time.monotonic() < end and (
        (taken := store.tasks.lease(name, BOTH, 60)) is not None or store.tasks.waiting(BOTH)
    ):
        if taken is None:  # only what another process excludes is left
            time.sleep(0.001)
            continue
        had.append(taken.id)
        held = store.leases.acquire(taken.task.exclusive or taken.id, name, 60)
        if held is None:
            clashes.append(taken.task.exclusive)
        else:
            store.leases.release(held)
        store.tasks.succeed(taken, {})
    store.close()
    done.put((name, had, clashes))


def hang(url: str, lease_s: float, leased: Queue[TaskLease]) -> None:
    """Leases a task, writes a checkpoint, and never comes back."""
    store = open_catalogue(url)
    taken = store.tasks.lease("doomed", BOTH, lease_s)
    assert taken is not None
    store.tasks.report(taken, TaskProgress("rows", 500), {"line": 500})
    leased.put(taken)
    time.sleep(600)
