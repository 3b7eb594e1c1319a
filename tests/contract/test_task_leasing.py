"""What every task store does for workers: which task is next, and what becomes of it in their hands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from task_cases import BOTH, LEASE_S, START, StoppedClock, enqueue, kinds, lease

from indexer.errors import ConflictError, InputError, LostLeaseError
from indexer.store.task_protocol import TaskStore
from indexer.store.task_records import MAX_ERROR_CHARS, MAX_JSON_BYTES, Lane, TaskLease, TaskProgress, TaskState

WRITES: dict[str, Callable[[TaskStore, TaskLease], object]] = {
    "renew": lambda store, lease: store.renew(lease, LEASE_S),
    "report": lambda store, lease: store.report(lease, TaskProgress("late", 9), {"late": True}),
    "succeed": lambda store, lease: store.succeed(lease, {"late": True}),
    "fail": lambda store, lease: store.fail(lease, "late"),
    "retry": lambda store, lease: store.retry(lease, "late", 0),
    "give_back": lambda store, lease: store.give_back(lease),
    "cancelled": lambda store, lease: store.cancelled(lease),
}


# --- which is next ---------------------------------------------------------------------------------------------------


def test_a_leased_task_runs_in_the_hands_of_its_worker(tasks: TaskStore, clock: StoppedClock) -> None:
    made = enqueue(tasks, payload={"n": 1})
    clock.pass_s(2)
    taken = lease(tasks, "host 7")
    assert taken.task == tasks.get(made.id)
    assert taken.task == replace(
        made,
        state=TaskState.RUNNING,
        started_at=clock.now,
        attempts=1,
        token=1,
        worker="host 7",
        lease_until=clock.now + timedelta(seconds=LEASE_S),
    )
    assert tasks.lease("host 8", BOTH, LEASE_S) is None


def test_the_interactive_lane_comes_first_then_the_oldest(tasks: TaskStore) -> None:
    for kind, lane in (("b1", Lane.BULK), ("i1", Lane.INTERACTIVE), ("b2", Lane.BULK), ("i2", Lane.INTERACTIVE)):
        enqueue(tasks, kind, lane=lane)
    assert kinds(tasks) == ["i1", "i2", "b1", "b2"]


def test_a_worker_takes_only_from_its_lanes(tasks: TaskStore) -> None:
    enqueue(tasks, "b1", lane=Lane.BULK)
    assert tasks.lease("w1", [Lane.INTERACTIVE], LEASE_S) is None
    assert tasks.lease("w1", [], LEASE_S) is None
    assert lease(tasks, "w1", (Lane.BULK,)).task.kind == "b1"


def test_a_task_that_is_not_due_waits_for_its_time(tasks: TaskStore, clock: StoppedClock) -> None:
    enqueue(tasks, "later", not_before=START + timedelta(seconds=5))
    enqueue(tasks, "now")
    assert kinds(tasks) == ["now"]
    clock.pass_s(4.999)
    assert kinds(tasks) == []
    clock.pass_s(0.001)
    assert kinds(tasks) == ["later"]


def test_of_an_exclusive_key_one_runs_at_a_time(tasks: TaskStore) -> None:
    enqueue(tasks, "shop 1", exclusive="index:shop")
    enqueue(tasks, "shop 2", exclusive="index:shop", lane=Lane.INTERACTIVE)
    enqueue(tasks, "toys", exclusive="index:toys", lane=Lane.BULK)
    enqueue(tasks, "free 1", lane=Lane.BULK)
    enqueue(tasks, "free 2", lane=Lane.BULK)
    first = lease(tasks)
    assert first.task.kind == "shop 1"
    assert kinds(tasks) == ["toys", "free 1", "free 2"]
    tasks.succeed(first, {})
    assert kinds(tasks) == ["shop 2"]


@pytest.mark.parametrize("write", ["fail", "retry", "give_back", "cancelled"])
def test_an_exclusive_key_is_free_when_its_task_stops(tasks: TaskStore, write: str) -> None:
    enqueue(tasks, "first", exclusive="x", lane=Lane.BULK)
    taken = lease(tasks)
    enqueue(tasks, "second", exclusive="x")
    assert kinds(tasks) == []
    WRITES[write](tasks, taken)
    assert kinds(tasks) == ["second"]


def test_a_lost_worker_holds_no_exclusive_key(tasks: TaskStore, clock: StoppedClock) -> None:
    enqueue(tasks, "first", exclusive="x", lane=Lane.BULK)
    taken = lease(tasks)
    enqueue(tasks, "second", exclusive="x")
    clock.pass_s(LEASE_S)
    # A worker of another lane takes over the key, not the task: the lost one may not go on beside it.
    assert lease(tasks, "w2", (Lane.INTERACTIVE,)).task.kind == "second"
    with pytest.raises(LostLeaseError):
        tasks.renew(taken, LEASE_S)
    assert tasks.lease("w3", BOTH, LEASE_S) is None


@pytest.mark.parametrize("worker", ["", "w" * 256])
def test_a_worker_has_a_name(tasks: TaskStore, worker: str) -> None:
    with pytest.raises(InputError, match=r"the name of a worker is .* wanted: 1 to 255"):
        tasks.lease(worker, BOTH, LEASE_S)


def test_waiting_tasks_whose_work_is_done_need_no_worker(tasks: TaskStore, clock: StoppedClock) -> None:
    done = [enqueue(tasks, index="shop", payload={"first": last, "last": last}) for last in (3, 7)]
    others = [
        enqueue(tasks, index="shop", payload={"first": 8, "last": 8}),
        enqueue(tasks, index="shop", payload={}),
        enqueue(tasks, index="toys", payload={"first": 1, "last": 1}),
        enqueue(tasks, "rebuild", index="shop", payload={"last": 1}),
    ]
    taken = tasks.lease("w1", BOTH, LEASE_S)
    assert taken is not None
    assert taken.id == done[0].id
    later = clock.pass_s(1)
    assert tasks.succeed_waiting("apply", "shop", "last", 7, {"written": 0}) == 1
    finished = tasks.get(done[1].id)
    assert (finished.state, finished.result, finished.finished_at) == (TaskState.SUCCEEDED, {"written": 0}, later)
    assert tasks.get(done[0].id).state is TaskState.RUNNING
    assert [tasks.get(other.id).state for other in others] == [TaskState.QUEUED] * 4
    assert tasks.succeed_waiting("apply", "shop", "last", 7, {}) == 0


def test_many_waiting_tasks_are_finished_at_a_time(tasks: TaskStore) -> None:
    for last in range(1_100):
        enqueue(tasks, index="shop", payload={"last": last})
    assert tasks.succeed_waiting("apply", "shop", "last", 1_049, {}) == 1_050
    assert tasks.waiting(BOTH) == 50


# --- lost workers ----------------------------------------------------------------------------------------------------


def test_the_task_of_a_lost_worker_is_taken_over(tasks: TaskStore, clock: StoppedClock) -> None:
    enqueue(tasks)
    first = lease(tasks, "w1")
    tasks.report(first, TaskProgress("rows", 500), {"line": 500})
    clock.pass_s(LEASE_S - 0.001)
    assert tasks.lease("w2", BOTH, LEASE_S) is None
    clock.pass_s(0.001)
    second = lease(tasks, "w2")
    assert (second.id, second.token, second.task.attempts, second.task.worker) == (first.id, 2, 2, "w2")
    assert (second.task.checkpoint, second.task.progress.done) == ({"line": 500}, 500)
    assert (second.task.started_at, second.task.lease_until) == (START, clock.now + timedelta(seconds=LEASE_S))


def test_the_tasks_of_a_worker_that_is_gone_are_taken_back_at_once(tasks: TaskStore) -> None:
    for _ in range(3):
        enqueue(tasks, max_attempts=1 + (_ > 0))
    first, second, other = lease(tasks, "w1"), lease(tasks, "w1"), lease(tasks, "w2")
    assert tasks.take_back("w1") == 2
    assert tasks.get(first.id).state is TaskState.FAILED  # it had one attempt
    assert tasks.get(other.id).state is TaskState.RUNNING
    assert lease(tasks, "w3").id == second.id
    with pytest.raises(LostLeaseError):
        tasks.succeed(second, {})
    assert tasks.take_back("w1") == 0


def test_a_renewed_lease_does_not_run_out(tasks: TaskStore, clock: StoppedClock) -> None:
    enqueue(tasks)
    taken = lease(tasks)
    for _ in range(5):
        clock.pass_s(20)
        assert tasks.renew(taken, LEASE_S) is False
        assert tasks.lease("w2", BOTH, LEASE_S) is None
    assert tasks.get(taken.id).lease_until == clock.now + timedelta(seconds=LEASE_S)


def test_a_lease_that_ran_out_can_be_renewed_while_nobody_looked(tasks: TaskStore, clock: StoppedClock) -> None:
    enqueue(tasks)
    taken = lease(tasks)
    clock.pass_s(LEASE_S * 2)
    tasks.renew(taken, LEASE_S)
    assert tasks.lease("w2", BOTH, LEASE_S) is None
    tasks.succeed(taken, {})


def test_a_task_that_loses_every_worker_fails_and_the_next_is_tried(tasks: TaskStore, clock: StoppedClock) -> None:
    doomed = enqueue(tasks, "doomed", max_attempts=2)
    enqueue(tasks, "next", lane=Lane.BULK)
    for attempt in (1, 2):
        assert (lease(tasks, f"w{attempt}").task.kind, tasks.get(doomed.id).attempts) == ("doomed", attempt)
        clock.pass_s(LEASE_S)
    assert lease(tasks).task.kind == "next"
    failed = tasks.get(doomed.id)
    assert (failed.state, failed.finished_at, failed.attempts) == (TaskState.FAILED, clock.now, 2)
    assert failed.error == (
        "given up after 2 attempts: worker 'w2' was lost in attempt 2 of 2; look at its log and its memory, then start "
        "the task again"
    )


@pytest.mark.parametrize("write", WRITES)
def test_late_writes_of_a_lost_worker_are_refused(tasks: TaskStore, clock: StoppedClock, write: str) -> None:
    enqueue(tasks)
    first = lease(tasks, "w1")
    clock.pass_s(LEASE_S)
    lease(tasks, "w2")
    before = tasks.get(first.id)
    with pytest.raises(
        LostLeaseError, match=r"is running, under lease 2 of worker 'w2'; lease 1 of worker 'w1' is over.* stop working"
    ):
        WRITES[write](tasks, first)
    assert tasks.get(first.id) == before


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("end", ["succeed", "fail", "retry", "give_back", "cancelled"])
def test_writes_of_a_worker_that_is_done_are_refused(tasks: TaskStore, write: str, end: str) -> None:
    enqueue(tasks)
    taken = lease(tasks)
    WRITES[end](tasks, taken)
    before = tasks.get(taken.id)
    with pytest.raises(ConflictError, match=f"task {taken.id} is {before.state.value}"):
        WRITES[write](tasks, taken)
    assert tasks.get(taken.id) == before


def test_a_worker_whose_task_was_pruned_is_told(tasks: TaskStore) -> None:
    enqueue(tasks)
    taken = lease(tasks)
    tasks.succeed(taken, {})
    tasks.prune(START + timedelta(days=1))
    with pytest.raises(LostLeaseError, match=f"task {taken.id} is gone"):
        tasks.renew(taken, LEASE_S)


# --- in the worker's hands -------------------------------------------------------------------------------------------


def test_a_task_that_succeeded_has_its_result_and_no_error(tasks: TaskStore, clock: StoppedClock) -> None:
    enqueue(tasks)
    tasks.retry(lease(tasks), "the server was away", 0)
    taken = lease(tasks)
    assert taken.task.error == "the server was away"
    clock.pass_s(3)
    tasks.succeed(taken, {"rows": 3})
    done = tasks.get(taken.id)
    assert (done.state, done.result, done.error, done.finished_at) == (
        TaskState.SUCCEEDED,
        {"rows": 3},
        "",
        clock.now,
    )
    assert (done.worker, done.lease_until, done.attempts) == ("w1", None, 2)


def test_a_task_that_failed_is_not_tried_again(tasks: TaskStore) -> None:
    enqueue(tasks)
    taken = lease(tasks)
    tasks.fail(taken, "x" * MAX_ERROR_CHARS + "y")
    assert kinds(tasks) == []
    failed = tasks.get(taken.id)
    assert (failed.state, failed.error, failed.result) == (TaskState.FAILED, "x" * (MAX_ERROR_CHARS - 1) + "…", None)


def test_a_task_is_tried_again_later_until_its_attempts_are_used_up(tasks: TaskStore, clock: StoppedClock) -> None:
    made = enqueue(tasks, max_attempts=2)
    tasks.report(taken := lease(tasks), TaskProgress("rows", 10), {"line": 10})
    tasks.retry(taken, "the server was away", 60)
    waiting = tasks.get(made.id)
    assert (waiting.state, waiting.error, waiting.lease_until) == (TaskState.QUEUED, "the server was away", None)
    assert (waiting.not_before, waiting.finished_at) == (START + timedelta(seconds=60), None)
    clock.pass_s(59)
    assert kinds(tasks) == []
    clock.pass_s(1)
    again = lease(tasks)
    assert (again.task.attempts, again.token, again.task.checkpoint) == (2, 2, {"line": 10})
    tasks.retry(again, "it is away still", 60)
    failed = tasks.get(made.id)
    assert (failed.state, failed.finished_at) == (TaskState.FAILED, clock.now)
    assert failed.error == "given up after 2 attempts: it is away still"


def test_a_task_that_was_given_back_keeps_its_place_and_its_attempts(tasks: TaskStore) -> None:
    enqueue(tasks, "rebuild", lane=Lane.BULK, max_attempts=1)
    enqueue(tasks, "import", lane=Lane.BULK)
    for token in (1, 2, 3):
        taken = lease(tasks)
        assert (taken.task.kind, taken.token, taken.task.attempts) == ("rebuild", token, 1)
        tasks.report(taken, TaskProgress("rows", token), {"chunk": token})
        enqueue(tasks, "price")
        tasks.give_back(taken)
        assert tasks.get(taken.id).attempts == 0
        price = lease(tasks)
        assert price.task.kind == "price"
        tasks.succeed(price, {})
    assert tasks.get(taken.id).checkpoint == {"chunk": 3}
    assert kinds(tasks) == ["rebuild", "import"]


def test_progress_and_checkpoint_are_kept(tasks: TaskStore) -> None:
    enqueue(tasks)
    taken = lease(tasks)
    tasks.report(taken, TaskProgress("rows", 10, None, 2), {"line": 10})
    tasks.report(taken, TaskProgress("rows", 20, 40, 3))
    seen = tasks.get(taken.id)
    assert (seen.progress, seen.checkpoint) == (TaskProgress("rows", 20, 40, 3), {"line": 10})


@pytest.mark.parametrize("call", ["checkpoint", "result"])
def test_a_checkpoint_and_a_result_have_a_limit(tasks: TaskStore, call: str) -> None:
    enqueue(tasks)
    taken = lease(tasks)
    large = {"text": "x" * MAX_JSON_BYTES}
    with pytest.raises(InputError, match=f"the {call} of a task has 65,548 bytes"):
        _ = tasks.succeed(taken, large) if call == "result" else tasks.report(taken, TaskProgress(), large)
    assert tasks.get(taken.id) == taken.task


def test_rate_and_remaining_time_are_of_the_present_stage_and_worker(tasks: TaskStore, clock: StoppedClock) -> None:
    enqueue(tasks)
    taken = lease(tasks)

    def reported(done: int, stage: str = "rows", after_s: float = 0) -> tuple[float, float | None]:
        clock.pass_s(after_s)
        tasks.report(taken, TaskProgress(stage, done, 1000))
        seen = tasks.get(taken.id).progress
        return seen.rate_per_s, seen.remaining_s

    assert reported(0) == (0, None)
    assert reported(100, after_s=10) == (10, 90)
    assert reported(400, after_s=10) == (20, 30)
    assert reported(0, "vectors") == (0, None)
    assert reported(600, "vectors", after_s=20) == (30, pytest.approx(400 / 30))
    clock.pass_s(LEASE_S * 10)
    taken = lease(tasks, "w2")
    assert reported(600, "vectors") == (0, None)
    assert reported(800, "vectors", after_s=4) == (50, 4)
    tasks.succeed(taken, {})
    assert tasks.get(taken.id).progress == TaskProgress("vectors", 800, 1000, 0, 50, None)
