"""What a worker makes of tasks: their ends, their retries, and what it finds by itself."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from service import Service, service

from indexer.errors import ConflictError, InputError, StorageError
from indexer.jobs.heartbeat import Heartbeat
from indexer.jobs.locks import Work
from indexer.jobs.progress import Silent, Stopped
from indexer.jobs.storing import store_products
from indexer.product import Product
from indexer.store.task_records import Lane, NewTask, TaskRecord, TaskState
from search import generations
from search.maintenance import Maintenance
from search.services import Services
from search.settings import settings_from_json
from search.uploads import remove_old_uploads
from workers.jobs import JOBS
from workers.runner import Runner, delay_s, take_back_of_the_gone, worker_name
from workers.sweep import Sweep

LAMP = {"id": "lamp", "title": "Brass lamp"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Service]:
    with service(tmp_path) as opened:
        opened.ask("POST", "/v1/indexes/shop/documents", 202, json=LAMP)
        opened.work()
        yield opened


def ended(shop: Service, job: Any, **values: Any) -> TaskRecord:
    """A task after one attempt at this job."""
    runner = Runner(shop.services, {"try": job})
    task = shop.services.catalogue.tasks.enqueue(NewTask("try", "shop", lane=Lane.BULK, **values))
    assert runner.run_next(Lane.BULK)
    return shop.services.catalogue.tasks.get(task.id)


def raising(error: BaseException) -> Any:
    def job(services: Services, task: TaskRecord, heartbeat: Heartbeat) -> Mapping[str, Any]:
        raise error

    return job


def test_what_is_done_has_its_result(shop: Service) -> None:
    task = ended(shop, lambda services, task, heartbeat: {"done": task.kind})
    assert (task.state, task.result, task.worker) == (TaskState.SUCCEEDED, {"done": "try"}, worker_name())


def test_many_writes_that_wait_are_made_searchable_at_once(shop: Service) -> None:
    ids = [
        shop.ask("PATCH", "/v1/indexes/shop/documents", 202, json={"id": "lamp", "title": f"lamp {n}"})["task"]["id"]
        for n in range(5)
    ]
    assert Runner(shop.services, JOBS).run_next(Lane.INTERACTIVE)
    found = [shop.services.catalogue.tasks.get(id_) for id_ in ids]
    assert [task.state for task in found] == [TaskState.SUCCEEDED] * 5
    assert found[0].result is not None
    assert found[-1].result is not None
    assert found[0].result["change_number"] == found[-1].result["change_number"]


@pytest.mark.parametrize("error", [ConflictError("held"), StorageError("full"), ZeroDivisionError("bug")])
def test_what_may_get_better_is_tried_again_later(shop: Service, error: Exception) -> None:
    task = ended(shop, raising(error))
    assert (task.state, task.attempts) == (TaskState.QUEUED, 1)
    assert str(error) in task.error
    assert task.not_before > datetime.now(UTC)


def test_what_fails_each_time_fails_in_the_end(shop: Service) -> None:
    task = ended(shop, raising(ZeroDivisionError("bug")), max_attempts=1)
    assert task.state is TaskState.FAILED
    assert "ZeroDivisionError: bug" in task.error


def test_what_cannot_get_better_fails_at_once(shop: Service) -> None:
    task = ended(shop, raising(InputError("line 3 is wrong")))
    assert (task.state, task.attempts, task.error) == (TaskState.FAILED, 1, "line 3 is wrong")


def test_an_unknown_kind_is_tried_again_for_a_worker_that_knows_it(shop: Service) -> None:
    shop.services.catalogue.tasks.enqueue(NewTask("later", "shop"))
    shop.work()
    (task,) = shop.services.catalogue.tasks.list_tasks(kinds=["later"])
    assert task.state is TaskState.QUEUED


def test_a_task_that_is_cancelled_stops_where_it_can(shop: Service) -> None:
    def job(services: Services, task: TaskRecord, heartbeat: Heartbeat) -> Mapping[str, Any]:
        services.catalogue.tasks.cancel(task.id)
        end = time.monotonic() + 20
        while not heartbeat.stopping():
            assert time.monotonic() < end
            time.sleep(0.02)
        raise Stopped

    quick = Runner(Services(_with(shop, task_lease_s=3)), {"try": job})
    task = shop.services.catalogue.tasks.enqueue(NewTask("try", "shop", lane=Lane.BULK))
    quick.run_next(Lane.BULK)
    assert shop.services.catalogue.tasks.get(task.id).state is TaskState.CANCELLED


def _with(shop: Service, **values: Any) -> Any:
    from dataclasses import replace

    return replace(shop.services.config, **values)


def test_a_worker_that_ends_gives_its_task_back(shop: Service) -> None:
    began = threading.Event()

    def job(services: Services, task: TaskRecord, heartbeat: Heartbeat) -> Mapping[str, Any]:
        began.set()
        while not heartbeat.stopping():
            time.sleep(0.02)
        raise Stopped

    runner = Runner(shop.services, {"try": job})
    task = shop.services.catalogue.tasks.enqueue(NewTask("try", "shop", lane=Lane.BULK))
    runner.start()
    assert began.wait(20)
    runner.close()
    back = shop.services.catalogue.tasks.get(task.id)
    assert (back.state, back.attempts) == (TaskState.QUEUED, 0)


def test_an_urgent_task_does_not_wait_for_long_work(shop: Service) -> None:
    began, go_on = threading.Event(), threading.Event()

    def long(services: Services, task: TaskRecord, heartbeat: Heartbeat) -> Mapping[str, Any]:
        began.set()
        assert go_on.wait(20)
        return {}

    runner = Runner(shop.services, {"long": long, "quick": lambda services, task, heartbeat: {}})
    tasks = shop.services.catalogue.tasks
    tasks.enqueue(NewTask("long", "shop", lane=Lane.BULK))
    runner.start()
    assert began.wait(20)
    quick = tasks.enqueue(NewTask("quick", "shop"))
    runner.wake()
    end = time.monotonic() + 20
    while tasks.get(quick.id).state is not TaskState.SUCCEEDED:
        assert time.monotonic() < end
        time.sleep(0.02)
    go_on.set()
    runner.close()


def test_the_pause_grows_up_to_a_minute() -> None:
    pauses = [delay_s(attempts) for attempts in (1, 3, 5, 50)]
    assert pauses == sorted(pauses)
    assert 0.7 < pauses[0] < 1.3
    assert pauses[-1] < 80


def test_the_tasks_of_a_dead_process_are_taken_back_at_once(shop: Service) -> None:
    tasks = shop.services.catalogue.tasks
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    host = worker_name().rpartition(":")[0]
    mine, dead = tasks.enqueue(NewTask("try", "shop")), tasks.enqueue(NewTask("try", "shop"))
    assert tasks.lease(f"{host}:{os.getpid()}", [Lane.INTERACTIVE], 60)
    assert tasks.lease(f"{host}:{gone.pid}", [Lane.INTERACTIVE], 60)
    assert take_back_of_the_gone(tasks) == 1
    assert tasks.get(mine.id).state is TaskState.RUNNING
    assert tasks.get(dead.id).state is TaskState.QUEUED


# --- uploaded feeds --------------------------------------------------------------------------------------------------


def uploaded(shop: Service) -> tuple[TaskRecord, Path]:
    """(task, file) of a feed that was sent."""
    feed = b"id,title\na,Kettle\n"
    id_ = shop.ask("POST", "/v1/indexes/shop/imports", 202, data=feed)["task"]["id"]
    task = shop.services.catalogue.tasks.get(id_)
    return task, shop.services.config.uploads_dir / task.payload["file"]


def test_a_worker_that_is_lost_before_it_tells_its_success_leaves_the_feed(shop: Service) -> None:
    task, file = uploaded(shop)
    store = shop.services.catalogue.tasks
    lease = store.lease("lost", [Lane.BULK], 60)
    assert lease is not None
    JOBS[task.kind](shop.services, lease.task, Heartbeat(store, lease, 60))
    assert store.take_back("lost") == 1
    shop.work()
    ended = store.get(task.id)
    assert (ended.state, (ended.result or {})["unchanged"]) == (TaskState.SUCCEEDED, 1)
    assert not file.exists()


def test_a_feed_that_cannot_be_imported_is_removed(shop: Service) -> None:
    id_ = shop.ask("POST", "/v1/indexes/shop/imports?format=jsonl", 202, data=b"no JSON")["task"]["id"]
    shop.work()
    assert shop.services.catalogue.tasks.get(id_).state is TaskState.FAILED
    assert list(shop.services.config.uploads_dir.iterdir()) == []


def test_old_feeds_that_no_task_is_about_are_removed(shop: Service) -> None:
    _, awaited = uploaded(shop)
    old, new = awaited.with_name("old"), awaited.with_name("new")
    for file in (old, new):
        file.write_bytes(b"")
    now = datetime.now(UTC)
    for file in (awaited, old):
        os.utime(file, (0, (now - timedelta(days=2)).timestamp()))
    assert remove_old_uploads(shop.services, now - timedelta(days=1)) == 1
    assert (awaited.exists(), old.exists(), new.exists()) == (True, False, True)


# --- the sweep -------------------------------------------------------------------------------------------------------


def write_and_die(shop: Service, *ids: str) -> None:
    """Writes products as a process does that is killed before it asks for a task."""
    schema = settings_from_json(shop.services.catalogue.get_index("shop").settings).schema
    store_products(shop.services.catalogue, "shop", [Product(id_, "Forgotten") for id_ in ids], schema)


def test_what_was_written_without_a_task_is_found(shop: Service) -> None:
    sweep = Sweep(shop.services)
    assert (sweep.look(), sweep.look()) == ([], [])
    write_and_die(shop, "a", "b")
    # Twice, for whoever wrote it may be about to ask.
    assert (sweep.look(), sweep.look()) == ([], ["shop"])
    shop.work()
    assert shop.found("forgotten") == ["a", "b"]
    assert (sweep.look(), sweep.look()) == ([], [])


def test_the_first_products_of_an_index_are_found_too(tmp_path: Path) -> None:
    with service(tmp_path) as shop:
        shop.ask("PUT", "/v1/indexes/shop", 201)
        sweep = Sweep(shop.services)
        assert (sweep.look(), sweep.look()) == ([], [])
        write_and_die(shop, "a")
        assert (sweep.look(), sweep.look()) == ([], ["shop"])


def test_a_sweep_leaves_alone_what_somebody_works_on(shop: Service) -> None:
    write_and_die(shop, "a")
    sweep = Sweep(shop.services)
    for work in (Work.IMPORT, Work.BUILD):
        with shop.services.locks.holding("shop", work):
            assert (sweep.look(), sweep.look()) == ([], [])
    task = shop.services.tasks.rebuild("shop", "test")
    assert (sweep.look(), sweep.look()) == ([], [])
    shop.services.catalogue.tasks.cancel(task.id)
    assert (sweep.look(), sweep.look()) == ([], ["shop"])


def test_a_write_is_found_though_a_rebuild_switches_just_then(shop: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    real = generations.apply_range
    switches: list[int] = []

    def switching_first(*arguments: Any) -> Any:
        if not switches:
            switches.append(Maintenance(shop.services).rebuild("shop", Silent()).number)
        return real(*arguments)

    monkeypatch.setattr(generations, "apply_range", switching_first)
    told = shop.ask("PATCH", "/v1/indexes/shop/documents/lamp", 202, json={"title": "Brass lantern"})
    shop.work()
    assert switches == [2]
    task = shop.services.catalogue.tasks.get(told["task"]["id"])
    assert (task.state, task.attempts) == (TaskState.SUCCEEDED, 1)
    assert shop.found("lantern") == ["lamp"]
