"""What every catalogue store does with products: each change takes a number, and a follower misses none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from catalogue_cases import batch, digest, mirror_of, numbered, product
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import InputError
from indexer.store.catalogue import open_catalogue
from indexer.store.protocol import CatalogueStore
from indexer.store.records import Change, Outcome, ProductRecord, StoredProduct

CREATED, UPDATED, UNCHANGED = Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED


def test_each_changed_product_takes_the_next_number_and_an_unchanged_one_none(catalogue: CatalogueStore) -> None:
    first = catalogue.upsert("shop", batch("a", "b", "c"))
    assert (first.outcomes, first.change_number) == ((CREATED, CREATED, CREATED), 3)
    second = catalogue.upsert("shop", [product("c"), product("a", "two"), product("d"), product("b")])
    assert (second.outcomes, second.change_number) == ((UNCHANGED, UPDATED, CREATED, UNCHANGED), 5)
    assert (second.count(UNCHANGED), second.count(UPDATED)) == (2, 1)
    assert numbered(catalogue.changes("shop", 0, 10)) == [("b", 2), ("c", 3), ("a", 4), ("d", 5)]
    third = catalogue.upsert("shop", [product("a", "two")])
    assert (third.outcomes, third.change_number) == ((UNCHANGED,), 5)
    assert (catalogue.count("shop"), catalogue.get_index("shop").change_number) == (4, 5)
    assert catalogue.upsert("shop", []).outcomes == ()


def test_of_equal_ids_in_a_batch_the_last_wins(catalogue: CatalogueStore) -> None:
    report = catalogue.upsert("shop", [product("a"), product("a", "two"), product("a", "two")])
    assert report.outcomes == (CREATED, UPDATED, UNCHANGED)
    assert [(change.id, change.document) for change in catalogue.changes("shop", 0, 10)] == [("a", b"a=two")]
    assert catalogue.changes("shop", 0, 10)[0].change_number == report.change_number
    assert catalogue.count("shop") == 1


def test_indexes_count_for_themselves(catalogue: CatalogueStore) -> None:
    catalogue.create_index("toys", {})
    catalogue.upsert("shop", batch("a", "b"))
    assert catalogue.upsert("toys", batch("a", text="toy")).change_number == 1
    assert mirror_of(catalogue, "shop")["a"] == b"a=one"
    assert mirror_of(catalogue, "toys") == {"a": b"a=toy"}


def test_a_deleted_product_leaves_a_tombstone_with_a_number(catalogue: CatalogueStore) -> None:
    catalogue.upsert("shop", batch("a", "b", "c"))
    report = catalogue.delete("shop", ["c", "unknown", "a", "c"])
    assert (report.deleted, report.change_number) == (("c", "a"), 5)
    assert catalogue.changes("shop", 3, 10) == [Change("c", 4, None, None), Change("a", 5, None, None)]
    assert (catalogue.count("shop"), catalogue.ids("shop", "", 10)) == (1, ["b"])
    assert list(catalogue.get("shop", ["a", "b"])) == ["b"]
    assert [record.id for record in catalogue.scan("shop", "", 10)] == ["b"]

    again = catalogue.delete("shop", ["a", "c"])
    assert (again.deleted, again.change_number) == ((), 5)
    assert catalogue.upsert("shop", batch("a")).outcomes == (CREATED,)
    assert (catalogue.count("shop"), catalogue.get_index("shop").change_number) == (2, 6)


def test_a_product_comes_back_as_it_was_written(catalogue: CatalogueStore) -> None:
    written = StoredProduct("shelf/ä 1", b'{"id":"shelf/\xc3\xa4 1"}', digest("content"), digest("text"))
    catalogue.upsert("shop", [written])
    record = catalogue.get("shop", [written.id])[written.id]
    assert (record.id, record.document) == (written.id, written.document)
    assert (record.content_hash, record.text_hash) == (written.content_hash, written.text_hash)
    assert record.change_number == 1
    assert record.updated_at >= catalogue.get_index("shop").created_at
    assert catalogue.scan("shop", "", 10) == [record]
    assert catalogue.changes("shop", 0, 10) == [Change(written.id, 1, written.document, written.text_hash)]


def test_a_change_is_made_from_what_is_there(catalogue: CatalogueStore) -> None:
    catalogue.upsert("shop", batch("a", "b"))
    seen: list[dict[str, bytes]] = []

    def change(present: Mapping[str, ProductRecord]) -> list[StoredProduct]:
        seen.append({id_: record.document for id_, record in present.items()})
        return [product("a", "two"), product("b")]

    report = catalogue.modify("shop", ["a", "b", "unknown"], change)
    assert seen == [{"a": b"a=one", "b": b"b=one"}]
    assert (report.outcomes, report.change_number) == ((UPDATED, UNCHANGED), 3)
    assert mirror_of(catalogue, "shop") == {"a": b"a=two", "b": b"b=one"}


def test_a_change_that_fails_writes_nothing(catalogue: CatalogueStore) -> None:
    catalogue.upsert("shop", batch("a"))
    with pytest.raises(ZeroDivisionError):
        catalogue.modify("shop", ["a"], lambda present: [product("a", str(1 // 0))])
    assert mirror_of(catalogue, "shop") == {"a": b"a=one"}


def test_changes_at_the_same_moment_build_on_each_other(catalogue: CatalogueStore) -> None:
    catalogue.upsert("shop", [StoredProduct("n", b"0", digest("0"), digest("n"))])

    def one_more(present: Mapping[str, ProductRecord]) -> list[StoredProduct]:
        number = int(present["n"].document) + 1
        return [StoredProduct("n", str(number).encode(), digest(str(number)), digest("n"))]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: catalogue.modify("shop", ["n"], one_more), range(40)))
    assert mirror_of(catalogue, "shop") == {"n": b"40"}


def test_pages_of_ids_and_products_follow_one_another(catalogue: CatalogueStore) -> None:
    catalogue.upsert("shop", batch("d", "a", "c", "b", "e"))
    assert catalogue.ids("shop", "", 2) == ["a", "b"]
    assert catalogue.ids("shop", "b", 2) == ["c", "d"]
    assert [record.id for record in catalogue.scan("shop", "d", 2)] == ["e"]
    assert catalogue.ids("shop", "e", 2) == []


def test_pages_of_changes_follow_one_another(catalogue: CatalogueStore) -> None:
    catalogue.upsert("shop", batch("a", "b", "c"))
    assert numbered(catalogue.changes("shop", 0, 2)) == [("a", 1), ("b", 2)]
    catalogue.upsert("shop", batch("a", text="two"))
    assert numbered(catalogue.changes("shop", 2, 2)) == [("c", 3), ("a", 4)]
    assert catalogue.changes("shop", 4, 2) == []


def test_more_ids_than_a_batch_can_be_read_at_once(catalogue: CatalogueStore) -> None:
    names = [f"p{number}" for number in range(1100)]
    for start in range(0, 1100, 500):
        catalogue.upsert("shop", batch(*names[start : start + 500]))
    assert sorted(catalogue.get("shop", names)) == sorted(names)


def test_a_batch_has_at_most_500_products(catalogue: CatalogueStore) -> None:
    names = [f"p{number}" for number in range(501)]
    for call in (
        lambda: catalogue.upsert("shop", batch(*names)),
        lambda: catalogue.delete("shop", names),
        lambda: catalogue.set_text_hashes("shop", dict.fromkeys(names, digest("text"))),
    ):
        with pytest.raises(InputError, match="a batch of 501 products is too long; wanted: at most 500"):
            call()


@pytest.mark.parametrize("bad", ["", "ä" * 257, "a\0b", "\ud800"])
def test_a_bad_id_refuses_the_whole_batch(catalogue: CatalogueStore, bad: str) -> None:
    with pytest.raises(InputError, match=r"product id .* cannot be stored; wanted: Unicode text of 1 to 512 bytes"):
        catalogue.upsert("shop", [product("a"), StoredProduct(bad, b"{}", digest("a"), digest("a"))])
    assert (catalogue.count("shop"), catalogue.get_index("shop").change_number) == (0, 0)


@pytest.mark.parametrize("bad", ["", "ä" * 257, "a\0b", "\ud800"])
def test_an_id_that_no_product_can_have_is_just_not_there(catalogue: CatalogueStore, bad: str) -> None:
    catalogue.upsert("shop", batch("a", "b"))
    assert list(catalogue.get("shop", [bad, "a"])) == ["a"]
    assert catalogue.delete("shop", [bad, "a"]).deleted == ("a",)
    with catalogue.begin_sync("shop") as sync:
        sync.mark_seen([bad, "b"])
        assert sync.unseen_count() == 0


def test_a_new_text_hash_is_no_change(catalogue: CatalogueStore) -> None:
    catalogue.upsert("shop", batch("a", "b"))
    catalogue.delete("shop", ["b"])
    catalogue.set_text_hashes("shop", {"a": digest("other"), "b": digest("other"), "unknown": digest("other")})
    assert catalogue.get("shop", ["a"])["a"].text_hash == digest("other")
    assert [change.text_hash for change in catalogue.changes("shop", 0, 10)] == [digest("other"), None]
    assert catalogue.get_index("shop").change_number == 3


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
def lasting_store(lasting_url: str) -> Iterator[CatalogueStore]:
    opened = open_catalogue(lasting_url)
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
