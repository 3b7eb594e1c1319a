"""Orders and pages: they never change the set, and equals have an order too."""

from __future__ import annotations

from dataclasses import replace

from engine_cases import (
    PRICE,
    OpenShop,
    document,
    found,
    shops,
    unit,
    words,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.engines.protocol import EngineReader, IndexDocument
from indexer.engines.query import (
    SearchQuery,
    SortKey,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=shops, descending=st.booleans(), size=st.integers(1, 4))
def test_sorting_and_paging_never_change_the_set(
    shop: OpenShop, documents: tuple[IndexDocument, ...], descending: bool, size: int
) -> None:
    reader = shop(documents)
    query = SearchQuery(words("red"), vector=unit(1, 0, 0.3), vector_k=4)
    whole = found(reader, query)
    ordered = replace(query, sort=(SortKey("weight", descending), SortKey("brand")), tie_break=(SortKey(PRICE),))
    assert found(reader, ordered) == whole
    pages: list[str] = []
    total = reader.search(ordered).lexical_total
    for offset in range(0, total, size):
        pages += [hit.id for hit in reader.search(replace(ordered, offset=offset, limit=size)).lexical]
    assert pages == [hit.id for hit in reader.search(ordered).lexical]
    assert len(set(pages)) == len(pages) == total


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=shops, keys=st.sampled_from(((), (SortKey("weight"), SortKey(PRICE, True)))), size=st.integers(1, 4))
def test_a_list_that_is_cut_among_equals_is_cut_by_the_tie_breakers_and_the_id(
    shop: OpenShop, documents: tuple[IndexDocument, ...], keys: tuple[SortKey, ...], size: int
) -> None:
    reader = shop(documents)
    query = SearchQuery(words("item"), tie_break=keys)
    whole = [(hit.id, hit.score) for hit in reader.search(query).lexical]
    # Browsing has no scores: all are equals.
    place = {hit.id: hit.order for hit in reader.search(SearchQuery(tie_break=keys)).lexical}
    assert whole == sorted(whole, key=lambda hit: (-hit[1], place[hit[0]]))
    for offset in range(0, len(documents) + 1, size):
        page = reader.search(replace(query, offset=offset, limit=size)).lexical
        assert [(hit.id, hit.score) for hit in page] == whole[offset : offset + size]


def test_products_without_a_value_come_last_in_both_directions(reader: EngineReader) -> None:
    for descending, best in ((False, ["p2", "p1"]), (True, ["p1", "p2"])):
        result = reader.search(SearchQuery(sort=(SortKey("weight", descending),)))
        ids = [hit.id for hit in result.lexical]
        assert ids[:2] == best
        assert ids[2:] == sorted(ids[2:])


def test_equals_come_in_the_order_of_the_tie_breakers_then_of_the_ids(shop: OpenShop) -> None:
    reader = shop([document(number, "desk lamp", weight=float(weight)) for number, weight in ((3, 1), (1, 2), (2, 2))])
    plain = reader.search(SearchQuery(words("lamp")))
    assert [hit.id for hit in plain.lexical] == ["p1", "p2", "p3"]
    lighter_first = reader.search(SearchQuery(words("lamp"), tie_break=(SortKey("weight"),)))
    assert [hit.id for hit in lighter_first.lexical] == ["p3", "p1", "p2"]
