"""The tasks of a catalogue in SQL: one transaction for each call."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from indexer.errors import ConflictError, InputError
from indexer.store import task_rows
from indexer.store.clock import Clock, utc_now
from indexer.store.database import Database
from indexer.store.records import MAX_BATCH
from indexer.store.tables import TASKS
from indexer.store.task_records import (
    MAX_LISTED,
    Lane,
    NewTask,
    TaskLease,
    TaskProgress,
    TaskRecord,
    TaskState,
    checked_json,
)

_LANES = list(Lane)
_FINISHED = [state.value for state in TaskState if state.finished]
_CHILD = TASKS.alias("child")

_MAX_CLASHES = 20
"""So often a worker looks again when another one was first to an exclusive key."""


class SqlTasks:
    """A `TaskStore`; see there for what each method does.

    A lease is timed inside the transaction that takes it: the wait for the write lock would else be taken off it.
    """

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    # --- whoever asks for work ---------------------------------------------------------------------------------------

    def enqueue(self, task: NewTask) -> TaskRecord:
        values = task_rows.to_row(task, self._clock())
        with self._database.write() as connection:
            for name in ("idempotency_key", "coalesce_key"):
                # Two that come at the same moment, of which neither would find the other's row.
                if values[name]:
                    self._database.lock(connection, f"{name}:{values[name]}")
            if values["idempotency_key"] is not None:
                same = TASKS.c.idempotency_key == values["idempotency_key"]
                known = connection.execute(select(TASKS).where(same)).one_or_none()
                if known is not None:
                    return task_rows.to_record(known)
            if task.parent is not None and task_rows.find(connection, task.parent, lock=True).cancel_requested:
                values |= {
                    "state": TaskState.CANCELLED.value,
                    "cancel_requested": True,
                    "finished_at": values["created_at"],
                }
            elif (waiting := task_rows.find_equal(connection, task)) is not None:
                return task_rows.to_record(_hurried(connection, waiting, task.lane, values["not_before"]))
            return task_rows.to_record(connection.execute(insert(TASKS).values(**values).returning(*TASKS.c)).one())

    def cancel(self, task_id: str) -> TaskRecord:
        with self._database.write() as connection:
            family = [task_rows.find(connection, task_id, lock=True)]
            for row in family:  # grows while it is walked
                children = select(TASKS).where(TASKS.c.parent == row.id).order_by(TASKS.c.number).with_for_update()
                family.extend(connection.execute(children).all())
                if row.state == TaskState.QUEUED.value:
                    _leave(connection, row, TaskState.CANCELLED, self._clock(), cancel_requested=True)
                elif row.state == TaskState.RUNNING.value:
                    _change(connection, row, cancel_requested=True)
            return task_rows.to_record(task_rows.find(connection, task_id))

    # --- workers -----------------------------------------------------------------------------------------------------

    def lease(self, worker: str, lanes: Collection[Lane], lease_s: float) -> TaskLease | None:
        task_rows.check_text("the name of a worker", worker)
        with self._database.read() as connection:
            # An idle worker asks often, and must not stand in the way of writers for that.
            if not task_rows.has_work(connection, lanes, self._clock()):
                return None
        for _ in range(_MAX_CLASHES):
            try:
                return self._lease(worker, lanes, lease_s)
            except IntegrityError:
                # Another worker took a task with the same exclusive key at this moment; the next look sees it.
                continue
        raise ConflictError(f"worker {worker!r} got no task: others were first {_MAX_CLASHES} times; try again")

    def _lease(self, worker: str, lanes: Collection[Lane], lease_s: float) -> TaskLease | None:
        with self._database.write() as connection:
            now = self._clock()
            for lost in task_rows.find_lost(connection, now):
                _lose(connection, lost, now)
            row = task_rows.find_next(connection, lanes, now)
            if row is None:
                return None
            leased = _change(
                connection,
                row,
                state=TaskState.RUNNING.value,
                holds=row.exclusive or None,
                worker=worker,
                lease_until=now + timedelta(seconds=lease_s),
                token=row.token + 1,
                attempts=row.attempts + 1,
                started_at=row.started_at or now,
                stage_at=None,
            )
            return TaskLease(task_rows.to_record(leased))

    def take_back(self, worker: str) -> int:
        with self._database.write() as connection:
            lost = task_rows.find_of(connection, worker)
            for row in lost:
                _lose(connection, row, self._clock())
            return len(lost)

    def renew(self, lease: TaskLease, lease_s: float) -> bool:
        with self._database.write() as connection:
            row = task_rows.find_held(connection, lease)
            _change(connection, row, lease_until=self._clock() + timedelta(seconds=lease_s))
            return bool(row.cancel_requested)

    def report(self, lease: TaskLease, progress: TaskProgress, checkpoint: Mapping[str, Any] | None = None) -> None:
        kept = {} if checkpoint is None else {"checkpoint": checked_json("checkpoint", checkpoint)}
        with self._database.write() as connection:
            row = task_rows.find_held(connection, lease)
            _change(connection, row, **task_rows.progress_values(row, progress, self._clock()), **kept)

    def succeed(self, lease: TaskLease, result: Mapping[str, Any]) -> None:
        checked = checked_json("result", result)
        with self._database.write() as connection:
            row = task_rows.find_held(connection, lease)
            _leave(connection, row, TaskState.SUCCEEDED, self._clock(), result=checked, error="")

    def fail(self, lease: TaskLease, error: str) -> None:
        with self._database.write() as connection:
            row = task_rows.find_held(connection, lease)
            _leave(connection, row, TaskState.FAILED, self._clock(), error=task_rows.cut(error))

    def retry(self, lease: TaskLease, error: str, delay_s: float) -> None:
        with self._database.write() as connection:
            row = task_rows.find_held(connection, lease)
            now = self._clock()
            later = now + timedelta(seconds=delay_s)
            _put_back(connection, row, now, attempts=row.attempts, not_before=later, error=task_rows.cut(error))

    def give_back(self, lease: TaskLease) -> None:
        with self._database.write() as connection:
            row = task_rows.find_held(connection, lease)
            now = self._clock()
            _put_back(connection, row, now, attempts=row.attempts - 1, not_before=row.not_before, error=row.error)

    def cancelled(self, lease: TaskLease) -> None:
        with self._database.write() as connection:
            row = task_rows.find_held(connection, lease)
            _leave(connection, row, TaskState.CANCELLED, self._clock(), cancel_requested=True)

    # --- whoever looks -----------------------------------------------------------------------------------------------

    def get(self, task_id: str) -> TaskRecord:
        with self._database.read() as connection:
            return task_rows.to_record(task_rows.find(connection, task_id))

    def list_tasks(
        self,
        *,
        index: str | None = None,
        kinds: Collection[str] | None = None,
        states: Collection[TaskState] | None = None,
        before: int | None = None,
        limit: int = 100,
    ) -> list[TaskRecord]:
        if not 1 <= limit <= MAX_LISTED:
            raise InputError(f"a page of {limit} tasks was asked for; wanted: 1 to {MAX_LISTED:,}")
        query = select(TASKS).order_by(TASKS.c.number.desc()).limit(limit)
        if index is not None:
            query = query.where(TASKS.c.index_name == index)
        if kinds is not None:
            query = query.where(TASKS.c.kind.in_(kinds))
        if states is not None:
            query = query.where(TASKS.c.state.in_([state.value for state in states]))
        if before is not None:
            query = query.where(TASKS.c.number < before)
        with self._database.read() as connection:
            return [task_rows.to_record(row) for row in connection.execute(query)]

    def children(self, task_id: str) -> list[TaskRecord]:
        query = select(TASKS).where(TASKS.c.parent == task_id).order_by(TASKS.c.number)
        with self._database.read() as connection:
            return [task_rows.to_record(row) for row in connection.execute(query)]

    def succeed_waiting(self, kind: str, index: str, key: str, most: int, result: Mapping[str, Any]) -> int:
        checked = checked_json("result", result)
        done = (
            select(TASKS.c.number)
            .where(
                TASKS.c.state == TaskState.QUEUED.value,
                TASKS.c.kind == kind,
                TASKS.c.index_name == index,
                TASKS.c.payload[key].as_integer() <= most,
            )
            .order_by(TASKS.c.number)
            .limit(MAX_BATCH)
            .with_for_update(skip_locked=True)
        )
        finished = 0
        while True:
            with self._database.write() as connection:
                numbers = connection.execute(done).scalars().all()
                now = self._clock()
                connection.execute(
                    update(TASKS)
                    .where(TASKS.c.number.in_(numbers))
                    .values(state=TaskState.SUCCEEDED.value, started_at=now, finished_at=now, result=checked, error="")
                )
            finished += len(numbers)
            if len(numbers) < MAX_BATCH:
                return finished
            self._database.give_way()

    def waiting(self, lanes: Collection[Lane], exclusive: str = "") -> int:
        query = task_rows.due(lanes, self._clock())
        if exclusive:
            query = query.where(TASKS.c.exclusive == exclusive)
        with self._database.read() as connection:
            return connection.execute(query.with_only_columns(func.count())).scalar_one()

    def counts(self) -> dict[tuple[Lane, TaskState], int]:
        query = select(TASKS.c.lane, TASKS.c.state, func.count()).group_by(TASKS.c.lane, TASKS.c.state)
        with self._database.read() as connection:
            return {(Lane(lane), TaskState(state)): count for lane, state, count in connection.execute(query)}

    def next_due(self) -> datetime | None:
        now = self._clock()
        with self._database.read() as connection:
            times = [
                connection.execute(select(func.min(time)).where(TASKS.c.state == state.value, time > now)).scalar_one()
                for state, time in (
                    (TaskState.QUEUED, TASKS.c.not_before),
                    (TaskState.RUNNING, TASKS.c.lease_until),
                )
            ]
        return min((time for time in times if time is not None), default=None)

    def prune(self, older_than: datetime, kinds: Collection[str] | None = None) -> int:
        unfinished = exists().where(_CHILD.c.parent == TASKS.c.id, _CHILD.c.state.not_in(_FINISHED))
        old = select(TASKS.c.number).where(TASKS.c.state.in_(_FINISHED), TASKS.c.finished_at < older_than, ~unfinished)
        if kinds is not None:
            old = old.where(TASKS.c.kind.in_(kinds))
        removed = 0
        while True:
            with self._database.write() as connection:
                # Another process may be at the same.
                numbers = connection.execute(old.limit(MAX_BATCH).with_for_update(skip_locked=True)).scalars().all()
                connection.execute(delete(TASKS).where(TASKS.c.number.in_(numbers)))
            removed += len(numbers)
            if len(numbers) < MAX_BATCH:
                return removed
            self._database.give_way()


def _hurried(connection: Connection, waiting: Row[Any], lane: Lane, not_before: datetime) -> Row[Any]:
    """A task in the queue, made as urgent as one that would have come beside it."""
    urgency = min(_LANES.index(Lane(waiting.lane)), _LANES.index(lane))
    values = {"lane": _LANES[urgency].value, "not_before": min(waiting.not_before, not_before)}
    if all(getattr(waiting, name) == value for name, value in values.items()):
        return waiting  # most are: nothing is written
    return _change(connection, waiting, **values)


def _lose(connection: Connection, lost: Row[Any], now: datetime) -> None:
    """Puts the task of a lost worker back."""
    error = (
        f"worker {lost.worker!r} was lost in attempt {lost.attempts} of {lost.max_attempts}; look at its log and its "
        f"memory, then start the task again"
    )
    _put_back(connection, lost, now, attempts=lost.attempts, not_before=lost.not_before, error=error)


def _put_back(
    connection: Connection, row: Row[Any], now: datetime, *, attempts: int, not_before: datetime, error: str
) -> None:
    """Puts a running task back into the queue, or finishes it where it may not run again."""
    if row.cancel_requested:
        _leave(connection, row, TaskState.CANCELLED, now, error=error)
    elif attempts >= row.max_attempts:
        _leave(connection, row, TaskState.FAILED, now, error=f"given up after {attempts} attempts: {error}")
    else:
        _leave(connection, row, TaskState.QUEUED, now, attempts=attempts, not_before=not_before, error=error)


def _leave(connection: Connection, row: Row[Any], state: TaskState, now: datetime, **values: Any) -> None:
    """Moves a task into a state in which nobody works on it."""
    finished_at = now if state.finished else None
    _change(connection, row, state=state.value, holds=None, lease_until=None, finished_at=finished_at, **values)


def _change(connection: Connection, row: Row[Any], **values: Any) -> Row[Any]:
    return connection.execute(
        update(TASKS).where(TASKS.c.number == row.number).values(**values).returning(*TASKS.c)
    ).one()
