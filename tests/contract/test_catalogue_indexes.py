"""What every catalogue store does with indexes: their settings, copies and counts of attributes."""

from __future__ import annotations

import threading
import time

import pytest
from catalogue_cases import batch, mirror_of, product

from indexer.errors import ConflictError, InputError, NotFoundError
from indexer.store.protocol import CatalogueStore
from indexer.store.records import AttributeCount


def test_an_index_starts_empty_and_keeps_its_settings(store: CatalogueStore) -> None:
    made = store.create_index("shop", {"language": "de", "fields": [{"name": "größe"}], "weight": 0.5})
    assert made == store.get_index("shop")
    assert made.settings == {"language": "de", "fields": [{"name": "größe"}], "weight": 0.5}
    assert (made.settings_version, made.change_number, made.product_count) == (1, 0, 0)
    assert made.created_at.utcoffset() is not None


def test_indexes_are_listed_by_name(store: CatalogueStore) -> None:
    for name in ("tools", "books", "toys"):
        store.create_index(name, {})
    assert [record.name for record in store.list_indexes()] == ["books", "tools", "toys"]


def test_a_name_can_be_taken_only_once(catalogue: CatalogueStore) -> None:
    with pytest.raises(ConflictError, match="'shop' exists already"):
        catalogue.create_index("shop", {})


@pytest.mark.parametrize("name", ["", "x" * 201, "ä" * 34, "..", "\ud800"])
def test_a_name_fits_into_those_of_files(store: CatalogueStore, name: str) -> None:
    with pytest.raises(InputError, match="is no name of an index: 1 to 200 bytes are wanted"):
        store.create_index(name, {})
    store.create_index("x" * 200, {})


@pytest.mark.parametrize("name", ["a/b", "/", "shop/"])
def test_a_new_name_has_no_slash(store: CatalogueStore, name: str) -> None:
    with pytest.raises(InputError, match=r"it has a slash, .* take another character, such as '[a-z]*-"):
        store.create_index(name, {})
    assert store.list_indexes() == []


def test_an_unknown_index_is_told_with_those_that_exist(catalogue: CatalogueStore) -> None:
    catalogue.create_index("toys", {})
    for call in (
        lambda: catalogue.get_index("shp"),
        lambda: catalogue.delete_index("shp"),
        lambda: catalogue.copy_index("shp", "new"),
        lambda: catalogue.upsert("shp", batch("a")),
        lambda: catalogue.changes("shp", 0, 10),
        lambda: catalogue.begin_sync("shp"),
        lambda: catalogue.generations.list_all("shp"),
    ):
        with pytest.raises(NotFoundError, match="'shp' does not exist; there are: shop, toys"):
            call()


def test_settings_change_only_from_the_version_that_was_read(catalogue: CatalogueStore) -> None:
    changed = catalogue.update_settings("shop", {"language": "fr"}, expected_version=1)
    assert (changed.settings, changed.settings_version) == ({"language": "fr"}, 2)
    with pytest.raises(ConflictError, match="are of version 2, not 1"):
        catalogue.update_settings("shop", {"language": "it"}, expected_version=1)
    assert catalogue.get_index("shop") == changed


def test_a_deleted_index_takes_all_that_it_held_and_nothing_else(catalogue: CatalogueStore) -> None:
    catalogue.create_index("toys", {})
    for index in ("shop", "toys"):
        for start in range(0, 1200, 400):
            catalogue.upsert(index, [product(f"p{number}") for number in range(start, start + 400)])
        catalogue.generations.create(index, {})
        catalogue.attributes.replace(index, [AttributeCount("colour", 1, {"text": 1})])
    catalogue.delete_index("shop")
    assert [record.name for record in catalogue.list_indexes()] == ["toys"]
    assert (catalogue.count("toys"), len(mirror_of(catalogue, "toys"))) == (1200, 1200)

    again = catalogue.create_index("shop", {})
    assert (again.change_number, again.product_count) == (0, 0)
    assert catalogue.changes("shop", 0, 10) == []
    assert catalogue.generations.list_all("shop") == []
    assert catalogue.attributes.list_all("shop") == []


def test_a_copy_has_the_same_products_numbers_settings_and_counts(store: CatalogueStore) -> None:
    store.create_index("shop", {"language": "de"})
    store.upsert("shop", batch("a", "b", "c"))
    store.delete("shop", ["b"])
    store.attributes.replace("shop", [AttributeCount("colour", 3, {"text": 3})])
    store.generations.create("shop", {})

    copy = store.copy_index("shop", "copy")
    assert copy == store.get_index("copy")
    assert (copy.settings, copy.change_number, copy.product_count) == ({"language": "de"}, 4, 2)
    assert store.changes("copy", 0, 10) == store.changes("shop", 0, 10)
    assert store.attributes.list_all("copy") == store.attributes.list_all("shop")
    assert store.generations.list_all("copy") == []

    store.upsert("copy", batch("d"))
    assert (store.count("shop"), store.count("copy")) == (2, 3)


def test_a_copy_is_as_of_one_moment_while_others_write(catalogue: CatalogueStore) -> None:
    for start in range(0, 2000, 500):
        catalogue.upsert("shop", [product(f"p{number}") for number in range(start, start + 500)])
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            catalogue.upsert("shop", batch(f"p{number % 2000}", f"new{number}", text=f"v{number}"))
            number += 1
            time.sleep(0.001)

    writer = threading.Thread(target=write)
    writer.start()
    copy = catalogue.copy_index("shop", "copy")
    done.set()
    writer.join()

    copied = {change.id: change for change in catalogue.changes("copy", 0, 100_000)}
    assert copy.product_count == len(copied)
    assert copy.change_number == max(change.change_number for change in copied.values()) > 2000
    for change in catalogue.changes("shop", 0, 100_000):
        if change.change_number <= copy.change_number:
            assert copied.pop(change.id) == change
    # The rest was written again in the source after that moment.
    assert all(catalogue.get("shop", [left])[left].change_number > copy.change_number for left in copied)


def test_a_copy_needs_a_free_name(catalogue: CatalogueStore) -> None:
    with pytest.raises(ConflictError, match="'shop' exists already"):
        catalogue.copy_index("shop", "shop")


def test_attribute_counts_are_replaced_and_listed_by_frequency(catalogue: CatalogueStore) -> None:
    catalogue.attributes.replace("shop", [AttributeCount("old", 9, {"text": 9})])
    width, colour = AttributeCount("width", 2, {"number": 2}), AttributeCount("colour", 3, {"text": 2, "number": 1})
    catalogue.attributes.replace("shop", [width, AttributeCount("age", 2, {"number": 2}), colour])
    assert [each.name for each in catalogue.attributes.list_all("shop")] == ["colour", "age", "width"]
    assert catalogue.attributes.list_all("shop")[0] == colour
    catalogue.attributes.replace("shop", [])
    assert catalogue.attributes.list_all("shop") == []
