"""What the stores of tasks and leases take and give."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from indexer.errors import InputError

MAX_JSON_BYTES = 64 * 1024
"""Of a payload, a checkpoint or a result, each as JSON in UTF-8; what is larger belongs in a file."""

MAX_KEY_CHARS = 255
"""Of the name of an index, a worker, a holder or a resource, and of the keys of a task."""

MAX_KIND_CHARS = 64

MAX_ERROR_CHARS = 4000
"""What is longer is cut: an error is a sentence for people, the trace is in the log."""

MAX_LISTED = 1000
"""How many tasks one page of a list may have."""


class Lane(StrEnum):
    """How urgent a task is; the more urgent first."""

    INTERACTIVE = "interactive"  # somebody waits for it: a price, a product
    BULK = "bulk"  # imports and rebuilds, which give way between chunks


class TaskState(StrEnum):
    """Where a task is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        """Whether nothing more happens to it."""
        return self not in (TaskState.QUEUED, TaskState.RUNNING)


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be enqueued.

    Args:
        kind: what a worker does with it, such as "apply", "import" or "rebuild"; 1 to 64 characters.
        index: the index that it is about, "" for none.
        payload: plain JSON types, at most 64 KiB: ids and options, never data.
        parent: id of the task that it is a part of.
        not_before: not leased earlier; with a zone. None for at once.
        max_attempts: how often it may be leased before it counts as failed, a lost worker included; 1 to 1,000.
        exclusive: of all tasks with this key one runs at a time, such as "index:products"; "" for none.
        coalesce_key: while an equal task (same kind, index, parent and key) is queued, it is returned instead of a new
            one; "" for none.
        idempotency_key: names the request in all the store, so the caller puts into it who asks: the same key again
            returns the same task, also a finished one that is not pruned yet; "" for none.
    """

    kind: str
    index: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)
    lane: Lane = Lane.INTERACTIVE
    parent: str | None = None
    not_before: datetime | None = None
    max_attempts: int = 3
    exclusive: str = ""
    coalesce_key: str = ""
    idempotency_key: str = ""


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """How far a task is.

    Args:
        stage: the present part of the work, "" before the first.
        done: how much of the stage is done, in its own unit.
        total: of the stage, None where nobody knows.
        errors: rejected rows or products so far, over all stages.
        rate_per_s: computed when read, over the stage as of the last report; ignored in a report.
        remaining_s: computed when read, of the stage; None while it cannot be told; ignored in a report.
    """

    stage: str = ""
    done: int = 0
    total: int | None = None
    errors: int = 0
    rate_per_s: float = 0.0
    remaining_s: float | None = None


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """A task. What a caller gives is described at `NewTask`; times are in UTC.

    Args:
        number: grows with each task; the cursor of `list_tasks`.
        id: 32 hexadecimal digits.
        started_at: when it was first leased.
        attempts: leases that counted; one that was given back does not.
        worker: who holds it, or held it last; "" before the first.
        lease_until: when the worker counts as lost unless it renews; None unless running.
        token: grows by one with each lease: writes under an older one are refused.
        cancel_requested: somebody asked to stop it; it is running until its worker follows.
        checkpoint: where the next worker goes on, None for from the start.
        result: None unless it succeeded.
        error: what went wrong last and the remedy; "" when it succeeded.
    """

    number: int
    id: str
    kind: str
    index: str
    payload: Mapping[str, Any]
    lane: Lane
    state: TaskState
    parent: str | None
    exclusive: str
    coalesce_key: str
    idempotency_key: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    not_before: datetime
    attempts: int
    max_attempts: int
    worker: str
    lease_until: datetime | None
    token: int
    cancel_requested: bool
    progress: TaskProgress
    checkpoint: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    error: str


@dataclass(frozen=True, slots=True)
class TaskLease:
    """A worker's hold on a task.

    Args:
        task: as it was when it was leased, the checkpoint of an earlier worker included.
    """

    task: TaskRecord

    @property
    def id(self) -> str:
        """Of the task."""
        return self.task.id

    @property
    def token(self) -> int:
        """Fences off the writes of earlier workers."""
        return self.task.token


@dataclass(frozen=True, slots=True)
class Lease:
    """A hold on a named resource. Times are in UTC.

    Args:
        holder: says to people who it is: a host and process, or a task.
        token: grows with each holder of the resource.
        lease_until: as of when the record was read; a renewal moves it on.
    """

    resource: str
    holder: str
    token: int
    acquired_at: datetime
    lease_until: datetime


def checked_json(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A value that can be stored as JSON.

    Raises:
        InputError: it cannot, or it is too large.
    """
    try:
        size_bytes = len(json.dumps(dict(value), allow_nan=False, ensure_ascii=False).encode())
    except (TypeError, ValueError) as error:
        raise InputError(
            f"the {name} of a task is not JSON: {error}; give it plain types and finite numbers"
        ) from error
    if size_bytes > MAX_JSON_BYTES:
        raise InputError(
            f"the {name} of a task has {size_bytes:,} bytes as JSON; wanted: at most {MAX_JSON_BYTES:,}; "
            f"keep the data in a file or the catalogue, and its name in the task"
        )
    return dict(value)
