"""What a killed process leaves in the tables, and who clears it away."""

from __future__ import annotations

import pytest
from sqlalchemy import Table, func, select

from indexer.errors import ConflictError, NotFoundError
from indexer.store import copying, indexes
from indexer.store import products as rows
from indexer.store.catalogue import SqlCatalogue
from indexer.store.database import Database
from indexer.store.records import StoredProduct
from indexer.store.tables import INDEXES, PRODUCTS, SEEN


@pytest.fixture
def shop(database: Database) -> SqlCatalogue:
    """Has the index "shop" with 1,200 products."""
    catalogue = SqlCatalogue(database)
    catalogue.create_index("shop", {})
    for first in range(0, 1200, 400):
        numbers = range(first, first + 400)
        catalogue.upsert("shop", [StoredProduct(f"p{n}", b"{}", n.to_bytes(16, "big"), bytes(16)) for n in numbers])
    return catalogue


def row_count(database: Database, table: Table) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


class Killed(BaseException):
    pass


def break_second_call(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> None:
    original = getattr(module, name)
    calls: list[None] = []

    def breaking(*arguments: object) -> object:
        calls.append(None)
        if len(calls) == 2:
            raise Killed
        return original(*arguments)

    monkeypatch.setattr(module, name, breaking)


def test_a_copy_that_was_interrupted_is_not_seen_and_can_be_repeated(
    database: Database, shop: SqlCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_second_call(monkeypatch, rows, "put")
    with pytest.raises(Killed):
        shop.copy_index("shop", "copy")
    assert row_count(database, PRODUCTS) == 1200 + 500
    assert [record.name for record in shop.list_indexes()] == ["shop"]
    with pytest.raises(NotFoundError, match="'copy' does not exist"):
        shop.get_index("copy")
    with pytest.raises(ConflictError, match="'copy' exists already; delete it first"):
        shop.create_index("copy", {})

    assert shop.copy_index("shop", "copy").product_count == 1200
    assert row_count(database, PRODUCTS) == 2400
    assert row_count(database, INDEXES) == 2


def test_a_copy_that_was_interrupted_can_be_deleted(
    database: Database, shop: SqlCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_second_call(monkeypatch, rows, "put")
    with pytest.raises(Killed):
        shop.copy_index("shop", "copy")
    shop.delete_index("copy")
    assert row_count(database, PRODUCTS) == 1200
    shop.create_index("copy", {})


def test_a_copy_stops_when_its_target_goes(shop: SqlCatalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    check = copying._check_target

    def delete_then_check(connection: object, name: str, target_id: int) -> None:
        indexes.drop(connection, name)  # type: ignore[arg-type]
        check(connection, name, target_id)  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "_check_target", delete_then_check)
    with pytest.raises(ConflictError, match="'copy' was deleted or copied anew while it was being filled"):
        shop.copy_index("shop", "copy")


def test_a_deletion_that_was_interrupted_is_finished_by_the_next(
    database: Database, shop: SqlCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.create_index("toys", {})
    break_second_call(monkeypatch, indexes, "_purge_products")
    with pytest.raises(Killed):
        shop.delete_index("shop")
    assert row_count(database, PRODUCTS) == 700
    assert [record.name for record in shop.list_indexes()] == ["toys"]
    monkeypatch.undo()
    shop.create_index("shop", {})
    assert shop.count("shop") == 0
    shop.delete_index("toys")
    assert row_count(database, PRODUCTS) == 0
    assert row_count(database, INDEXES) == 1


def test_the_marks_of_a_sync_go_with_it(database: Database, shop: SqlCatalogue) -> None:
    with shop.begin_sync("shop") as sync:
        sync.mark_seen(["p1", "p2"])
        assert row_count(database, SEEN) == 2
    assert row_count(database, SEEN) == 0


def test_the_marks_of_a_killed_sync_go_with_the_next(database: Database, shop: SqlCatalogue) -> None:
    shop.create_index("toys", {})
    running = shop.begin_sync("toys")
    running.mark_seen(["t1"])
    shop.begin_sync("shop").mark_seen([f"p{number}" for number in range(12_000)])
    with shop.begin_sync("shop") as sync:
        assert row_count(database, SEEN) == 1  # those of the sync that goes on
        assert sync.unseen_count() == 1200
