"""What every store does with characters that not every database can hold: NUL, and halves of surrogate pairs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from task_cases import BOTH, enqueue, lease

from indexer.errors import InputError
from indexer.store.event_records import EventType, NewEvent
from indexer.store.protocol import CatalogueStore
from indexer.store.records import AttributeCount
from indexer.store.task_records import NewTask, TaskProgress

ODD = ["a\0b", "\ud800"]
REFUSED = "with a character that cannot be stored; leave it out"
TIME = datetime(2026, 2, 2, tzinfo=UTC)

pytestmark = pytest.mark.parametrize("odd", ODD, ids=["nul", "half"])


@pytest.mark.parametrize("name", ["kind", "index", "exclusive", "coalesce_key", "idempotency_key"])
def test_a_task_is_refused(store: CatalogueStore, name: str, odd: str) -> None:
    with pytest.raises(InputError, match=REFUSED):
        store.tasks.enqueue(NewTask(**{"kind": "apply", name: odd}))
    assert store.tasks.list_tasks() == []


def test_whoever_works_is_refused(store: CatalogueStore, odd: str) -> None:
    with pytest.raises(InputError, match=REFUSED):
        store.tasks.lease(odd, BOTH, 30)
    for resource, holder in ((odd, "cli"), ("index:shop", odd)):
        with pytest.raises(InputError, match=REFUSED):
            store.leases.acquire(resource, holder, 30)


@pytest.mark.parametrize("name", ["id", "index", "query_id", "user_id", "session_id", "product_id"])
def test_an_event_is_refused(store: CatalogueStore, name: str, odd: str) -> None:
    values = {"id": "e", "index": "shop", "type": EventType.VIEW, "product_id": "p", "time": TIME}
    with pytest.raises(InputError):
        store.events.add([NewEvent(**{**values, name: odd})])
    assert store.events.scan(0, 10) == []


def test_a_text_for_people_has_another_character_in_its_place(catalogue: CatalogueStore, odd: str) -> None:
    shown = odd.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
    made = enqueue(catalogue.tasks)
    taken = lease(catalogue.tasks)
    catalogue.tasks.report(taken, TaskProgress(odd, 1))
    assert catalogue.tasks.get(made.id).progress.stage == shown
    catalogue.tasks.fail(taken, odd)
    assert catalogue.tasks.get(made.id).error == shown
    assert catalogue.generations.create("shop", {}, odd).note == shown
    catalogue.generations.mark_failed("shop", 1, odd)
    assert catalogue.generations.get("shop", 1).note == shown


def test_json_holds_it(store: CatalogueStore, odd: str) -> None:
    store.create_index("shop", {odd: [odd]})
    assert store.get_index("shop").settings == {odd: [odd]}
    assert store.generations.create("shop", {odd: odd}).spec == {odd: odd}


def test_an_attribute_of_that_name_is_not_counted(catalogue: CatalogueStore, odd: str) -> None:
    catalogue.attributes.replace("shop", [AttributeCount(name, 1, {}) for name in (odd, "colour")])
    assert [one.name for one in catalogue.attributes.list_all("shop")] == ["colour"]
