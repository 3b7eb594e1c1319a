"""What every store of tasks and leases does. The contract suite in tests/contract runs over each implementation.

The task table is the truth: a broker's message only wakes a worker, who then asks here. What returned is on disk. Every
method may raise, beside what it names:

    ConflictError       another process holds the database for too long: retry
    StorageError        the disk is full, broken or read-only, or the database's server cannot be reached: retry
    CorruptionError     the database is damaged, or another program's
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Protocol

from indexer.store.task_records import Lane, Lease, NewTask, TaskLease, TaskProgress, TaskRecord, TaskState


class TaskQueue(Protocol):
    """What a worker does with tasks.

    Whatever takes a `TaskLease` raises LostLeaseError when the task has been leased anew since, went back to the queue,
    or is finished: it then changes nothing, and the worker stops.
    """

    def lease(self, worker: str, lanes: Collection[Lane], lease_s: float) -> TaskLease | None:
        """Takes the oldest task that is due, the more urgent lane first; None when there is none.

        First, the tasks of all lost workers, whose lease has run out, go back to where they were in the queue: failed
        where their attempts are used up, cancelled where that was asked. A task whose exclusive key another running
        one holds is passed over.

        Args:
            worker: says to people who it is; at most 255 characters.
            lease_s: seconds after which it counts as lost unless it renews.

        Raises:
            InputError: no worker is named, or the name is too long.
        """
        ...

    def take_back(self, worker: str) -> int:
        """Puts the tasks of a worker that is known to be gone back to where they were in the queue, as lost.

        Returns:
            How many it had.
        """
        ...

    def renew(self, lease: TaskLease, lease_s: float) -> bool:
        """Holds the task for so many seconds from now; whether somebody asked to cancel it."""
        ...

    def report(self, lease: TaskLease, progress: TaskProgress, checkpoint: Mapping[str, Any] | None = None) -> None:
        """Writes down how far it is, and where another worker would go on; a checkpoint of None keeps the last one.

        Raises:
            InputError: the checkpoint is too large, or not JSON.
        """
        ...

    def succeed(self, lease: TaskLease, result: Mapping[str, Any]) -> None:
        """Finishes it.

        Raises:
            InputError: the result is too large, or not JSON.
        """
        ...

    def fail(self, lease: TaskLease, error: str) -> None:
        """Finishes it for good: trying again would not help.

        Args:
            error: what went wrong and the remedy.
        """
        ...

    def retry(self, lease: TaskLease, error: str, delay_s: float) -> None:
        """Puts it back into the queue, due in `delay_s` seconds; it has failed when its attempts are used up.

        It is cancelled instead where that was asked.
        """
        ...

    def give_back(self, lease: TaskLease) -> None:
        """Puts it back to where it was in the queue, due at once, and no attempt is counted: a more urgent one waits.

        Its checkpoint is kept. It is cancelled instead where that was asked.
        """
        ...

    def cancelled(self, lease: TaskLease) -> None:
        """Finishes it as cancelled: the worker has followed the wish."""
        ...


class TaskStore(TaskQueue, Protocol):
    """All tasks. Safe to share between threads; open it after a fork, once in each process."""

    def enqueue(self, task: NewTask) -> TaskRecord:
        """Adds a task, or returns the one that its keys say is the same.

        An equal one that waits takes the more urgent lane and the earlier time of the two, and keeps its own payload. A
        part of a task that is being cancelled is cancelled from the start.

        Raises:
            InputError: a value is missing, too long, without a time zone, or not JSON.
            NotFoundError: there is no such parent.
        """
        ...

    def get(self, task_id: str) -> TaskRecord:
        """One task.

        Raises:
            NotFoundError: there is none, or it was pruned.
        """
        ...

    def list_tasks(
        self,
        *,
        index: str | None = None,
        kinds: Collection[str] | None = None,
        states: Collection[TaskState] | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[TaskRecord]:
        """Tasks, newest first; None for all.

        Args:
            before: `number` of the last task of the page before this one, which may be gone by now.
            limit: 1 to 1,000.

        Raises:
            InputError: another limit.
        """
        ...

    def children(self, task_id: str) -> list[TaskRecord]:
        """The parts of a task, oldest first."""
        ...

    def cancel(self, task_id: str) -> TaskRecord:
        """Asks to stop a task and all its parts, and theirs, whatever has become of itself.

        What is queued is cancelled at once, what is running once its worker follows; what is finished stays as it is.

        Raises:
            NotFoundError: there is none, or it was pruned.
        """
        ...

    def succeed_waiting(self, kind: str, index: str, key: str, most: int, result: Mapping[str, Any]) -> int:
        """Finishes queued tasks whose payload has a number of at most `most` under `key`: what they ask for is done.

        Those that another process is about to lease may be left to it.

        Returns:
            How many there were.

        Raises:
            InputError: the result is too large, or not JSON.
        """
        ...

    def waiting(self, lanes: Collection[Lane], exclusive: str = "") -> int:
        """How many queued tasks are due; with a key, of those that have it."""
        ...

    def counts(self) -> Mapping[tuple[Lane, TaskState], int]:
        """How many tasks there are, by lane and state; absent is 0."""
        ...

    def next_due(self) -> datetime | None:
        """When a delay or a lease runs out next, so that a task which cannot be leased now may be; None for never.

        Always later than now: what is due already waits for a worker or an exclusive key, not for the time.
        """
        ...

    def prune(self, older_than: datetime, kinds: Collection[str] | None = None) -> int:
        """Forgets tasks that finished before then and have no part that is unfinished.

        Args:
            kinds: only of these; None for all.

        Returns:
            How many went.
        """
        ...


class LeaseStore(Protocol):
    """One holder at a time of each named resource, such as "index:products": workers and the command line alike.

    Whatever takes a `Lease` raises LostLeaseError when it was released, or somebody else got it since.
    """

    def acquire(self, resource: str, holder: str, lease_s: float) -> Lease | None:
        """Takes a resource that is free or whose lease has run out; None while somebody holds it, also of that name.

        Args:
            lease_s: seconds after which others may take it unless it is renewed.

        Raises:
            InputError: a name is empty, or longer than 255 characters.
        """
        ...

    def renew(self, lease: Lease, lease_s: float) -> None:
        """Holds it for so many seconds from now."""
        ...

    def release(self, lease: Lease) -> None:
        """Frees it at once."""
        ...

    def holder(self, resource: str) -> Lease | None:
        """Who holds it; None when nobody does, or the lease has run out."""
        ...

    def check(self, lease: Lease) -> None:
        """Returns when the lease still holds.

        Raises:
            LostLeaseError: also when it has run out.
        """
        ...
