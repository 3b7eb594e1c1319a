"""What every catalogue store does, whichever database is under it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import indexer
from indexer.errors import ConflictError, InputError, NotFoundError
from indexer.store.catalogue import open_catalogue
from indexer.store.protocol import CatalogueStore
from indexer.store.records import AttributeCount, Change, GenerationState, Outcome, StoredProduct

CREATED, UPDATED, UNCHANGED = Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED


def _sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder}/catalogue.db"


@pytest.fixture(params=[_sqlite_url], ids=["sqlite"], scope="session")
def new_url(request: pytest.FixtureRequest) -> Callable[[Path], str]:
    """Gives the URL of an empty database; another kind of database is one more parameter."""
    make: Callable[[Path], str] = request.param
    return make


@pytest.fixture
def url(new_url: Callable[[Path], str], tmp_path: Path) -> str:
    return new_url(tmp_path)


@pytest.fixture
def store(url: str) -> Iterator[CatalogueStore]:
    opened = open_catalogue(url)
    yield opened
    opened.close()


@pytest.fixture
def shop(store: CatalogueStore) -> CatalogueStore:
    """A store that has the index "shop"."""
    store.create_index("shop", {})
    return store


def digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def product(product_id: str, text: str = "one") -> StoredProduct:
    return StoredProduct(product_id, f"{product_id}={text}".encode(), digest(f"{product_id}={text}"), digest(text))


def batch(*ids: str, text: str = "one") -> list[StoredProduct]:
    return [product(product_id, text) for product_id in ids]


def numbered(changes: list[Change]) -> list[tuple[str, int]]:
    return [(change.id, change.change_number) for change in changes]


def mirror_of(store: CatalogueStore, index: str) -> dict[str, bytes]:
    return {change.id: change.document for change in store.changes(index, 0, 100_000) if change.document is not None}


# --- indexes -------------------------------------------------------------------------------------------------------


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


def test_a_name_can_be_taken_only_once(shop: CatalogueStore) -> None:
    with pytest.raises(ConflictError, match="'shop' exists already"):
        shop.create_index("shop", {})


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_a_name_has_a_length(store: CatalogueStore, name: str) -> None:
    with pytest.raises(InputError, match=f"has {len(name)} characters; wanted: 1 to 255"):
        store.create_index(name, {})


def test_an_unknown_index_is_told_with_those_that_exist(shop: CatalogueStore) -> None:
    shop.create_index("toys", {})
    for call in (
        lambda: shop.get_index("shp"),
        lambda: shop.delete_index("shp"),
        lambda: shop.copy_index("shp", "new"),
        lambda: shop.upsert("shp", batch("a")),
        lambda: shop.changes("shp", 0, 10),
        lambda: shop.begin_sync("shp"),
        lambda: shop.generations.list_all("shp"),
    ):
        with pytest.raises(NotFoundError, match="'shp' does not exist; there are: shop, toys"):
            call()


def test_settings_change_only_from_the_version_that_was_read(shop: CatalogueStore) -> None:
    changed = shop.update_settings("shop", {"language": "fr"}, expected_version=1)
    assert (changed.settings, changed.settings_version) == ({"language": "fr"}, 2)
    with pytest.raises(ConflictError, match="are of version 2, not 1"):
        shop.update_settings("shop", {"language": "it"}, expected_version=1)
    assert shop.get_index("shop") == changed


def test_a_deleted_index_takes_all_that_it_held_and_nothing_else(shop: CatalogueStore) -> None:
    shop.create_index("toys", {})
    for index in ("shop", "toys"):
        for start in range(0, 1200, 400):
            shop.upsert(index, [product(f"p{number}") for number in range(start, start + 400)])
        shop.generations.create(index, {})
        shop.attributes.replace(index, [AttributeCount("colour", 1, {"text": 1})])
    shop.delete_index("shop")
    assert [record.name for record in shop.list_indexes()] == ["toys"]
    assert (shop.count("toys"), len(mirror_of(shop, "toys"))) == (1200, 1200)

    again = shop.create_index("shop", {})
    assert (again.change_number, again.product_count) == (0, 0)
    assert shop.changes("shop", 0, 10) == []
    assert shop.generations.list_all("shop") == []
    assert shop.attributes.list_all("shop") == []


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


def test_a_copy_is_as_of_one_moment_while_others_write(shop: CatalogueStore) -> None:
    for start in range(0, 2000, 500):
        shop.upsert("shop", [product(f"p{number}") for number in range(start, start + 500)])
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            shop.upsert("shop", batch(f"p{number % 2000}", f"new{number}", text=f"v{number}"))
            number += 1
            time.sleep(0.001)

    writer = threading.Thread(target=write)
    writer.start()
    copy = shop.copy_index("shop", "copy")
    done.set()
    writer.join()

    copied = {change.id: change for change in shop.changes("copy", 0, 100_000)}
    assert copy.product_count == len(copied)
    assert copy.change_number == max(change.change_number for change in copied.values()) > 2000
    for change in shop.changes("shop", 0, 100_000):
        if change.change_number <= copy.change_number:
            assert copied.pop(change.id) == change
    # The rest was written again in the source after that moment.
    assert all(shop.get("shop", [left])[left].change_number > copy.change_number for left in copied)


def test_a_copy_needs_a_free_name(shop: CatalogueStore) -> None:
    with pytest.raises(ConflictError, match="'shop' exists already"):
        shop.copy_index("shop", "shop")


# --- products ------------------------------------------------------------------------------------------------------


def test_each_changed_product_takes_the_next_number_and_an_unchanged_one_none(shop: CatalogueStore) -> None:
    first = shop.upsert("shop", batch("a", "b", "c"))
    assert (first.outcomes, first.change_number) == ((CREATED, CREATED, CREATED), 3)
    second = shop.upsert("shop", [product("c"), product("a", "two"), product("d"), product("b")])
    assert (second.outcomes, second.change_number) == ((UNCHANGED, UPDATED, CREATED, UNCHANGED), 5)
    assert (second.count(UNCHANGED), second.count(UPDATED)) == (2, 1)
    assert numbered(shop.changes("shop", 0, 10)) == [("b", 2), ("c", 3), ("a", 4), ("d", 5)]
    third = shop.upsert("shop", [product("a", "two")])
    assert (third.outcomes, third.change_number) == ((UNCHANGED,), 5)
    assert (shop.count("shop"), shop.get_index("shop").change_number) == (4, 5)
    assert shop.upsert("shop", []).outcomes == ()


def test_of_equal_ids_in_a_batch_the_last_wins(shop: CatalogueStore) -> None:
    report = shop.upsert("shop", [product("a"), product("a", "two"), product("a", "two")])
    assert report.outcomes == (CREATED, UPDATED, UNCHANGED)
    assert [(change.id, change.document) for change in shop.changes("shop", 0, 10)] == [("a", b"a=two")]
    assert shop.changes("shop", 0, 10)[0].change_number == report.change_number
    assert shop.count("shop") == 1


def test_indexes_count_for_themselves(shop: CatalogueStore) -> None:
    shop.create_index("toys", {})
    shop.upsert("shop", batch("a", "b"))
    assert shop.upsert("toys", batch("a", text="toy")).change_number == 1
    assert mirror_of(shop, "shop")["a"] == b"a=one"
    assert mirror_of(shop, "toys") == {"a": b"a=toy"}


def test_a_deleted_product_leaves_a_tombstone_with_a_number(shop: CatalogueStore) -> None:
    shop.upsert("shop", batch("a", "b", "c"))
    report = shop.delete("shop", ["c", "unknown", "a", "c"])
    assert (report.deleted, report.change_number) == (("c", "a"), 5)
    assert shop.changes("shop", 3, 10) == [Change("c", 4, None, None), Change("a", 5, None, None)]
    assert (shop.count("shop"), shop.ids("shop", "", 10)) == (1, ["b"])
    assert list(shop.get("shop", ["a", "b"])) == ["b"]
    assert [record.id for record in shop.scan("shop", "", 10)] == ["b"]

    again = shop.delete("shop", ["a", "c"])
    assert (again.deleted, again.change_number) == ((), 5)
    assert shop.upsert("shop", batch("a")).outcomes == (CREATED,)
    assert (shop.count("shop"), shop.get_index("shop").change_number) == (2, 6)


def test_a_product_comes_back_as_it_was_written(shop: CatalogueStore) -> None:
    written = StoredProduct("shelf/ä 1", b'{"id":"shelf/\xc3\xa4 1"}', digest("content"), digest("text"))
    shop.upsert("shop", [written])
    record = shop.get("shop", [written.id])[written.id]
    assert (record.id, record.document) == (written.id, written.document)
    assert (record.content_hash, record.text_hash) == (written.content_hash, written.text_hash)
    assert record.change_number == 1
    assert record.updated_at >= shop.get_index("shop").created_at
    assert shop.scan("shop", "", 10) == [record]
    assert shop.changes("shop", 0, 10) == [Change(written.id, 1, written.document, written.text_hash)]


def test_pages_of_ids_and_products_follow_one_another(shop: CatalogueStore) -> None:
    shop.upsert("shop", batch("d", "a", "c", "b", "e"))
    assert shop.ids("shop", "", 2) == ["a", "b"]
    assert shop.ids("shop", "b", 2) == ["c", "d"]
    assert [record.id for record in shop.scan("shop", "d", 2)] == ["e"]
    assert shop.ids("shop", "e", 2) == []


def test_pages_of_changes_follow_one_another(shop: CatalogueStore) -> None:
    shop.upsert("shop", batch("a", "b", "c"))
    assert numbered(shop.changes("shop", 0, 2)) == [("a", 1), ("b", 2)]
    shop.upsert("shop", batch("a", text="two"))
    assert numbered(shop.changes("shop", 2, 2)) == [("c", 3), ("a", 4)]
    assert shop.changes("shop", 4, 2) == []


def test_more_ids_than_a_batch_can_be_read_at_once(shop: CatalogueStore) -> None:
    names = [f"p{number}" for number in range(1100)]
    for start in range(0, 1100, 500):
        shop.upsert("shop", batch(*names[start : start + 500]))
    assert sorted(shop.get("shop", names)) == sorted(names)


def test_a_batch_has_at_most_500_products(shop: CatalogueStore) -> None:
    names = [f"p{number}" for number in range(501)]
    for call in (
        lambda: shop.upsert("shop", batch(*names)),
        lambda: shop.delete("shop", names),
        lambda: shop.set_text_hashes("shop", dict.fromkeys(names, digest("text"))),
    ):
        with pytest.raises(InputError, match="a batch of 501 products is too long; wanted: at most 500"):
            call()


@pytest.mark.parametrize("bad", ["", "ä" * 257, "a\0b", "\ud800"])
def test_a_bad_id_refuses_the_whole_batch(shop: CatalogueStore, bad: str) -> None:
    with pytest.raises(InputError, match=r"product id .* cannot be stored; wanted: Unicode text of 1 to 512 bytes"):
        shop.upsert("shop", [product("a"), StoredProduct(bad, b"{}", digest("a"), digest("a"))])
    assert (shop.count("shop"), shop.get_index("shop").change_number) == (0, 0)


@pytest.mark.parametrize("bad", ["", "ä" * 257, "a\0b", "\ud800"])
def test_an_id_that_no_product_can_have_is_just_not_there(shop: CatalogueStore, bad: str) -> None:
    shop.upsert("shop", batch("a", "b"))
    assert list(shop.get("shop", [bad, "a"])) == ["a"]
    assert shop.delete("shop", [bad, "a"]).deleted == ("a",)
    with shop.begin_sync("shop") as sync:
        sync.mark_seen([bad, "b"])
        assert sync.unseen_count() == 0


def test_a_new_text_hash_is_no_change(shop: CatalogueStore) -> None:
    shop.upsert("shop", batch("a", "b"))
    shop.delete("shop", ["b"])
    shop.set_text_hashes("shop", {"a": digest("other"), "b": digest("other"), "unknown": digest("other")})
    assert shop.get("shop", ["a"])["a"].text_hash == digest("other")
    assert [change.text_hash for change in shop.changes("shop", 0, 10)] == [digest("other"), None]
    assert shop.get_index("shop").change_number == 3


IDS = st.lists(st.sampled_from("abcdef"), max_size=4)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("upsert"), IDS, st.sampled_from(["one", "two"])),
        st.tuples(st.just("delete"), IDS, st.just("")),
        st.tuples(st.just("follow"), st.just([]), st.just("")),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def lasting_store(new_url: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogueStore]:
    opened = open_catalogue(new_url(tmp_path_factory.mktemp("store")))
    yield opened
    opened.close()


@given(steps=STEPS)
def test_whatever_is_written_a_follower_ends_with_the_same(
    lasting_store: CatalogueStore, steps: list[tuple[str, list[str], str]]
) -> None:
    store = lasting_store
    for record in store.list_indexes():
        store.delete_index(record.name)
    store.create_index("shop", {})
    model: dict[str, bytes] = {}
    mirror: dict[str, bytes] = {}
    reached = 0
    for kind, ids, text in [*steps, ("follow", [], ""), ("follow", [], "")]:
        if kind == "upsert":
            store.upsert("shop", batch(*ids, text=text))
            model.update({product_id: f"{product_id}={text}".encode() for product_id in ids})
        elif kind == "delete":
            store.delete("shop", ids)
            for product_id in ids:
                model.pop(product_id, None)
        else:
            for change in store.changes("shop", reached, 4):  # at most 6 ids: the last two steps reach the end
                assert change.change_number > reached
                reached = change.change_number
                if change.document is None:
                    mirror.pop(change.id, None)
                else:
                    mirror[change.id] = change.document
    assert mirror == model
    assert store.count("shop") == len(model)
    assert store.ids("shop", "", 10) == sorted(model)
    assert store.get_index("shop").change_number == reached


# --- sync ----------------------------------------------------------------------------------------------------------


def test_a_sync_deletes_what_was_not_seen(shop: CatalogueStore) -> None:
    shop.upsert("shop", batch("a", "b", "c", "d", "e"))
    with shop.begin_sync("shop") as sync:
        sync.mark_seen(["b", "new to the shop"])
        sync.mark_seen(["b", "d"])
        sync.mark_seen([])
        assert sync.unseen_count() == 3
        first = sync.delete_unseen(limit=2)
        assert (first.deleted, first.change_number) == (("a", "c"), 7)
        assert sync.unseen_count() == 1
        assert sync.delete_unseen(limit=2).deleted == ("e",)
        assert sync.delete_unseen(limit=2).deleted == ()
    assert shop.ids("shop", "", 10) == ["b", "d"]


def test_a_sync_keeps_what_others_write_meanwhile(shop: CatalogueStore) -> None:
    shop.upsert("shop", batch("a", "b", "c"))
    with shop.begin_sync("shop") as sync:
        shop.upsert("shop", [product("a", "two"), product("new")])
        assert sync.unseen_count() == 2
        assert sync.delete_unseen().deleted == ("b", "c")


def test_a_sync_leaves_other_indexes_alone(shop: CatalogueStore) -> None:
    shop.create_index("toys", {})
    shop.upsert("shop", batch("a"))
    shop.upsert("toys", batch("a", "b"))
    with shop.begin_sync("shop") as of_shop, shop.begin_sync("toys") as of_toys:
        of_toys.mark_seen(["a"])
        assert of_shop.delete_unseen().deleted == ("a",)
        assert of_toys.delete_unseen().deleted == ("b",)
    assert shop.count("toys") == 1


def test_a_newer_sync_ends_an_older_one(shop: CatalogueStore) -> None:
    shop.upsert("shop", batch("a", "b"))
    older = shop.begin_sync("shop")
    older.mark_seen(["a"])
    newer = shop.begin_sync("shop")
    for call in (lambda: older.mark_seen(["b"]), older.unseen_count, older.delete_unseen):
        with pytest.raises(ConflictError, match="another sync of index 'shop' has begun"):
            call()
    older.end()
    assert newer.unseen_count() == 2
    newer.mark_seen(["b"])
    assert newer.delete_unseen().deleted == ("a",)
    newer.end()


# --- generations ---------------------------------------------------------------------------------------------------


def states(store: CatalogueStore) -> dict[int, str]:
    return {record.number: record.state.value for record in store.generations.list_all("shop")}


def ready_generation(store: CatalogueStore) -> int:
    number = store.generations.create("shop", {"encoder": "mini"}).number
    store.generations.mark_ready("shop", number)
    return number


def test_a_generation_is_built_then_live(shop: CatalogueStore) -> None:
    made = shop.generations.create("shop", {"encoder": "mini"}, note="first import")
    assert (made.index, made.number, made.state) == ("shop", 1, GenerationState.BUILDING)
    assert (made.spec, made.change_number, made.note) == ({"encoder": "mini"}, 0, "first import")
    assert shop.generations.get("shop", 1) == made
    assert shop.generations.live("shop") is None
    shop.generations.mark_ready("shop", 1)
    shop.generations.switch("shop", 1)
    live = shop.generations.live("shop")
    assert live is not None
    assert (live.number, live.state) == (1, GenerationState.LIVE)


def test_a_switch_keeps_one_generation_to_roll_back_to(shop: CatalogueStore) -> None:
    for _ in range(3):
        shop.generations.switch("shop", ready_generation(shop))
    assert states(shop) == {1: "retired", 2: "previous", 3: "live"}
    shop.generations.switch("shop", 2)
    assert states(shop) == {1: "retired", 2: "live", 3: "previous"}
    shop.generations.switch("shop", 2)
    assert states(shop) == {1: "retired", 2: "live", 3: "previous"}


def test_a_generation_that_is_not_ready_cannot_go_live(shop: CatalogueStore) -> None:
    shop.generations.switch("shop", ready_generation(shop))
    shop.generations.create("shop", {})
    with pytest.raises(ConflictError, match="shop@2 is building; wanted: ready or previous"):
        shop.generations.switch("shop", 2)
    shop.generations.mark_failed("shop", 2, "the disk was full")
    assert shop.generations.get("shop", 2).note == "the disk was full"
    with pytest.raises(ConflictError, match="shop@2 is failed"):
        shop.generations.switch("shop", 2)
    with pytest.raises(ConflictError, match="shop@1 is live, so that it cannot become failed"):
        shop.generations.mark_failed("shop", 1, "")
    assert states(shop) == {1: "live", 2: "failed"}


def test_a_generation_only_moves_forward(shop: CatalogueStore) -> None:
    ready_generation(shop)
    for reached, kept in ((7, 7), (3, 7), (9, 9)):
        shop.generations.advance("shop", 1, reached)
        assert shop.generations.get("shop", 1).change_number == kept


def test_the_number_of_a_deleted_generation_is_not_used_again(shop: CatalogueStore) -> None:
    shop.generations.switch("shop", ready_generation(shop))
    ready_generation(shop)
    shop.generations.delete("shop", 2)
    assert shop.generations.create("shop", {}).number == 3
    with pytest.raises(ConflictError, match="shop@1 is live"):
        shop.generations.delete("shop", 1)
    with pytest.raises(NotFoundError, match="shop@2 does not exist; there are: 1, 3"):
        shop.generations.get("shop", 2)


# --- attribute counts and embeddings -------------------------------------------------------------------------------


def test_attribute_counts_are_replaced_and_listed_by_frequency(shop: CatalogueStore) -> None:
    shop.attributes.replace("shop", [AttributeCount("old", 9, {"text": 9})])
    width, colour = AttributeCount("width", 2, {"number": 2}), AttributeCount("colour", 3, {"text": 2, "number": 1})
    shop.attributes.replace("shop", [width, AttributeCount("age", 2, {"number": 2}), colour])
    assert [each.name for each in shop.attributes.list_all("shop")] == ["colour", "age", "width"]
    assert shop.attributes.list_all("shop")[0] == colour
    shop.attributes.replace("shop", [])
    assert shop.attributes.list_all("shop") == []


def test_embeddings_are_kept_by_encoder_version_and_text(store: CatalogueStore) -> None:
    hashes = [digest(f"text {number}") for number in range(1100)]
    vectors = np.random.default_rng(7).standard_normal((1100, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    store.embeddings.put("mini-1", hashes, vectors)
    known = store.embeddings.get("mini-1", [*hashes, digest("unknown")])
    assert set(known) == set(hashes)
    assert known[hashes[0]].dtype == np.float32
    np.testing.assert_allclose(np.stack([known[each] for each in hashes]), vectors, rtol=5e-4, atol=1e-7)
    assert store.embeddings.get("mini-2", hashes) == {}


def test_the_first_embedding_of_a_text_stays(store: CatalogueStore) -> None:
    store.embeddings.put("mini", [digest("a")], np.array([[1, 0]], np.float32))
    store.embeddings.put("mini", [digest("a"), digest("b")], np.array([[0, 1], [0.5, 0.5]], np.float32))
    known = store.embeddings.get("mini", [digest("a"), digest("b")])
    assert [known[digest(text)].tolist() for text in "ab"] == [[1, 0], [0.5, 0.5]]


def test_embeddings_that_nobody_needs_are_pruned(shop: CatalogueStore) -> None:
    shop.upsert("shop", [product("a", "kept"), product("b", "deleted")])
    shop.delete("shop", ["b"])
    texts = ["kept", "deleted", *(f"orphan {number}" for number in range(1100))]
    for version in ("mini-1", "mini-2"):
        shop.embeddings.put(version, [digest(text) for text in texts], np.ones((len(texts), 2), np.float32))
    assert shop.embeddings.prune(["mini-2"]) == 2 * 1102 - 1
    assert list(shop.embeddings.get("mini-2", [digest(text) for text in texts])) == [digest("kept")]
    assert shop.embeddings.get("mini-1", [digest("kept")]) == {}


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (np.ones((2, 3), np.float32), r"1 text hashes came with vectors of shape \(2, 3\)"),
        (np.ones(3, np.float32), r"vectors of shape \(3,\)"),
        (np.array([[np.nan, 1]], np.float32), "NaN or infinity"),
    ],
)
def test_embeddings_must_fit(store: CatalogueStore, vectors: np.ndarray, message: str) -> None:
    with pytest.raises(InputError, match=message):
        store.embeddings.put("mini", [digest("a")], vectors)


# --- many processes ------------------------------------------------------------------------------------------------

WRITER = textwrap.dedent("""
    import hashlib, sys, threading
    from indexer.store.catalogue import open_catalogue
    from indexer.store.records import StoredProduct

    url, name, threads, rounds, size = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
    store = open_catalogue(url)
    failures = []

    def write(writer):
        for number in range(rounds):
            ids = [f"{writer}-{number}-{part}" for part in range(size)]
            hashes = [hashlib.blake2b(each.encode(), digest_size=16).digest() for each in ids]
            try:
                store.upsert("shop", [StoredProduct(i, i.encode(), h, h) for i, h in zip(ids, hashes)])
            except BaseException as error:
                failures.append(repr(error))
                raise
            print(f"{writer}-{number}", flush=True)

    running = [threading.Thread(target=write, args=(f"{name}{n}",)) for n in range(threads)]
    for thread in running: thread.start()
    for thread in running: thread.join()
    sys.exit("; ".join(failures) or 0)
""")


def start_writer(url: str, name: str, *, threads: int, rounds: int, size: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, url, name, str(threads), str(rounds), str(size)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(indexer.__file__).parents[1])},
    )


@pytest.mark.parametrize("rounds", [40, pytest.param(200, marks=pytest.mark.long)])
def test_a_follower_misses_none_of_eight_writers(url: str, shop: CatalogueStore, rounds: int) -> None:
    writers = [start_writer(url, f"w{number}-", threads=2, rounds=rounds, size=1) for number in range(4)]
    seen: list[Change] = []
    running = True
    while running:
        running = any(writer.poll() is None for writer in writers)
        while changes := shop.changes("shop", seen[-1].change_number if seen else 0, 50):
            seen.extend(changes)
        time.sleep(0.002)
    for writer in writers:
        _, errors = writer.communicate()
        assert (errors, writer.returncode) == ("", 0)
    # All ids are new, so that each number has its row for good: one that became visible late would be a gap here.
    assert [change.change_number for change in seen] == list(range(1, 8 * rounds + 1))
    assert len({change.id for change in seen}) == shop.count("shop") == 8 * rounds


def test_what_was_acknowledged_survives_kill_9(url: str, shop: CatalogueStore) -> None:
    acknowledged: list[str] = []
    for attempt, enough in enumerate((1, 5, 20, 40, 80)):
        writer = start_writer(url, f"round{attempt}-", threads=1, rounds=100_000, size=3)
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(enough)]
        writer.kill()
        rest, errors = writer.communicate()
        assert errors == ""
        acknowledged += "".join([*lines, rest]).split()

        present = [change.id for change in shop.changes("shop", 0, 1_000_000)]
        batches = {product_id.rpartition("-")[0] for product_id in present}
        assert len(present) == 3 * len(batches) == shop.count("shop")  # no batch is there in part
        assert batches.issuperset(acknowledged)
    assert len(acknowledged) >= 146
