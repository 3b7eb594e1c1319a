"""What every store does when several come with the same at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import numpy as np
import pytest
from catalogue_cases import batch, digest
from task_cases import BOTH, LEASE_S

from indexer.errors import ConflictError, NotFoundError
from indexer.store.catalogue import open_catalogue
from indexer.store.event_records import EventType, NewEvent
from indexer.store.protocol import CatalogueStore
from indexer.store.records import KeptAnswer, Outcome, ProductRecord, StoredProduct, UpsertReport
from indexer.store.task_records import NewTask, TaskLease, TaskState

AT_ONCE = 6
ROUNDS = 15

T = TypeVar("T")


def at_once(*works: Callable[[], T]) -> list[T | BaseException]:
    """Runs them in threads that start together; what each gave, or raised."""
    start = threading.Barrier(len(works))
    outcomes: list[T | BaseException] = []

    def run(work: Callable[[], T]) -> None:
        start.wait(30)
        try:
            outcomes.append(work())
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            outcomes.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def of(kind: type[T], outcomes: Sequence[object]) -> list[T]:
    return [outcome for outcome in outcomes if isinstance(outcome, kind)]


def test_of_many_who_make_an_index_one_does(store: CatalogueStore) -> None:
    for number in range(ROUNDS):
        name = f"shop-{number}"
        outcomes = at_once(*[lambda name=name: store.create_index(name, {})] * AT_ONCE)
        assert len(of(ConflictError, outcomes)) == AT_ONCE - 1, outcomes
        assert [record.name for record in store.list_indexes()].count(name) == 1


def test_of_many_who_write_the_same_products_each_is_created_by_one(catalogue: CatalogueStore) -> None:
    for number in range(ROUNDS):
        ids = [f"{number}-{part}" for part in range(5)]
        outcomes = at_once(*[lambda ids=ids: catalogue.upsert("shop", batch(*ids))] * AT_ONCE)
        reports = of(UpsertReport, outcomes)
        assert len(reports) == AT_ONCE, outcomes
        assert sum(report.count(Outcome.CREATED) for report in reports) == 5
        assert sum(report.count(Outcome.UNCHANGED) for report in reports) == 5 * (AT_ONCE - 1)
        assert catalogue.count("shop") == catalogue.get_index("shop").change_number == 5 * (number + 1)


def test_of_many_who_change_a_product_none_loses_the_change_of_another(catalogue: CatalogueStore) -> None:
    catalogue.upsert("shop", [StoredProduct("p", b"0", digest("0"), bytes(16))])

    def add_one(known: Mapping[str, ProductRecord]) -> list[StoredProduct]:
        text = str(int(known["p"].document) + 1)
        return [StoredProduct("p", text.encode(), digest(text), bytes(16))]

    for _ in range(ROUNDS):
        at_once(*[lambda: catalogue.modify("shop", ["p"], add_one)] * AT_ONCE)
    assert catalogue.get("shop", ["p"])["p"].document == str(ROUNDS * AT_ONCE).encode()


def test_of_many_who_want_a_lease_one_gets_it(store: CatalogueStore) -> None:
    for number in range(ROUNDS):
        works = [lambda n=n, name=f"r{number}": store.leases.acquire(name, f"h{n}", LEASE_S) for n in range(AT_ONCE)]
        outcomes = at_once(*works)
        (lease,) = [outcome for outcome in outcomes if outcome is not None]
        assert not isinstance(lease, BaseException)
        assert store.leases.holder(f"r{number}") == lease
        store.leases.release(lease)
        outcomes = at_once(*works)  # now there is a row
        (again,) = [outcome for outcome in outcomes if outcome is not None]
        assert not isinstance(again, BaseException)
        assert again.token == 2


def test_of_many_who_keep_the_answer_to_a_request_one_does(store: CatalogueStore) -> None:
    for number in range(ROUNDS):
        works = [
            lambda n=n, key=f"k{number}": store.requests.keep(key, KeptAnswer(bytes(16), 200, b"%d" % n))
            for n in range(AT_ONCE)
        ]
        outcomes = at_once(*works)
        assert len(of(ConflictError, outcomes)) == AT_ONCE - 1, outcomes
        assert outcomes.count(None) == 1
        assert store.requests.find(f"k{number}") is not None


@pytest.mark.parametrize("key", ["idempotency_key", "coalesce_key"])
def test_the_same_task_that_comes_many_times_is_one(store: CatalogueStore, key: str) -> None:
    for number in range(ROUNDS):
        task = NewTask("apply", "shop", **{key: f"k{number}"})
        outcomes = at_once(*[lambda task=task: store.tasks.enqueue(task).id] * AT_ONCE)
        assert len(of(str, outcomes)) == AT_ONCE, outcomes
        assert len(set(outcomes)) == 1
    assert len(store.tasks.list_tasks()) == ROUNDS


def test_of_many_tasks_with_one_exclusive_key_one_is_leased(store: CatalogueStore) -> None:
    for number in range(ROUNDS):
        for _ in range(AT_ONCE):
            store.tasks.enqueue(NewTask("apply", exclusive=f"index:{number}"))
        works = [lambda n=n: store.tasks.lease(f"w{n}", BOTH, LEASE_S) for n in range(AT_ONCE)]
        outcomes = at_once(*works)
        assert len(of(TaskLease, outcomes)) == 1, outcomes
        assert outcomes.count(None) == AT_ONCE - 1
        store.tasks.succeed(of(TaskLease, outcomes)[0], {})
        for _ in range(AT_ONCE - 1):
            lease = store.tasks.lease("w", BOTH, LEASE_S)
            assert lease is not None
            store.tasks.succeed(lease, {})


def test_many_workers_share_what_is_there_and_none_waits_in_vain(store: CatalogueStore) -> None:
    made = {store.tasks.enqueue(NewTask("apply")).id for _ in range(AT_ONCE)}
    outcomes = at_once(*[lambda n=n: store.tasks.lease(f"w{n}", BOTH, LEASE_S) for n in range(AT_ONCE)])
    assert {lease.id for lease in of(TaskLease, outcomes)} == made


def test_a_lost_task_is_taken_over_once(store: CatalogueStore) -> None:
    for _ in range(ROUNDS):
        made = store.tasks.enqueue(NewTask("apply", max_attempts=3))
        assert store.tasks.lease("lost", BOTH, 0) is not None
        outcomes = at_once(*[lambda n=n: store.tasks.lease(f"w{n}", BOTH, LEASE_S) for n in range(AT_ONCE)])
        (lease,) = of(TaskLease, outcomes)
        assert (lease.id, lease.token, outcomes.count(None)) == (made.id, 2, AT_ONCE - 1)
        store.tasks.succeed(lease, {})


def test_a_part_that_comes_while_its_whole_is_cancelled_is_cancelled_too(store: CatalogueStore) -> None:
    for _ in range(ROUNDS):
        whole = store.tasks.enqueue(NewTask("import"))
        at_once(
            *[lambda whole=whole: store.tasks.enqueue(NewTask("apply", parent=whole.id))] * AT_ONCE,
            lambda whole=whole: store.tasks.cancel(whole.id),
        )
        states = {part.state for part in store.tasks.children(whole.id)}
        assert states == {TaskState.CANCELLED}


def test_an_index_is_deleted_by_many_while_others_write(store: CatalogueStore) -> None:
    for number in range(ROUNDS):
        store.create_index("shop", {})
        for start in range(0, 1200, 400):
            store.upsert("shop", batch(*(f"p{n}" for n in range(start, start + 400))))
        outcomes = at_once(
            *[lambda: store.delete_index("shop")] * 3,
            *[lambda n=n: store.upsert("shop", batch(f"late-{n}")) for n in range(3)],
            lambda number=number: store.create_index(f"other-{number}", {}),
        )
        errors = of(BaseException, outcomes)
        assert {type(error) for error in errors} <= {NotFoundError}, errors
        store.create_index("shop", {})
        assert store.count("shop") == 0
        store.delete_index("shop")


def test_a_copy_that_is_made_twice_at_once_is_whole_or_refused(catalogue: CatalogueStore) -> None:
    for start in range(0, 1200, 400):
        catalogue.upsert("shop", batch(*(f"p{n}" for n in range(start, start + 400))))
    for number in range(5):
        outcomes = at_once(*[lambda number=number: catalogue.copy_index("shop", f"copy-{number}")] * 3)
        assert {type(error) for error in of(BaseException, outcomes)} <= {ConflictError}, outcomes
        assert catalogue.count(f"copy-{number}") == len(catalogue.ids(f"copy-{number}", "", 2000)) == 1200


def test_a_reader_that_follows_the_numbers_of_events_misses_none(store: CatalogueStore, url: str) -> None:
    time = datetime(2026, 2, 2, tzinfo=UTC)
    stores = [open_catalogue(url) for _ in range(4)]
    running = threading.Event()
    seen: list[int] = []

    def write(number: int) -> None:
        for event in range(40):
            # The same two ids in another order each: who keeps both must not wait for who keeps them the other way.
            ids = [f"{event}-a", f"{event}-b", f"{number}-{event}"][:: 1 if number % 2 else -1]
            stores[number].events.add([NewEvent(one, "shop", EventType.VIEW, "p", time) for one in ids])

    def follow() -> None:
        while not running.is_set():
            seen.extend(record.number for record in store.events.scan(seen[-1] if seen else 0, 7))

    follower = threading.Thread(target=follow)
    follower.start()
    outcomes = at_once(*[lambda n=n: write(n) for n in range(4)])
    running.set()
    follower.join()
    assert outcomes == [None] * 4
    while more := [record.number for record in store.events.scan(seen[-1] if seen else 0, 100)]:
        seen.extend(more)
    assert seen == [record.number for record in store.events.scan(0, 10_000)]
    assert len(seen) == 40 * (2 + 4)
    for opened in stores:
        opened.close()


def test_the_same_vectors_are_kept_by_many_at_once(store: CatalogueStore) -> None:
    hashes = [digest(str(number)) for number in range(300)]
    vectors = np.ones((300, 4), dtype=np.float32)
    for version in range(5):
        outcomes = at_once(
            *[
                lambda step=step, version=f"v{version}": store.embeddings.put(version, hashes[::step], vectors)
                for step in (1, -1, 1, -1)
            ]
        )
        assert outcomes == [None] * 4
        assert len(store.embeddings.get(f"v{version}", hashes)) == 300


def test_old_tasks_are_forgotten_by_many_at_once(store: CatalogueStore) -> None:
    for _ in range(60):
        lease_of = store.tasks.enqueue(NewTask("apply"))
        store.tasks.cancel(lease_of.id)
    later = datetime.now(UTC) + timedelta(days=1)
    outcomes = at_once(*[lambda: store.tasks.prune(later)] * 4)
    assert sum(of(int, outcomes)) == 60
    assert store.tasks.list_tasks() == []


def test_syncs_that_begin_at_once_clear_up_together(store: CatalogueStore) -> None:
    for number in range(4):
        store.create_index(f"shop-{number}", {})
        store.begin_sync(f"shop-{number}").mark_seen([f"p{n}" for n in range(300)])
    outcomes = at_once(*[lambda n=n: store.begin_sync(f"shop-{n}").end() for n in range(4)])
    assert outcomes == [None] * 4
