from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from indexer.product import (
    Availability,
    Offer,
    Product,
    Variant,
    content_hash,
    encode_document,
    from_document,
    text_hash,
    text_in,
    to_document,
)

FULL = Product(
    id="a/1",
    title={"en": "Lamp", "de": "Lampe"},
    description="Bright",
    brand="Alma",
    categories=(("Home", "Lamps"), ("Gifts",)),
    sku="S1",
    mpn="M1",
    gtins=("4006381333931",),
    url="https://example.com/1",
    images=("a.jpg",),
    rating=4.5,
    rating_count=0,
    popularity=0.0,
    released_at="2020-01-31T00:00:00Z",
    offers={"default": Offer(0, "EUR", 1999, Availability.BACKORDER), "web": Offer()},
    attributes={"watts": 5, "dimmable": False, "colours": ("red", "blue"), "height": 1.5},
    variants=(Variant("v", ("1",), {"size": "S"}, {"default": Offer(5, "EUR")}, "v.jpg"), Variant("w")),
)


def test_a_product_survives_json() -> None:
    assert from_document(orjson.loads(encode_document(FULL))) == FULL
    assert from_document(orjson.loads(encode_document(Product("x")))) == Product("x")


def test_what_says_nothing_is_left_out_and_zero_says_something() -> None:
    assert to_document(Product("x")) == {"id": "x"}
    document = to_document(FULL)
    assert (document["rating_count"], document["popularity"]) == (0, 0.0)
    assert document["offers"]["default"]["price"] == 0
    assert document["attributes"]["dimmable"] is False


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=5))
def test_the_order_of_attributes_changes_no_hash(attributes: dict[str, int | str]) -> None:
    attributes = {name: value for name, value in attributes.items() if isinstance(value, str) or abs(value) < 2**53}
    backwards = dict(reversed(attributes.items()))
    one, other = (
        encode_document(Product("x", attributes=attributes)),
        encode_document(Product("x", attributes=backwards)),
    )
    assert content_hash(one) == content_hash(other)
    assert content_hash(one) != content_hash(encode_document(Product("x", brand="y", attributes=attributes)))


def test_hashes_are_sixteen_bytes() -> None:
    assert len(text_hash("")) == len(content_hash(b"")) == 16
    assert text_hash("a") != text_hash("b")


def test_a_text_falls_back_to_the_default_language_and_then_to_any() -> None:
    both = {"en": "Lamp", "de": "Lampe"}
    assert text_in(both, "de", "en") == "Lampe"
    assert text_in(both, "fr", "en") == "Lamp"
    assert text_in({"it": "Lampada"}, "fr", "en") == "Lampada"
    assert text_in({"en": "", "de": "Lampe"}, "en", "de") == "Lampe"
    assert (text_in("Lamp", "de", "en"), text_in({}, "de", "en")) == ("Lamp", "")


def test_only_what_is_out_of_stock_cannot_be_bought() -> None:
    assert [state for state in Availability if not state.buyable] == [Availability.OUT_OF_STOCK]


def test_a_null_among_the_attributes_is_none() -> None:
    attributes = {"watts": None, "colours": ["red", None], "sizes": [None], "height": 2}
    stored = {"id": "1", "attributes": attributes, "variants": [{"sku": "v", "attributes": {"size": None}}]}
    product = from_document(stored)
    assert product.attributes == {"colours": ("red",), "sizes": (), "height": 2}
    assert product.variants[0].attributes == {}
