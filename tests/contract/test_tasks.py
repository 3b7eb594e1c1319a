"""What every task store does for whoever asks for work and looks at it: enqueue, cancel, list, count, prune."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from task_cases import BOTH, START, StoppedClock, enqueue, kinds, lease

from indexer.errors import InputError, NotFoundError
from indexer.store.task_protocol import TaskStore
from indexer.store.task_records import MAX_JSON_BYTES, Lane, NewTask, TaskProgress, TaskState


def states(store: TaskStore) -> dict[str, str]:
    return {task.kind: task.state.value for task in store.list_tasks()}


# --- enqueueing ------------------------------------------------------------------------------------------------------


def test_a_new_task_waits_with_what_it_was_given(tasks: TaskStore) -> None:
    parent = enqueue(tasks, "import")
    later = START + timedelta(minutes=5)
    made = tasks.enqueue(
        NewTask("apply", "shop", {"ids": ["ü", 1, None]}, Lane.BULK, parent.id, later, 7, "index:shop", "c", "i")
    )
    assert (made.kind, made.index, made.payload, made.lane) == ("apply", "shop", {"ids": ["ü", 1, None]}, Lane.BULK)
    assert (made.state, made.parent, made.not_before, made.max_attempts) == (TaskState.QUEUED, parent.id, later, 7)
    assert (made.exclusive, made.coalesce_key, made.idempotency_key) == ("index:shop", "c", "i")
    assert (made.created_at, made.started_at, made.finished_at, made.lease_until) == (START, None, None, None)
    assert (made.attempts, made.token, made.worker, made.cancel_requested) == (0, 0, "", False)
    assert (made.progress, made.checkpoint, made.result, made.error) == (TaskProgress(), None, None, "")
    assert (len(made.id), made.id == parent.id, made.number > parent.number) == (32, False, True)
    assert tasks.get(made.id) == made
    assert parent.not_before == START


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": ""}, "the kind of a task is '', with 0 characters; wanted: 1 to 64"),
        ({"kind": "k" * 65}, "with 65 characters; wanted: 1 to 64"),
        ({"index": "i" * 256}, "index of a task of kind 'apply' is 'iii.*', with 256 characters; wanted: 0 to 255"),
        ({"coalesce_key": "c" * 256}, "coalesce_key .* wanted: 0 to 255"),
        ({"max_attempts": 0}, "max_attempts of a task of kind 'apply' is 0; wanted: 1 to 1,000"),
        ({"not_before": datetime(2026, 1, 1)}, "not_before .* has no time zone"),  # noqa: DTZ001 - that is the point
        ({"payload": {"text": "ü" * (MAX_JSON_BYTES // 2)}}, "payload of a task has 65,548 bytes as JSON; wanted: at"),
        ({"payload": {"when": START}}, "payload of a task is not JSON: .*datetime is not JSON serializable"),
        ({"payload": {"price": float("nan")}}, "payload of a task is not JSON: .* finite numbers"),
    ],
)
def test_what_cannot_be_stored_is_refused(tasks: TaskStore, values: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        enqueue(tasks, **{"kind": "apply", **values})
    assert tasks.list_tasks() == []


def test_a_payload_may_be_of_the_greatest_size(tasks: TaskStore) -> None:
    text = "x" * (MAX_JSON_BYTES - len('{"text": ""}'))
    assert enqueue(tasks, payload={"text": text}).payload == {"text": text}


def test_an_equal_task_that_waits_is_returned(tasks: TaskStore) -> None:
    first = enqueue(tasks, index="shop", coalesce_key="c", payload={"n": 1})
    assert enqueue(tasks, index="shop", coalesce_key="c", payload={"n": 2}) == first
    others = [
        enqueue(tasks, "import", index="shop", coalesce_key="c"),
        enqueue(tasks, index="toys", coalesce_key="c"),
        enqueue(tasks, index="shop", coalesce_key="d"),
        enqueue(tasks, index="shop", coalesce_key="c", parent=first.id),
        enqueue(tasks, index="shop"),
        enqueue(tasks, index="shop"),
    ]
    assert len({first.id, *(task.id for task in others)}) == 7
    assert len(tasks.list_tasks()) == 7


def test_an_equal_task_that_runs_is_not_returned(tasks: TaskStore) -> None:
    first = enqueue(tasks, coalesce_key="c")
    taken = lease(tasks)
    second = enqueue(tasks, coalesce_key="c")
    assert (taken.id, second.state) == (first.id, TaskState.QUEUED)
    assert second.id != first.id
    tasks.succeed(taken, {})
    assert enqueue(tasks, coalesce_key="c").id == second.id


def test_an_equal_task_takes_the_more_urgent_lane_and_the_earlier_time(tasks: TaskStore) -> None:
    later = START + timedelta(hours=1)
    first = enqueue(tasks, coalesce_key="c", lane=Lane.BULK, not_before=later)
    assert enqueue(tasks, coalesce_key="c", lane=Lane.BULK, not_before=later + timedelta(hours=1)) == first
    lifted = enqueue(tasks, coalesce_key="c", lane=Lane.INTERACTIVE, not_before=later)
    assert (lifted.id, lifted.lane, lifted.not_before) == (first.id, Lane.INTERACTIVE, later)
    hurried = enqueue(tasks, coalesce_key="c", lane=Lane.BULK)
    assert (hurried.id, hurried.lane, hurried.not_before) == (first.id, Lane.INTERACTIVE, START)
    assert tasks.get(first.id) == hurried


def test_the_same_request_is_the_same_task_also_when_it_is_finished(tasks: TaskStore) -> None:
    first = enqueue(tasks, idempotency_key="request 1")
    assert enqueue(tasks, "import", idempotency_key="request 1") == first
    tasks.succeed(lease(tasks), {"rows": 3})
    again = enqueue(tasks, idempotency_key="request 1")
    assert (again.id, again.state, again.result) == (first.id, TaskState.SUCCEEDED, {"rows": 3})
    assert enqueue(tasks, idempotency_key="request 2").id != first.id
    assert len(tasks.list_tasks()) == 2


def test_a_task_that_does_not_exist_is_told(tasks: TaskStore) -> None:
    for call in (lambda: tasks.get("none"), lambda: tasks.cancel("none"), lambda: enqueue(tasks, parent="none")):
        with pytest.raises(NotFoundError, match="task 'none' does not exist"):
            call()
    assert tasks.list_tasks() == tasks.children("none") == []


# --- cancelling ------------------------------------------------------------------------------------------------------


def test_a_queued_task_is_cancelled_at_once_and_never_leased(tasks: TaskStore, clock: StoppedClock) -> None:
    made = enqueue(tasks)
    clock.pass_s(5)
    gone = tasks.cancel(made.id)
    assert (gone.state, gone.cancel_requested, gone.finished_at) == (TaskState.CANCELLED, True, clock.now)
    assert kinds(tasks) == []


def test_a_running_task_is_told_and_finishes_by_itself(tasks: TaskStore) -> None:
    enqueue(tasks)
    taken = lease(tasks)
    assert tasks.renew(taken, 30) is False
    asked = tasks.cancel(taken.id)
    assert (asked.state, asked.cancel_requested, asked.finished_at) == (TaskState.RUNNING, True, None)
    assert tasks.renew(taken, 30) is True
    tasks.cancelled(taken)
    assert tasks.get(taken.id).state is TaskState.CANCELLED


def test_a_finished_task_stays_as_it_is(tasks: TaskStore) -> None:
    enqueue(tasks)
    taken = lease(tasks)
    tasks.succeed(taken, {"rows": 1})
    before = tasks.get(taken.id)
    assert tasks.cancel(taken.id) == tasks.get(taken.id) == before


@pytest.mark.parametrize("put_back", ["retry", "give_back", "lost"])
def test_a_task_that_comes_back_cancelled_is_never_leased(tasks: TaskStore, clock: StoppedClock, put_back: str) -> None:
    enqueue(tasks)
    taken = lease(tasks)
    tasks.cancel(taken.id)
    if put_back == "retry":
        tasks.retry(taken, "the server was away", 0)
    elif put_back == "give_back":
        tasks.give_back(taken)
    else:
        clock.pass_s(30)
    assert kinds(tasks) == []
    assert (tasks.get(taken.id).state, tasks.get(taken.id).attempts) == (TaskState.CANCELLED, 1)


def test_the_parts_of_a_cancelled_task_are_cancelled_too(tasks: TaskStore) -> None:
    parent = enqueue(tasks, "import")
    running = lease(tasks)
    child = enqueue(tasks, "child", parent=parent.id)
    enqueue(tasks, "done", parent=parent.id)
    enqueue(tasks, "grandchild", parent=child.id)
    enqueue(tasks, "stranger")
    tasks.succeed(lease(tasks), {})  # the child; what is its part is cancelled all the same
    done = lease(tasks)
    assert (done.task.kind, tasks.get(child.id).state) == ("done", TaskState.SUCCEEDED)
    tasks.cancel(parent.id)
    assert states(tasks) == {
        "import": "running",
        "child": "succeeded",
        "done": "running",
        "grandchild": "cancelled",
        "stranger": "queued",
    }
    assert (tasks.renew(done, 30), tasks.renew(running, 30)) == (True, True)


def test_a_part_that_comes_after_the_cancellation_is_cancelled_from_the_start(tasks: TaskStore) -> None:
    parent = enqueue(tasks, "import")
    lease(tasks)
    tasks.cancel(parent.id)
    late = enqueue(tasks, parent=parent.id)
    assert (late.state, late.cancel_requested, late.finished_at) == (TaskState.CANCELLED, True, START)


# --- looking ---------------------------------------------------------------------------------------------------------


def test_tasks_are_listed_newest_first_by_pages(tasks: TaskStore) -> None:
    made = [enqueue(tasks, f"k{n}").id for n in range(7)]
    pages, before = [], None
    while page := tasks.list_tasks(before=before, limit=3):
        pages.append([task.id for task in page])
        before = page[-1].number
        if len(pages) == 1:  # what comes or goes between two pages shifts nothing
            made.remove(pages[0][-1])
            enqueue(tasks, "newcomer")
            tasks.cancel(pages[0][-1])
            tasks.prune(START + timedelta(seconds=1))
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [each for page in pages for each in page if each in made] == made[::-1]


def test_a_list_is_narrowed_down(tasks: TaskStore) -> None:
    a = enqueue(tasks, "apply", index="shop")
    b = enqueue(tasks, "import", index="shop")
    c = enqueue(tasks, "apply", index="toys")
    tasks.cancel(a.id)
    for narrowed, wanted in (
        ({}, [c, b, a]),
        ({"index": "shop"}, [b, a]),
        ({"index": ""}, []),
        ({"kinds": ["apply"]}, [c, a]),
        ({"kinds": []}, []),
        ({"states": [TaskState.CANCELLED, TaskState.RUNNING]}, [a]),
        ({"index": "shop", "kinds": ["import", "apply"], "states": [TaskState.QUEUED]}, [b]),
    ):
        assert [task.id for task in tasks.list_tasks(**narrowed)] == [task.id for task in wanted], narrowed


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_page_has_a_limit(tasks: TaskStore, limit: int) -> None:
    with pytest.raises(InputError, match=f"a page of {limit} tasks was asked for; wanted: 1 to 1,000"):
        tasks.list_tasks(limit=limit)


def test_children_are_listed_oldest_first(tasks: TaskStore) -> None:
    parent = enqueue(tasks)
    made = [enqueue(tasks, f"k{n}", parent=parent.id) for n in range(3)]
    enqueue(tasks, "grandchild", parent=made[0].id)
    assert tasks.children(parent.id) == made


def test_what_waits_is_counted(tasks: TaskStore) -> None:
    for lane, exclusive, delay_s in (
        (Lane.INTERACTIVE, "index:shop", 0),
        (Lane.INTERACTIVE, "index:shop", 0),
        (Lane.INTERACTIVE, "index:toys", 0),
        (Lane.BULK, "index:shop", 0),
        (Lane.BULK, "index:shop", 60),
    ):
        enqueue(tasks, lane=lane, exclusive=exclusive, not_before=START + timedelta(seconds=delay_s))
    assert (tasks.waiting(BOTH), tasks.waiting([Lane.BULK]), tasks.waiting([])) == (4, 1, 0)
    assert (tasks.waiting(BOTH, "index:shop"), tasks.waiting([Lane.INTERACTIVE], "index:toys")) == (3, 1)
    lease(tasks)
    assert tasks.waiting(BOTH, "index:shop") == 2
    assert tasks.counts() == {
        (Lane.INTERACTIVE, TaskState.RUNNING): 1,
        (Lane.INTERACTIVE, TaskState.QUEUED): 2,
        (Lane.BULK, TaskState.QUEUED): 2,
    }


def test_the_next_time_at_which_a_task_may_become_free_is_known(tasks: TaskStore, clock: StoppedClock) -> None:
    assert tasks.next_due() is None
    enqueue(tasks)
    assert tasks.next_due() is None  # it is due, which is told by `waiting`
    enqueue(tasks, not_before=START + timedelta(seconds=90))
    assert tasks.next_due() == START + timedelta(seconds=90)
    lease(tasks)
    assert tasks.next_due() == START + timedelta(seconds=30)
    clock.pass_s(30)
    assert tasks.next_due() == START + timedelta(seconds=90)
    clock.pass_s(60)
    assert tasks.next_due() is None


# --- pruning ---------------------------------------------------------------------------------------------------------


def test_only_what_finished_long_ago_is_forgotten(tasks: TaskStore, clock: StoppedClock) -> None:
    for kind in ("succeeded", "failed", "cancelled", "late", "running"):
        enqueue(tasks, kind)
    enqueue(tasks, "queued", not_before=START + timedelta(days=9))
    tasks.succeed(lease(tasks), {})
    tasks.fail(lease(tasks), "the feed is gone; upload it again")
    tasks.cancelled(lease(tasks))
    late, running = lease(tasks), lease(tasks)
    limit = clock.pass_s(60)
    tasks.renew(running, 30)
    tasks.succeed(late, {})
    assert tasks.prune(START) == 0
    assert tasks.prune(limit) == 3
    assert set(states(tasks)) == {"late", "running", "queued"}
    assert tasks.prune(clock.pass_s(1)) == 1
    assert set(states(tasks)) == {"running", "queued"}


def test_some_kinds_are_forgotten_sooner(tasks: TaskStore, clock: StoppedClock) -> None:
    for kind in ("apply", "import"):
        enqueue(tasks, kind)
        tasks.succeed(lease(tasks), {})
    assert tasks.prune(clock.pass_s(60), ["apply"]) == 1
    assert set(states(tasks)) == {"import"}


def test_a_task_with_unfinished_parts_is_kept(tasks: TaskStore) -> None:
    parent = enqueue(tasks, "import")
    tasks.succeed(lease(tasks), {})
    child = enqueue(tasks, "apply", parent=parent.id)
    tomorrow = START + timedelta(days=1)
    assert tasks.prune(tomorrow) == 0
    tasks.cancel(child.id)
    assert tasks.prune(tomorrow) == 2


def test_a_request_is_new_again_once_its_task_is_pruned(tasks: TaskStore) -> None:
    first = tasks.cancel(enqueue(tasks, idempotency_key="request").id)
    assert enqueue(tasks, idempotency_key="request") == first
    tasks.prune(START + timedelta(days=1))
    assert enqueue(tasks, idempotency_key="request").id != first.id


def test_many_are_forgotten_in_small_transactions(tasks: TaskStore) -> None:
    parent = enqueue(tasks, "import")
    tasks.cancel(parent.id)
    for _ in range(600):
        enqueue(tasks, parent=parent.id)
    assert tasks.prune(START + timedelta(days=1)) == 601
    assert tasks.list_tasks() == []
