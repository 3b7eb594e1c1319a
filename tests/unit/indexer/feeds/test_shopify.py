from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from indexer.feeds import Rejected, Row, TruncatedFeedError, open_feed
from indexer.product import Availability, Offer, Product, Variant

HEADER = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,"
    "Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,"
    "Variant Compare At Price,Variant Barcode,Image Src,Variant Image\n"
)
TEE = (
    'tee,Tee,<p>Soft</p>,Acme,Shirt,"a, b",Size,S,Color,Red,T-S,200,shopify,3,deny,19.00,25.00,111,http://x/1.jpg,http://x/v.jpg\n'
    "tee,,,,,,,M,,Red,,210,shopify,0,deny,19.00,,112,http://x/2.jpg,\n"
    "tee,,,,,,,L,,Red,T-L,220,shopify,0,continue,21.00,,,,\n"
    "tee,,,,,,,,,,,,,,,,,,http://x/3.jpg,\n"
)
MUG = "mug,Mug,,Acme,Cup,,Title,Default Title,,,MUG-1,300,,,deny,7.50,,113,,\n"

Reads = Callable[..., list[Row | Rejected]]
Products = Callable[..., list[Product]]


def offer(price: int, state: Availability = Availability.IN_STOCK, list_price: int | None = None) -> dict[str, Offer]:
    return {"default": Offer(price, "EUR", list_price, state)}


def test_the_rows_of_a_handle_become_a_product_with_variants(read_products: Products) -> None:
    tee, mug = read_products((HEADER + TEE + MUG).encode(), default_currency="EUR")
    assert (tee.id, tee.title, tee.description, tee.brand) == ("tee", "Tee", "Soft", "Acme")
    assert tee.categories == (("Shirt",),)
    assert tee.images == ("http://x/1.jpg", "http://x/2.jpg", "http://x/3.jpg")
    assert tee.attributes == {"Tags": ("a", "b")}
    assert tee.offers == {}
    stock = {"Inventory Tracker": "shopify", "Inventory Policy": "deny", "Color": "Red"}
    assert tee.variants == (
        Variant(
            sku="T-S",
            gtins=("111",),
            attributes={**stock, "Size": "S", "Grams": 200, "Inventory Qty": 3},
            offers=offer(1900, list_price=2500),
            image="http://x/v.jpg",
        ),
        Variant(
            sku="tee/M/Red",
            gtins=("112",),
            attributes={**stock, "Size": "M", "Grams": 210, "Inventory Qty": 0},
            offers=offer(1900, Availability.OUT_OF_STOCK),
        ),
        Variant(
            sku="T-L",
            attributes={**stock, "Size": "L", "Grams": 220, "Inventory Qty": 0, "Inventory Policy": "continue"},
            offers=offer(2100, Availability.BACKORDER),
        ),
    )
    assert (mug.id, mug.sku, mug.gtins, mug.offers, mug.variants) == ("mug", "MUG-1", ("113",), offer(750), ())


def test_a_product_with_a_broken_row_is_rejected_as_a_whole_and_no_other(read_feed: Reads) -> None:
    broken = TEE.replace("T-L,220", "T-L,220,too,many")
    found = read_feed((HEADER + broken + MUG).encode())
    assert isinstance(found[0], Rejected)
    assert (found[0].line, found[0].id) == (4, "tee")
    assert [row.product.id for row in found if isinstance(row, Row)] == ["mug"]


def test_a_price_that_is_none_names_its_variant(read_feed: Reads) -> None:
    (found,) = read_feed((HEADER + TEE.replace("21.00", "NaN")).encode())
    assert isinstance(found, Rejected)
    assert (found.field, found.value, found.id) == ("variants[2].Price", "NaN", "tee")


def test_a_feed_that_breaks_off_within_a_product_does_not_give_half_of_it() -> None:
    feed = open_feed(io.BytesIO((HEADER + MUG + TEE[:-30]).encode()))
    found: list[Row | Rejected] = []
    with pytest.raises(TruncatedFeedError):
        found.extend(feed)
    assert [row.product.id if isinstance(row, Row) else f"rejected {row.id}" for row in found] == [
        "mug",
        "rejected tee",
    ]


def test_a_product_of_endless_rows_is_rejected(read_feed: Reads) -> None:
    rows = "tee,,,,,,,S,,Red,T-S,200,,,deny,19.00,,,,\n" * 100
    found, mug = read_feed((HEADER + TEE + rows + MUG).encode(), max_row_bytes=1000)
    assert isinstance(mug, Row)
    assert isinstance(found, Rejected)
    assert (found.id, "longer than 1000 bytes" in found.reason) == ("tee", True)
