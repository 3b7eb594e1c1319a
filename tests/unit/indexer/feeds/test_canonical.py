from __future__ import annotations

import io
from collections.abc import Callable

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import RowError
from indexer.feeds import Rejected, Row, open_feed
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


DEFAULT = {"price": 1299, "currency": "EUR", "availability": "in_stock"}
US = {"price": 1499, "currency": "USD", "list_price": 1999, "availability": "preorder"}
US_OFFER = Offer(1499, "USD", 1999, Availability.PREORDER)


def flat(**members: object) -> dict[str, object]:
    """A row that has not the catalogue's own form."""
    return {"id": "1", "name": "Kettle", "category": "Kitchen > Kettles", **members}


@pytest.mark.parametrize(
    ("members", "offers", "attributes"),
    [
        ({"offers": {"default": DEFAULT, "us": US}}, {"default": Offer(1299, "EUR"), "us": US_OFFER}, {}),
        ({"offers": {"us": US, "uk": None}}, {"us": US_OFFER}, {}),
        ({"offers": {"us": US}, "price": "9.50 EUR"}, {"default": Offer(950, "EUR"), "us": US_OFFER}, {}),
        (
            {"offers": {"default": DEFAULT}, "price": 9.5, "stock": 3},
            {"default": Offer(1299, "EUR")},
            {"price": 9.5, "stock": 3},
        ),
        ({"offers": "10% off"}, {}, {"offers": "10% off"}),
        ({"offers": ["10% off", "gift"]}, {}, {"offers": ("10% off", "gift")}),
        ({"offers": {"price": 12.5, "priceCurrency": "EUR"}}, {"default": Offer(1250, "EUR")}, {}),
        ({"offers": {"priceSpecification": {"minPrice": 5, "priceCurrency": "EUR"}}}, {},
         {"offers.priceSpecification.minPrice": 5, "offers.priceSpecification.priceCurrency": "EUR"}),
        ({"offers": {"seller": {"name": "Alma"}}}, {}, {"offers.seller.name": "Alma"}),
    ],
)  # fmt: skip
def test_offers_by_channel_are_offers_in_any_row(
    read_products: Callable[..., list[Product]],
    members: dict[str, object],
    offers: dict[str, Offer],
    attributes: dict[str, object],
) -> None:
    (product,) = read_products(orjson.dumps(flat(**members)))
    assert (product.offers, product.attributes) == (offers, attributes)
    assert product.categories == (("Kitchen", "Kettles"),)


@pytest.mark.parametrize(
    "row", [{"price": 20, "currency": "EUR"}, {"price": "20 EUR"}, {"currency": "EUR"}, {"price_eur": 20}]
)
def test_prices_of_variants_are_in_the_currency_of_their_product(
    read_products: Callable[..., list[Product]], row: dict[str, object]
) -> None:
    variants = [{"sku": "K-1", "price": 21}, {"sku": "K-2", "price": 22, "currency": "USD"}]
    (product,) = read_products(orjson.dumps({"id": "1", "title": "Kettle", **row, "variants": variants}))
    assert [variant.offers["default"] for variant in product.variants] == [Offer(2100, "EUR"), Offer(2200, "USD")]


def test_variants_in_the_own_form_are_read_exactly_in_any_row(read_products: Callable[..., list[Product]]) -> None:
    own = {"sku": "K-1", "attributes": {"size": "1 l", "price": 3}, "offers": {"us": US}, "image": "k.jpg"}
    (product,) = read_products(orjson.dumps(flat(variants=[own, {"sku": "K-2", "color": "red", "offers": {"us": US}}])))
    assert product.variants == (
        Variant("K-1", (), {"size": "1 l", "price": 3}, {"us": US_OFFER}, "k.jpg"),
        Variant("K-2", (), {"color": "red"}, {"us": US_OFFER}),
    )
    assert product.attributes == {}


@pytest.mark.parametrize(
    ("members", "field", "reason"),
    [
        ({"offers": {"default": {**DEFAULT, "price": 12.99}}}, "offers.default.price", "a valid integer"),
        ({"offers": {"default": {"price": 1299}}}, "offers.default.currency", "required"),
        ({"offers": {"default": {**DEFAULT, "colour": "red"}}}, "offers.default.colour", "not permitted"),
        ({"offers": {"default": {**DEFAULT, "price": {"amount": [[[[[[1]]]]]]}}}}, "offers.default.price", "integer"),
        ({"offers": [{"default": DEFAULT}, {"us": US}]}, "offers", "one object"),
        (
            {"variants": [{"sku": "K-1", "offers": {"us": {**US, "price": -1}}}]},
            "variants[0].offers.us.price",
            "greater than or equal to 0",
        ),
        ({"variants": [{"sku": "K-1"}, "K-2"]}, "variants[1]", "an object"),
        ({"variants": [{"sku": "K-1", "offers": [{"a": US}, {"b": US}]}]}, "variants[0].offers", "one object"),
    ],
)
def test_what_is_wrong_with_them_is_told(
    read_feed: Callable[..., list[Row | Rejected]], members: dict[str, object], field: str, reason: str
) -> None:
    fine = flat(offers={"default": DEFAULT})
    _, rejected = read_feed(orjson.dumps(fine) + b"\n" + orjson.dumps({**flat(**members), "id": "2"}) + b"\n")
    assert isinstance(rejected, Rejected)
    assert (rejected.id, rejected.field) == ("2", field)
    assert reason in rejected.reason


def test_the_description_says_that_they_are_offers() -> None:
    row = flat(offers={"default": DEFAULT}, variants=[{"sku": "K-2", "offers": {"us": US}}, {"sku": "K-3"}])
    with open_feed(io.BytesIO(orjson.dumps(row))) as feed:
        becomes = {column.name: column.becomes for column in feed.description.columns}
    assert becomes["offers"] == "offers"
    assert becomes["variants.offers.us.price"] == "variant offers"
