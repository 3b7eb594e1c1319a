from __future__ import annotations

from collections.abc import Callable

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import RowError
from indexer.feeds import Rejected, Row
from indexer.feeds.canonical import CanonicalBuilder, is_canonical
from indexer.product import Availability, Offer, Product, Variant, encode_document, to_document

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=6).filter(str.strip)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.one_of(TEXTS, st.integers(-(2**63), 2**63 - 1), NUMBERS, st.booleans())
VALUES = st.one_of(SCALARS, st.lists(SCALARS, min_size=1, max_size=3).map(tuple))
PRICES = st.none() | st.integers(0, 10**12)
OFFERS = st.dictionaries(
    NAMES, st.builds(Offer, PRICES, st.sampled_from(["EUR", "XXX"]), PRICES, st.sampled_from(Availability)), max_size=2
)
VARIANTS = st.builds(
    Variant, TEXTS, st.lists(TEXTS, max_size=2).map(tuple), st.dictionaries(NAMES, VALUES, max_size=2), OFFERS, TEXTS
)
PRODUCTS = st.builds(
    Product,
    id=NAMES,
    title=TEXTS | st.dictionaries(st.sampled_from(["en", "de"]), TEXTS, min_size=1),
    description=TEXTS,
    brand=TEXTS,
    categories=st.lists(st.lists(TEXTS, min_size=1, max_size=3).map(tuple), max_size=2).map(tuple),
    gtins=st.lists(TEXTS, max_size=2).map(tuple),
    images=st.lists(TEXTS, max_size=2).map(tuple),
    rating=st.none() | NUMBERS,
    rating_count=st.none() | st.integers(0, 10**6),
    offers=OFFERS,
    attributes=st.dictionaries(NAMES, VALUES, max_size=3),
    variants=st.lists(VARIANTS, max_size=2).map(tuple),
)
TELLING = Product("telling", attributes={"a": 1})


@given(st.lists(PRODUCTS, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_the_catalogue_writes_comes_back_exactly(
    read_products: Callable[..., list[Product]], products: list[Product]
) -> None:
    wanted = [TELLING, *products]
    assert read_products(b"\n".join(map(encode_document, wanted))) == wanted
    assert read_products(b"[" + b",".join(map(encode_document, wanted)) + b"]") == wanted


@pytest.mark.parametrize(
    "row",
    [
        {"id": 1, "attributes": {"a": 1}},
        {"id": "1", "attributes": {"a": 1}, "price": 5},
        {"id": "1", "offers": {"price": 12.99, "priceCurrency": "EUR"}},
        {"id": "1", "offers": {"default": {"price": 12.99, "currency": "EUR", "availability": "in_stock"}}},
        {"id": "1", "categories": ["a > b"]},
        {"id": "1", "title": "nothing telling"},
    ],
)
def test_other_feeds_are_not_taken_for_it(row: dict[str, object]) -> None:
    assert not is_canonical([row])


def test_a_row_that_leaves_the_form_is_rejected(read_feed: Callable[..., list[Row | Rejected]]) -> None:
    product = Product("1", title="A", offers={"default": Offer(1299, "EUR")})
    good = encode_document(product) + b"\n"
    broken = orjson.dumps({**to_document(product), "id": "2", "rating": "high"}) + b"\n"
    found = read_feed(good * 1000 + broken)
    assert found[0] == Row(1, 0, product)
    assert isinstance(found[-1], Rejected)
    assert (found[-1].line, found[-1].id, found[-1].field, found[-1].value) == (1001, "2", "rating", "high")


def test_ids_keep_their_rules() -> None:
    with pytest.raises(RowError, match="control"):
        CanonicalBuilder().build({"id": "a\n", "attributes": {"a": 1}})
    assert CanonicalBuilder().id_of({"id": 7}) == ""
