"""What every task store does under many workers in processes of their own, and under one that is killed."""

from __future__ import annotations

import multiprocessing
import time
from pathlib import Path

import pytest
from task_cases import BOTH, drain, enqueue, hang

from indexer.errors import LostLeaseError
from indexer.store.protocol import CatalogueStore
from indexer.store.task_records import TaskProgress, TaskState

SPAWN = multiprocessing.get_context("spawn")
DEADLINE_S = 90


@pytest.mark.parametrize("count", [60, pytest.param(600, marks=pytest.mark.long)])
def test_processes_that_lease_at_once_never_get_the_same_task(url: str, store: CatalogueStore, count: int) -> None:
    made = {enqueue(store.tasks, exclusive="index:shop" if n % 3 == 0 else "").id for n in range(count)}
    ready, done = SPAWN.Barrier(4), SPAWN.Queue()
    workers = [SPAWN.Process(target=drain, args=(url, ready, done), daemon=True) for _ in range(4)]
    for worker in workers:
        worker.start()
    reports = [done.get(timeout=DEADLINE_S) for _ in workers]
    for worker in workers:
        worker.join(DEADLINE_S)
    assert [worker.exitcode for worker in workers] == [0] * 4
    had = [task_id for _, ids, _ in reports for task_id in ids]
    assert (len(had), set(had)) == (count, made)
    assert [clash for _, _, clashes in reports for clash in clashes] == []
    assert sum(bool(ids) for _, ids, _ in reports) > 1  # they did work at the same time
    assert {(task.state, task.attempts, task.token) for task in store.tasks.list_tasks(limit=1000)} == {
        (TaskState.SUCCEEDED, 1, 1)
    }


def test_the_task_of_a_killed_worker_is_taken_over_and_its_late_report_refused(
    url: str, store: CatalogueStore, tmp_path: Path
) -> None:
    made = enqueue(store.tasks, exclusive="index:shop")
    leased = SPAWN.Queue()
    doomed = SPAWN.Process(target=hang, args=(url, 0.5, leased), daemon=True)
    doomed.start()
    late = leased.get(timeout=DEADLINE_S)
    doomed.kill()
    doomed.join(DEADLINE_S)
    assert doomed.exitcode == -9
    end = time.monotonic() + DEADLINE_S
    while (taken := store.tasks.lease("heir", BOTH, 60)) is None and time.monotonic() < end:
        time.sleep(0.02)
    assert taken is not None
    assert (taken.id, taken.token, taken.task.attempts, taken.task.checkpoint) == (made.id, 2, 2, {"line": 500})
    with pytest.raises(LostLeaseError, match="under lease 2 of worker 'heir'; lease 1 of worker 'doomed' is over"):
        store.tasks.report(late, TaskProgress("rows", 1000), {"line": 1000})
    store.tasks.succeed(taken, {"rows": 700})
    assert store.tasks.get(made.id).checkpoint == {"line": 500}
