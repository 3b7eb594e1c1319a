from __future__ import annotations

import gzip
import io
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from indexer.errors import ConfigurationError, FeedError
from indexer.feeds import Rejected, Row, open_feed
from indexer.product import Availability, Offer, Product

Reads = Callable[..., list[Row | Rejected]]
Products = Callable[..., list[Product]]


def jsonl(*rows: object) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def test_an_unmapped_row_becomes_a_product(read_products: Products) -> None:
    (product,) = read_products(
        jsonl(
            {
                "SKU": "C-1",
                "ID": 17,
                "Name": "Chair",
                "Long Description": "<p>Oak &amp; ash</p>",
                "Summary": "Oak",
                "Supplier": "Acme",
                "Category": "Home > Chairs",
                "Price": "1.299,00 €",
                "RRP": "1.499,00 €",
                "Stock": 12,
                "Image1": "http://x/1.jpg",
                "image_alt": "a chair",
                "Link": "http://x/17",
                "EAN": 4006381333931,
                "MPN": "C1",
                "Average Rating": "4,5",
                "Review Count": "1,204",
                "Units Sold": 88,
                "Release Date": "2024-05-01",
                "Legs": 4,
                "Foldable": False,
                "Colors": ["red", "blue"],
                "Box": {"Width": 1.5},
                "Nothing": None,
                "Blank": " ",
            }
        )
    )
    assert product == Product(
        id="17",
        title="Chair",
        description="Oak & ash",
        brand="Acme",
        categories=(("Home", "Chairs"),),
        sku="C-1",
        mpn="C1",
        gtins=("4006381333931",),
        url="http://x/17",
        images=("http://x/1.jpg",),
        rating=4.5,
        rating_count=1204,
        popularity=88.0,
        released_at="2024-05-01T00:00:00Z",
        offers={"default": Offer(129900, "EUR", 149900, Availability.IN_STOCK)},
        attributes={
            "Summary": "Oak",
            "Stock": 12,
            "image_alt": "a chair",
            "Legs": 4,
            "Foldable": False,
            "Colors": ("red", "blue"),
            "Box.Width": 1.5,
        },
    )


def test_cells_of_text_become_numbers_only_where_a_whole_column_is(read_products: Products) -> None:
    first, second = read_products(b"id,title,size,zip,new,year\n1,a,38,01234,true,2024\n2,b,M,80331,FALSE,2025\n")
    assert first.attributes == {"size": "38", "zip": "01234", "new": True, "year": 2024}
    assert second.attributes == {"size": "M", "zip": "80331", "new": False, "year": 2025}


@pytest.mark.parametrize(
    ("row", "offer"),
    [
        ({"price": "20", "sale_price": "15"}, Offer(1500, "EUR", 2000)),
        ({"price": "20", "sale_price": "0"}, Offer(2000, "EUR")),
        ({"price": "20", "sale_price": "25"}, Offer(2000, "EUR")),
        ({"price": "20", "msrp": "25"}, Offer(2000, "EUR", 2500)),
        ({"price": "20", "msrp": "15"}, Offer(2000, "EUR")),
        ({"sale_price": "15"}, Offer(1500, "EUR")),
        ({"price": "20", "currency": "JPY"}, Offer(20, "JPY")),
        ({"price": "20 USD", "currency": "JPY"}, Offer(2000, "USD")),
        ({"price_gbp": "20"}, Offer(2000, "GBP")),
        ({"price": {"amount": 20, "currency": "USD"}}, Offer(2000, "USD")),
        ({"availability": "preorder"}, Offer(None, "EUR", None, Availability.PREORDER)),
        ({"availability": "ask us"}, None),
        ({"price": ""}, None),
        ({"price": "  "}, None),
        ({}, None),
    ],
)
def test_offers(read_products: Products, row: dict[str, object], offer: Offer | None) -> None:
    (product,) = read_products(jsonl({"id": 1, "title": "a", **row}), default_currency="EUR")
    assert product.offers == ({} if offer is None else {"default": offer})


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"price": [10, 20]}, "price"),
        ({"price": 5, "currency": "coins"}, "currency"),
        ({"weight": 1e308, "deep": {"a": {"b": {"c": {"d": {"e": 1}}}}}}, "deep.a.b.c.d"),
        ({"title": ""}, "title"),
        ({"title": None}, "title"),
        ({"id": " "}, "id"),
        ({"id": None}, "id"),
    ],
)
def test_a_row_that_cannot_be_a_product_is_rejected_with_its_field(
    read_feed: Reads, row: dict[str, object], field: str
) -> None:
    good = {"id": 2, "title": "b"}
    rejected, taken = read_feed(jsonl({"id": 1, "title": "a", **row}, good))
    assert isinstance(rejected, Rejected)
    assert (rejected.line, rejected.field) == (1, field)
    assert rejected.id == ("" if field == "id" else "1")
    assert isinstance(taken, Row)


def test_an_infinite_number_is_refused_and_one_that_is_none_is_left_out(read_feed: Reads) -> None:
    rejected, taken = read_feed(b'{"id":1,"title":"a","w":1e999}\n{"id":2,"title":"b","w":NaN}\n')
    assert isinstance(rejected, Rejected)
    assert (rejected.field, rejected.reason[:19]) == ("w", "not a finite number")
    assert isinstance(taken, Row)
    assert taken.product.attributes == {}


def test_texts_come_in_languages(read_products: Products) -> None:
    first, second, third = read_products(
        jsonl(
            {"id": 1, "title": "Chair", "title_de": "Stuhl", "name_de": "N", "description": {"en-GB": "d", "fr": "f"}},
            {"id": 2, "title": "Lamp"},
            {"id": 3, "title": "", "title_de": "Tisch", "description_fr": "table"},
        )
    )
    assert first.title == {"en": "Chair", "de": "Stuhl"}
    assert first.description == {"en": "d", "fr": "f"}
    assert first.attributes == {"name_de": "N"}
    assert second.title == "Lamp"
    assert (third.title, third.description) == ({"de": "Tisch"}, {"fr": "table"})


def test_a_mapping_names_the_language_of_a_column(read_products: Products) -> None:
    feed = b"id,Title,Titel_de,title_de,Text\n1,Chair,Stuhl,Stuehle,Holz\n2,Lamp,,Lampen,\n"
    first, second = read_products(feed, mapping={"title@de": "Titel_de", "description@de-AT": "Text"})
    assert (first.title, first.description) == ({"en": "Chair", "de": "Stuhl"}, {"de": "Holz"})
    assert first.attributes == {"title_de": "Stuehle"}
    assert (second.title, second.description) == ("Lamp", "")


def test_a_title_may_have_nothing_but_languages(read_products: Products) -> None:
    feed = b"id,Titel,Titre\n1,Stuhl,Chaise\n2,,Lampe\n"
    first, second = read_products(feed, mapping={"title@de": "Titel", "title@fr": "Titre"})
    assert (first.title, second.title) == ({"de": "Stuhl", "fr": "Chaise"}, {"fr": "Lampe"})
    (only,) = read_products(b"id,title\n1,Stuhl\n", mapping={"title@de": "title"})
    assert only.title == {"de": "Stuhl"}


def test_the_default_language_is_that_of_a_text_without_one(read_products: Products) -> None:
    (product,) = read_products(jsonl({"id": 1, "title": "Stuhl", "title_en": "Chair"}), default_language="de")
    assert product.title == {"de": "Stuhl", "en": "Chair"}


def test_the_better_description_is_one_and_the_other_an_attribute(read_products: Products) -> None:
    first, second = read_products(
        jsonl(
            {"id": 1, "title": "a", "short_description": "s", "description": "d"},
            {"id": 2, "title": "b", "short_description": "s"},
        )
    )
    assert (first.description, first.attributes) == ("d", {"short_description": "s"})
    assert (second.description, second.attributes) == ("s", {})


def test_id_and_title_are_decided_once_and_columns_that_come_late_are_recognised(read_feed: Reads) -> None:
    rows = [{"sku": f"s{number}", "name": "n"} for number in range(1500)]
    late = {"id": "other", "title": "other", "sku": "last", "name": "n", "brand": "late"}
    found = read_feed(jsonl(*rows, late))
    last = found[-1]
    assert isinstance(last, Row)
    assert (last.product.id, last.product.title, last.product.brand) == ("last", "n", "late")
    assert last.product.attributes == {"id": "other", "title": "other"}


def test_variants_of_json_are_read_by_the_same_names(read_products: Products) -> None:
    (product,) = read_products(
        jsonl(
            {
                "id": 1,
                "title": "a",
                "variants": [{"id": 7, "price": "5.00", "barcode": 12, "color": "red", "available": False}],
            }
        )
    )
    (variant,) = product.variants
    assert (variant.sku, variant.gtins, variant.attributes) == ("7", ("12",), {"color": "red"})
    assert variant.offers == {"default": Offer(500, "XXX", None, Availability.OUT_OF_STOCK)}


def test_a_mapping_overrides(read_products: Products) -> None:
    (product,) = read_products(b"Nr,Text,title\n1,a,b\n", mapping={"id": "Nr", "title": "Text"})
    assert (product.id, product.title, product.attributes) == ("1", "a", {"title": "b"})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "jsnl"}, "nearest: jsonl"),
        ({"format": "qqq"}, r"'qqq'; there are jsonl, [^;]*$"),
        ({"encoding": "klingon"}, "klingon"),
        ({"default_currency": "EURO"}, "EURO"),
    ],
)
def test_wrong_settings_are_told(options: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        open_feed(io.BytesIO(b"id,title\n"), **options)  # type: ignore[arg-type]


def test_the_format_can_be_forced(read_feed: Reads) -> None:
    (found,) = read_feed(b'{"id": "1"}\ttitle\n7\ta\n', format="tsv", mapping={"id": '{"id": "1"}'})
    assert isinstance(found, Row)
    assert found.product.id == "7"


def test_a_feed_with_no_readable_row_says_why_or_gives_its_rejects(read_feed: Reads) -> None:
    (found,) = read_feed(b'{"id": 1, "title": }\n', name="feed.jsonl")
    assert isinstance(found, Rejected)
    with pytest.raises(FeedError, match="none of the first 1000 rows can be read; line 1: not valid JSON"):
        read_feed(b"{broken}\n" * 1001, name="feed.jsonl")


def test_feeds_without_rows_are_empty(read_feed: Reads) -> None:
    assert read_feed(b"[]") == []
    assert read_feed(b"id,title\n") == []


def test_the_description_tells_what_became_of_each_column() -> None:
    data = b"id;title;title_de;price;image_alt;width\n1;a;A;5;x;10\n2;b;B;NaN;x;20\n3;b;B;7;y;30\n"
    description = open_feed(io.BytesIO(gzip.compress(data))).description
    assert (description.format, description.encoding, description.delimiter) == ("csv", "utf-8", ";")
    assert (description.compressed, description.canonical, description.rows, description.whole) == (
        True,
        False,
        3,
        True,
    )
    assert {column.name: column.becomes for column in description.columns} == {
        "id": "id",
        "title": "title",
        "title_de": "title in de",
        "price": "price",
        "image_alt": "image, where it is an address",
        "width": "number attribute",
    }
    title = description.columns[1]
    assert (title.filled, title.examples) == (3, ("a", "b"))
    (reject,) = description.rejects
    assert (reject.line, reject.id, reject.field) == (3, "2", "price")


def test_where_a_format_has_types_a_text_is_described_as_one() -> None:
    row = {
        "id": 1,
        "title": "a",
        "size": "38",
        "new": "true",
        "width": 1.5,
        "sizes": [38, 40],
        "sold": False,
        "tags": "a,b",
    }
    feed = open_feed(io.BytesIO(jsonl(row, {**row, "id": 2})))
    assert {column.name: column.becomes for column in feed.description.columns[2:]} == {
        "size": "attribute",
        "new": "attribute",
        "width": "number attribute",
        "sizes": "number attribute",
        "sold": "boolean attribute",
        "tags": "attribute",
    }
    first = next(iter(feed))
    assert isinstance(first, Row)
    assert first.product.attributes == {**{name: row[name] for name in list(row)[2:]}, "sizes": (38, 40)}


def test_describing_a_feed_does_not_use_it_up() -> None:
    feed = open_feed(io.BytesIO(jsonl({"id": 1, "title": "a"}, {"id": 2, "title": "b"})))
    assert feed.description.rows == 2
    assert [row.line for row in feed] == [1, 2]


def test_progress_is_in_bytes_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl.gz"
    path.write_bytes(gzip.compress(jsonl(*({"id": number, "title": os.urandom(40).hex()} for number in range(60_000)))))
    with open_feed(path) as feed:
        assert feed.total_bytes == path.stat().st_size
        rows = iter(feed)
        next(rows)
        first = feed.bytes_read
        assert 0 < first < path.stat().st_size / 2
        for _ in range(30_000):
            next(rows)
        assert first < feed.bytes_read < path.stat().st_size
        for _ in rows:
            pass
        assert feed.bytes_read == path.stat().st_size


class Endless(io.RawIOBase):
    """A stream of so many bytes that are made when they are read."""

    def __init__(self, head: bytes, filler: bytes, filler_bytes: int, tail: bytes) -> None:
        self._pieces = iter([head, *[filler] * (filler_bytes // len(filler)), tail])

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def read(self, size: int = -1) -> bytes:
        return next(self._pieces, b"")


@pytest.mark.parametrize(
    ("head", "tail"),
    [
        (b'{"id": 1, "title": "', b'"}\n{"id": 2, "title": "b"}\n'),
        (b'[{"id": 1, "title": "', b'"}, {"id": 2, "title": "b"}]'),
        (b'id,title\n1,"', b'"\n2,b\n'),
        (b"<rss><item><id>1</id><title>", b"</title></item><item><id>2</id><title>b</title></item></rss>"),
    ],
    ids=["jsonl", "json", "csv", "xml"],
)
def test_a_row_of_100_mb_is_rejected_in_little_memory(head: bytes, tail: bytes) -> None:
    tracemalloc.start()
    try:
        feed = open_feed(Endless(head, b"x" * 262_144, 100_000_000, tail), format=None)  # type: ignore[arg-type]
        long, good = list(feed)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(long, Rejected)
    assert (long.id, "longer than 1000000 bytes" in long.reason) == ("1", True)
    assert isinstance(good, Row)
    assert good.product.id == "2"
    assert peak < 20_000_000
