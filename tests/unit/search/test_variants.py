from __future__ import annotations

import pytest

from indexer.engines.query import And, Exists, Filter, In, Not, Or, Range
from indexer.fields import Field, FieldType, Schema
from indexer.product import Availability, Offer, Product, Variant
from search.variants import matched_variant

SCHEMA = Schema(
    attributes=(
        Field("colour", FieldType.KEYWORD, "colour", variant=True),
        Field("size", FieldType.KEYWORD, "size", variant=True),
        Field("fabric", FieldType.KEYWORD, "fabric"),
    ),
    currencies={"default": "EUR"},
)
PRICE = "price@default"
SHIRT = Product(
    "shirt",
    offers={"default": Offer(1500, "EUR")},
    attributes={"fabric": "wool", "size": "M"},
    variants=(
        Variant("red-s", attributes={"colour": "red", "size": "S"}, offers={"default": Offer(900, "EUR")}),
        Variant("red-l", attributes={"colour": "red", "size": "L"}, offers={"default": Offer(1900, "EUR")}),
        Variant("blue", attributes={"colour": "blue"}),
        Variant("gone", attributes={"size": "L"}, offers={"default": Offer(5, "USD", None, Availability.OUT_OF_STOCK)}),
    ),
)


@pytest.mark.parametrize(
    ("conditions", "sku"),
    [
        ([], ""),
        ([In("colour", ("red",))], "red-s"),
        ([And((In("colour", ("red",)), In("size", ("L",))))], "red-l"),
        ([In("size", ("M",))], "blue"),  # its own product's size
        ([Range(PRICE, 1500, 1500)], "blue"),
        ([Range(PRICE, 900, None, include_lower=False), In("colour", ("red",))], "red-l"),
        ([Or((Range(PRICE, None, 100), Range(PRICE, 1600, None)))], "red-l"),
        ([In("size", ("L",)), Not(Exists("colour"))], "gone"),
        ([In("in_stock@default", (False,))], "gone"),
        ([In("fabric", ("wool",))], ""),  # it says nothing of variants
        ([In("fabric", ("wool",)), In("colour", ("blue",))], "blue"),
        ([In("fabric", ("silk",)), In("colour", ("blue",))], ""),
        ([Or((In("fabric", ("silk",)), In("colour", ("blue",))))], "blue"),
        ([In("size", ("L",)), Or((In("fabric", ("silk",)), Range(PRICE, 1000)))], "red-l"),
        ([Range(PRICE, 900), Or((In("fabric", ("silk",)), In("colour", ("blue",))))], "blue"),
        ([In("colour", ("green",))], ""),
    ],
)
def test_the_first_variant_that_satisfies_all(conditions: list[Filter], sku: str) -> None:
    assert matched_variant(SHIRT, SCHEMA, conditions) == sku
