from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from indexer.errors import ConflictError, InputError, LostLeaseError, StorageError
from indexer.jobs.heartbeat import Heartbeat
from indexer.jobs.progress import Progress
from indexer.store.catalogue import open_catalogue
from indexer.store.task_records import Lane, NewTask, TaskLease, TaskProgress, TaskRecord, TaskState

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class FakeQueue:
    """Notes what it is asked; answers, or raises, as the test set it."""

    def __init__(self) -> None:
        self.renewals = 0
        self.reports: list[tuple[TaskProgress, Mapping[str, Any] | None]] = []
        self.cancel_requested = False
        self.renewing: BaseException | None = None
        self.reporting: BaseException | None = None

    def renew(self, lease: TaskLease, lease_s: float) -> bool:
        self.renewals += 1
        if self.renewing is not None:
            raise self.renewing
        return self.cancel_requested

    def report(self, lease: TaskLease, progress: TaskProgress, checkpoint: Mapping[str, Any] | None = None) -> None:
        if self.reporting is not None:
            raise self.reporting
        self.reports.append((progress, checkpoint))


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def lease() -> TaskLease:
    return TaskLease(
        TaskRecord(
            *(1, "f" * 32, "import", "shop", {}, Lane.BULK, TaskState.RUNNING, None, "", "", "", NOW, NOW, None),
            *(NOW, 1, 3, "w1", NOW, 1, False, TaskProgress("rows", 5, None, 2), None, None, ""),
        )
    )


def beating(
    queue: FakeQueue, lease: TaskLease, lease_s: float, clock: Callable[[], float] = time.monotonic
) -> Heartbeat:
    return Heartbeat(queue, lease, lease_s, clock)  # type: ignore[arg-type]


def wait_until(reached: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.005)


# --- the lease -------------------------------------------------------------------------------------------------------


def test_the_lease_is_renewed_every_third_of_it_until_the_block_is_left(queue: FakeQueue, lease: TaskLease) -> None:
    begun = time.monotonic()
    with beating(queue, lease, 0.6) as heartbeat:
        wait_until(lambda: queue.renewals == 3)
        assert 0.6 <= time.monotonic() - begun < 5
        assert not heartbeat.stopping()
    count = queue.renewals
    time.sleep(0.3)
    assert queue.renewals == count


def test_leaving_does_not_wait_for_the_next_renewal(queue: FakeQueue, lease: TaskLease) -> None:
    begun = time.monotonic()
    with beating(queue, lease, 600):
        pass
    assert time.monotonic() - begun < 5
    assert queue.renewals == 0


def test_a_cancellation_is_heard(queue: FakeQueue, lease: TaskLease) -> None:
    with beating(queue, lease, 0.15) as heartbeat:
        wait_until(lambda: queue.renewals)
        assert not heartbeat.stopping()
        queue.cancel_requested = True
        wait_until(heartbeat.stopping)
        assert (heartbeat.cancel_asked, heartbeat.lost) == (True, False)


def test_a_lost_lease_stops_the_work_and_the_renewals(queue: FakeQueue, lease: TaskLease) -> None:
    queue.renewing = LostLeaseError("task is running, under lease 2")
    with beating(queue, lease, 0.15) as heartbeat:
        heartbeat.advance(1)
        wait_until(heartbeat.stopping)
        assert (heartbeat.cancel_asked, heartbeat.lost) == (False, True)
        heartbeat.advance(1)
        time.sleep(0.2)
    assert (queue.renewals, len(queue.reports)) == (1, 1)


def test_a_report_that_is_refused_tells_of_the_loss_too(queue: FakeQueue, lease: TaskLease) -> None:
    queue.reporting = LostLeaseError("task is running, under lease 2")
    with beating(queue, lease, 600) as heartbeat:
        heartbeat.advance(1)
        assert heartbeat.lost


@pytest.mark.parametrize("error", [ConflictError("the database is locked"), StorageError("the disk is full")])
def test_a_store_that_is_in_trouble_is_tried_again_as_long_as_the_lease_lasts(
    queue: FakeQueue, lease: TaskLease, seconds: Seconds, error: Exception
) -> None:
    queue.renewing = error
    with beating(queue, lease, 0.06, clock=seconds) as heartbeat:
        wait_until(lambda: queue.renewals >= 3)
        seconds.now += 0.05
        assert not heartbeat.stopping()
        queue.renewing = None
        count = queue.renewals
        wait_until(lambda: queue.renewals >= count + 2)
        seconds.now += 0.05  # since the renewal that went through
        assert not heartbeat.stopping()
        queue.renewing = error
        seconds.now += 0.02
        wait_until(heartbeat.stopping)
        assert heartbeat.lost


def test_a_renewal_counts_from_when_it_began(queue: FakeQueue, lease: TaskLease, seconds: Seconds) -> None:
    def slow(lease: TaskLease, lease_s: float) -> bool:
        seconds.now += 50
        return False

    queue.renew = slow  # type: ignore[method-assign]
    heartbeat = beating(queue, lease, 60, clock=seconds)
    heartbeat._renew()
    seconds.now += 9
    assert not heartbeat.lost
    seconds.now += 1
    assert heartbeat.lost


def test_a_heartbeat_that_breaks_stops_the_work(
    queue: FakeQueue, lease: TaskLease, caplog: pytest.LogCaptureFixture
) -> None:
    queue.renewing = ZeroDivisionError("a mistake of ours")
    with caplog.at_level(logging.ERROR), beating(queue, lease, 0.03) as heartbeat:
        wait_until(lambda: not heartbeat._thread.is_alive())
        heartbeat._renewed_at_s = float("inf")  # not for the time that has passed
        assert heartbeat.stopping()
    assert "a mistake of ours" in caplog.text


# --- reports ---------------------------------------------------------------------------------------------------------


def test_it_reports_at_most_twice_a_second_and_the_last_state_at_the_end(
    queue: FakeQueue, lease: TaskLease, seconds: Seconds
) -> None:
    with beating(queue, lease, 600, clock=seconds) as heartbeat:
        progress: Progress = heartbeat
        progress.stage("rows", 300)
        for _ in range(29):
            seconds.now += 0.125
            progress.advance(10)
        heartbeat.rejected(3)
        heartbeat.checkpoint({"line": 290})
    assert queue.reports[0] == (TaskProgress("rows", 0, 300, 2), None)
    assert queue.reports[-1] == (TaskProgress("rows", 290, 300, 5), {"line": 290})
    assert [progress.done for progress, _ in queue.reports] == [0, 40, 80, 120, 160, 200, 240, 280, 290]


def test_a_checkpoint_that_had_to_wait_is_not_forgotten(queue: FakeQueue, lease: TaskLease, seconds: Seconds) -> None:
    with beating(queue, lease, 600, clock=seconds) as heartbeat:
        heartbeat.report(TaskProgress("rows", 1))
        heartbeat.report(TaskProgress("rows", 2), {"line": 2})
        heartbeat.report(TaskProgress("rows", 3))
        seconds.now += 1
        heartbeat.report(TaskProgress("rows", 4))
        seconds.now += 1
        heartbeat.report(TaskProgress("rows", 5))
    assert queue.reports == [
        (TaskProgress("rows", 1), None),
        (TaskProgress("rows", 4), {"line": 2}),
        (TaskProgress("rows", 5), None),
    ]


def test_a_checkpoint_that_cannot_be_stored_is_told_where_it_is_given(queue: FakeQueue, lease: TaskLease) -> None:
    with beating(queue, lease, 600, clock=lambda: 1.0) as heartbeat:
        heartbeat.advance(1)
        with pytest.raises(InputError, match="the checkpoint of a task is not JSON"):
            heartbeat.checkpoint({"when": NOW})
    assert [checkpoint for _, checkpoint in queue.reports] == [None]


def test_what_could_not_be_written_is_written_later(queue: FakeQueue, lease: TaskLease, seconds: Seconds) -> None:
    queue.reporting = ConflictError("the database is locked")
    with beating(queue, lease, 600, clock=seconds) as heartbeat:
        heartbeat.checkpoint({"line": 1})
        queue.reporting = None
        heartbeat.advance(1)  # too soon
        assert queue.reports == []
        assert not heartbeat.stopping()
    assert queue.reports == [(TaskProgress("", 1, None, 2), {"line": 1})]


def test_a_report_that_waits_is_written_with_the_next_renewal(queue: FakeQueue, lease: TaskLease) -> None:
    with beating(queue, lease, 0.3, clock=lambda: 1.0) as heartbeat:
        heartbeat.advance(1)
        heartbeat.advance(1)
        assert [progress.done for progress, _ in queue.reports] == [1]
        wait_until(lambda: len(queue.reports) == 2)
        assert queue.reports[-1][0].done == 2


def test_what_was_reported_is_written_also_when_the_work_fails(
    queue: FakeQueue, lease: TaskLease, seconds: Seconds
) -> None:
    def work() -> None:
        with beating(queue, lease, 600, clock=seconds) as heartbeat:
            heartbeat.stage("rows", None)
            heartbeat.checkpoint({"line": 7})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert queue.reports[-1][1] == {"line": 7}
    assert threading.active_count() == 1 or all("heartbeat" not in t.name for t in threading.enumerate())


# --- with a store ----------------------------------------------------------------------------------------------------


def test_the_lease_of_a_store_outlives_its_time_while_the_heart_beats(tmp_path: Any) -> None:
    store = open_catalogue(f"sqlite:///{tmp_path}/catalogue.db")
    made = store.tasks.enqueue(NewTask("import"))
    taken = store.tasks.lease("w1", [Lane.INTERACTIVE], 0.9)
    assert taken is not None
    with Heartbeat(store.tasks, taken, 0.9) as heartbeat:
        heartbeat.stage("rows", 10)
        time.sleep(1.5)
        assert store.tasks.lease("w2", [Lane.INTERACTIVE], 30) is None
        store.tasks.cancel(made.id)
        wait_until(heartbeat.stopping)
    store.tasks.cancelled(taken)
    assert (store.tasks.get(made.id).state, store.tasks.get(made.id).attempts) == (TaskState.CANCELLED, 1)
    assert store.tasks.get(made.id).progress == TaskProgress("rows", 0, 10)
    store.close()
