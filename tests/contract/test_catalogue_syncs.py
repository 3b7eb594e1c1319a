"""What every catalogue store does in a sync: what a feed has not is deleted, and nothing else."""

from __future__ import annotations

import pytest
from catalogue_cases import batch, product

from indexer.errors import ConflictError
from indexer.store.protocol import CatalogueStore


def test_a_sync_deletes_what_was_not_seen(catalogue: CatalogueStore) -> None:
    catalogue.upsert("shop", batch("a", "b", "c", "d", "e"))
    with catalogue.begin_sync("shop") as sync:
        sync.mark_seen(["b", "new to the shop"])
        sync.mark_seen(["b", "d"])
        sync.mark_seen([])
        assert sync.unseen_count() == 3
        first = sync.delete_unseen(limit=2)
        assert (first.deleted, first.change_number) == (("a", "c"), 7)
        assert sync.unseen_count() == 1
        assert sync.delete_unseen(limit=2).deleted == ("e",)
        assert sync.delete_unseen(limit=2).deleted == ()
    assert catalogue.ids("shop", "", 10) == ["b", "d"]


def test_a_sync_keeps_what_others_write_meanwhile(catalogue: CatalogueStore) -> None:
    catalogue.upsert("shop", batch("a", "b", "c"))
    with catalogue.begin_sync("shop") as sync:
        catalogue.upsert("shop", [product("a", "two"), product("new")])
        assert sync.unseen_count() == 2
        assert sync.delete_unseen().deleted == ("b", "c")


def test_a_sync_leaves_other_indexes_alone(catalogue: CatalogueStore) -> None:
    catalogue.create_index("toys", {})
    catalogue.upsert("shop", batch("a"))
    catalogue.upsert("toys", batch("a", "b"))
    with catalogue.begin_sync("shop") as of_shop, catalogue.begin_sync("toys") as of_toys:
        of_toys.mark_seen(["a"])
        assert of_shop.delete_unseen().deleted == ("a",)
        assert of_toys.delete_unseen().deleted == ("b",)
    assert catalogue.count("toys") == 1


def test_a_newer_sync_ends_an_older_one(catalogue: CatalogueStore) -> None:
    catalogue.upsert("shop", batch("a", "b"))
    older = catalogue.begin_sync("shop")
    older.mark_seen(["a"])
    newer = catalogue.begin_sync("shop")
    for call in (lambda: older.mark_seen(["b"]), older.unseen_count, older.delete_unseen):
        with pytest.raises(ConflictError, match="another sync of index 'shop' has begun"):
            call()
    older.end()
    assert newer.unseen_count() == 2
    newer.mark_seen(["b"])
    assert newer.delete_unseen().deleted == ("a",)
    newer.end()
