"""The rows of `tasks`: how records become rows and rows records, and which row is the next.

A function that takes a connection runs in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, Select, exists, select

from indexer.errors import InputError, LostLeaseError, NotFoundError
from indexer.store.characters import check_characters, storable
from indexer.store.tables import TASKS
from indexer.store.task_records import (
    MAX_ERROR_CHARS,
    MAX_KEY_CHARS,
    MAX_KIND_CHARS,
    Lane,
    NewTask,
    TaskLease,
    TaskProgress,
    TaskRecord,
    TaskState,
    checked_json,
)

MAX_ATTEMPTS = 1000

_OTHER = TASKS.alias("other")

# --- records to rows ------------------------------------------------------------------------------------------------


def to_row(task: NewTask, now: datetime) -> dict[str, Any]:
    """The row of a new task.

    Raises:
        InputError: a value is missing, too long, without a time zone, or not JSON.
    """
    check_text("the kind of a task", task.kind, MAX_KIND_CHARS)
    for name in ("index", "exclusive", "coalesce_key", "idempotency_key"):
        check_text(f"{name} of a task of kind {task.kind!r}", getattr(task, name), least=0)
    if not 1 <= task.max_attempts <= MAX_ATTEMPTS:
        raise InputError(
            f"max_attempts of a task of kind {task.kind!r} is {task.max_attempts}; wanted: 1 to {MAX_ATTEMPTS:,}"
        )
    if task.not_before is not None and task.not_before.tzinfo is None:
        raise InputError(f"not_before of a task of kind {task.kind!r} has no time zone; wanted: one, such as UTC")
    return {
        "id": uuid4().hex,
        "kind": task.kind,
        "index_name": task.index,
        "lane": task.lane.value,
        "state": TaskState.QUEUED.value,
        "parent": task.parent,
        "exclusive": task.exclusive,
        "coalesce_key": task.coalesce_key,
        "idempotency_key": task.idempotency_key or None,
        "created_at": now,
        "not_before": task.not_before or now,
        "attempts": 0,
        "max_attempts": task.max_attempts,
        "worker": "",
        "token": 0,
        "cancel_requested": False,
        "stage": "",
        "stage_done": 0,
        "done": 0,
        "errors": 0,
        "error": "",
        "payload": checked_json("payload", task.payload),
    }


def progress_values(row: Row[Any], progress: TaskProgress, now: datetime) -> dict[str, Any]:
    """What a report changes of the row of a running task."""
    values: dict[str, Any] = {
        "stage": storable(progress.stage)[:MAX_KEY_CHARS],
        "done": progress.done,
        "total": progress.total,
        "errors": progress.errors,
        "reported_at": now,
    }
    # What an earlier worker did, and the time until this one came, are no part of its rate.
    if row.stage_at is None or row.stage != values["stage"] or progress.done < row.stage_done:
        values |= {"stage_at": now, "stage_done": progress.done}
    return values


def check_text(name: str, value: str, most: int = MAX_KEY_CHARS, *, least: int = 1) -> None:
    """Makes sure that a name or key fits its column.

    Raises:
        InputError: it does not.
    """
    if not least <= len(value) <= most:
        raise InputError(f"{name} is {value[:40]!r}, with {len(value)} characters; wanted: {least} to {most}")
    check_characters(name, value)


def cut(error: str) -> str:
    """An error at the length that is kept, without what cannot be."""
    error = storable(error)
    return error if len(error) <= MAX_ERROR_CHARS else error[: MAX_ERROR_CHARS - 1] + "…"


# --- rows to records ------------------------------------------------------------------------------------------------


def to_record(row: Row[Any]) -> TaskRecord:
    """What the caller sees of a row."""
    return TaskRecord(
        number=row.number,
        id=row.id,
        kind=row.kind,
        index=row.index_name,
        payload=row.payload,
        lane=Lane(row.lane),
        state=TaskState(row.state),
        parent=row.parent,
        exclusive=row.exclusive,
        coalesce_key=row.coalesce_key,
        idempotency_key=row.idempotency_key or "",
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        not_before=row.not_before,
        attempts=row.attempts,
        max_attempts=row.max_attempts,
        worker=row.worker,
        lease_until=row.lease_until,
        token=row.token,
        cancel_requested=row.cancel_requested,
        progress=_progress(row),
        checkpoint=row.checkpoint,
        result=row.result,
        error=row.error,
    )


def _progress(row: Row[Any]) -> TaskProgress:
    rate_per_s, remaining_s = 0.0, None
    if row.stage_at is not None and row.reported_at > row.stage_at:
        rate_per_s = (row.done - row.stage_done) / (row.reported_at - row.stage_at).total_seconds()
    if row.state == TaskState.RUNNING.value and row.total is not None and rate_per_s > 0:
        remaining_s = max(row.total - row.done, 0) / rate_per_s
    return TaskProgress(row.stage, row.done, row.total, row.errors, rate_per_s, remaining_s)


# --- finding rows ---------------------------------------------------------------------------------------------------


def find(connection: Connection, task_id: str, *, lock: bool = False) -> Row[Any]:
    """The row of a task.

    Raises:
        NotFoundError: there is none, or it was pruned.
    """
    query = select(TASKS).where(TASKS.c.id == task_id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError(f"task {task_id[:40]!r} does not exist; finished ones are forgotten after a time")
    return row


def find_held(connection: Connection, lease: TaskLease) -> Row[Any]:
    """The row of a task that this lease still holds, locked.

    Raises:
        LostLeaseError: it does not hold it any more.
    """
    row = connection.execute(select(TASKS).where(TASKS.c.id == lease.id).with_for_update()).one_or_none()
    if row is None or row.state != TaskState.RUNNING.value or row.token != lease.token:
        now = "is gone" if row is None else f"is {row.state}, under lease {row.token} of worker {row.worker!r}"
        raise LostLeaseError(
            f"task {lease.id} {now}; lease {lease.token} of worker {lease.task.worker!r} is over, so that nothing "
            f"was written; stop working on it"
        )
    return row


def find_equal(connection: Connection, task: NewTask) -> Row[Any] | None:
    """The oldest task in the queue that does what a new one would."""
    if not task.coalesce_key:
        return None
    return connection.execute(
        select(TASKS)
        .where(
            TASKS.c.state == TaskState.QUEUED.value,
            TASKS.c.kind == task.kind,
            TASKS.c.index_name == task.index,
            # With another parent it would be cancelled along with what it is no part of.
            TASKS.c.parent.is_not_distinct_from(task.parent),
            TASKS.c.coalesce_key == task.coalesce_key,
        )
        .order_by(TASKS.c.number)
        .limit(1)
        .with_for_update()
    ).one_or_none()


def find_lost(connection: Connection, now: datetime) -> Sequence[Row[Any]]:
    """Running tasks whose lease has run out, locked; what another worker is just taking back is left out."""
    query = _lost(now).order_by(TASKS.c.number)
    return connection.execute(query.with_for_update(skip_locked=True)).all()


def find_of(connection: Connection, worker: str) -> Sequence[Row[Any]]:
    """Running tasks of a worker."""
    return connection.execute(
        select(TASKS)
        .where(TASKS.c.state == TaskState.RUNNING.value, TASKS.c.worker == worker)
        .order_by(TASKS.c.number)
        .with_for_update()
    ).all()


def find_next(connection: Connection, lanes: Collection[Lane], now: datetime) -> Row[Any] | None:
    """The task that is leased next, once those of lost workers are back in the queue.

    With `find_lost`, the one place that knows of workers who look at the same moment. A database with one writer has
    them one after the other and ignores `skip_locked`; one with many gives each a row of its own, and its unique
    `holds` refuses the second of two that take an exclusive key at the same moment, who then looks again.
    """
    for lane in Lane:
        if lane in lanes:
            query = _free([lane], now).order_by(TASKS.c.number).limit(1)
            row = connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
            if row is not None:
                return row
    return None


def has_work(connection: Connection, lanes: Collection[Lane], now: datetime) -> bool:
    """Whether there is anything for `find_lost` or `find_next`; locks nothing."""
    queries = (_lost(now), _free(lanes, now))
    return any(connection.execute(select(query.exists())).scalar_one() for query in queries)


def due(lanes: Collection[Lane], now: datetime) -> Select[Any]:
    """Selects the tasks of these lanes that wait and whose time has come."""
    return select(TASKS).where(
        TASKS.c.state == TaskState.QUEUED.value,
        TASKS.c.lane.in_([lane.value for lane in lanes]),
        TASKS.c.not_before <= now,
    )


def _free(lanes: Collection[Lane], now: datetime) -> Select[Any]:
    """Selects of those that are due what no running task excludes."""
    return due(lanes, now).where(~exists().where(_OTHER.c.holds == TASKS.c.exclusive))


def _lost(now: datetime) -> Select[Any]:
    return select(TASKS).where(TASKS.c.state == TaskState.RUNNING.value, TASKS.c.lease_until <= now)
