from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from indexer.errors import FeedError
from indexer.feeds import Rejected, Row, TruncatedFeedError, open_feed
from indexer.feeds.merchant_xml import XmlShape, find_shape, read_xml
from indexer.product import Offer, Product

HEAD = '<?xml version="1.0"?>\n<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>Shop</title>'
TAIL = "</channel></rss>\n"

Reads = Callable[..., list[Row | Rejected]]
Products = Callable[..., list[Product]]


def rss(*items: str) -> bytes:
    return (HEAD + "".join(f"<item>{item}</item>" for item in items) + TAIL).encode()


def test_an_item_with_all_that_google_knows(read_products: Products) -> None:
    (product,) = read_products(
        rss(
            "<g:id>1</g:id><title>Plain</title><g:title>T-Shirt</g:title><link>http://x/1</link>"
            "<description><![CDATA[<p>Fine</p> & </item> good ]]></description>"
            "<g:price>12.99 EUR</g:price><g:sale_price>9.99 EUR</g:sale_price><g:availability>in_stock</g:availability>"
            "<g:product_type>A &gt; B</g:product_type><g:google_product_category>2271</g:google_product_category>"
            "<g:image_link>http://x/1.jpg</g:image_link><g:additional_image_link>http://x/2.jpg</g:additional_image_link>"
            "<g:additional_image_link>http://x/3.jpg</g:additional_image_link>"
            "<g:shipping><g:country>DE</g:country><g:price>4 EUR</g:price></g:shipping>"
            "<g:product_detail><g:attribute_name>Fit</g:attribute_name><g:attribute_value>Slim</g:attribute_value></g:product_detail>"
        )
    )
    assert (product.id, product.title, product.url) == ("1", "T-Shirt", "http://x/1")
    assert product.description == "Fine\n&\ngood"
    assert product.offers == {"default": Offer(999, "EUR", 1299)}
    assert product.categories == (("A", "B"),)
    assert product.images == ("http://x/1.jpg", "http://x/2.jpg", "http://x/3.jpg")
    assert product.attributes == {
        "shipping.country": "DE",
        "shipping.price": "4 EUR",
        "Fit": "Slim",
        "google_product_category": 2271,
    }


def test_an_atom_entry(read_products: Products) -> None:
    (product,) = read_products(
        b'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><title>Shop</title><entry>'
        b'<id>tag:shop,1</id><g:id>1</g:id><title>A</title><link rel="self" href="http://self"/><link href="http://x"/>'
        b"<g:price>5 USD</g:price></entry></feed>"
    )
    assert (product.id, product.url, product.offers) == ("1", "http://x", {"default": Offer(500, "USD")})


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ("<g:id>2</g:id><title>Nuts & bolts</title>", "not well-formed"),
        ("<g:id>2</g:id><title>a&nbsp;b</title>", "undefined entity"),
        ("<g:id>2</g:id><title>open", "mismatched tag"),
        ("<g:id>2</g:id><title>x</title><x:y>unbound</x:y>", "unbound prefix"),
        ("<g:id>2</g:id><title>x</title>" + "<a>" * 7 + "</a>" * 7, "nested deeper than 5"),
    ],
)
def test_a_broken_item_spoils_nothing_but_itself(read_feed: Reads, broken: str, reason: str) -> None:
    found = read_feed(rss("<g:id>1</g:id><title>A</title>", broken, "<g:id>3</g:id><title>C</title>"))
    assert [row.product.id for row in found if isinstance(row, Row)] == ["1", "3"]
    (rejected,) = (row for row in found if isinstance(row, Rejected))
    assert (rejected.line, rejected.id) == (2, "2")
    assert reason in rejected.reason


def test_bytes_of_another_encoding_spoil_one_item(read_feed: Reads) -> None:
    found = read_feed(
        rss("<g:id>1</g:id><title>A</title>", "<g:id>2</g:id><title>?</title>").replace(b"?</t", b"\xff</t")
    )
    assert [isinstance(row, Row) for row in found] == [True, False]


def test_the_encoding_that_is_declared_is_believed(read_products: Products) -> None:
    text = rss("<g:id>1</g:id><title>Stühle</title>").decode().replace('"1.0"?', '"1.0" encoding="ISO-8859-1"?')
    assert read_products(text.encode("latin-1"))[0].title == "Stühle"


def test_utf_16_is_read_whatever_is_declared(read_products: Products) -> None:
    text = rss("<g:id>1</g:id><title>Stühle</title>").decode().replace('"1.0"?', '"1.0" encoding="UTF-16"?')
    assert read_products(text.encode("utf-16"))[0].title == "Stühle"


def test_a_comment_holds_no_items(read_products: Products) -> None:
    data = rss("<g:id>1</g:id><title>A</title>").replace(b"<item>", b"<!-- <item> </item> --><item>")
    assert [product.id for product in read_products(data)] == ["1"]


def test_control_characters_are_taken_off(read_products: Products) -> None:
    assert read_products(rss("<g:id>1</g:id><title>a\x01b\x00c</title>"))[0].title == "abc"


def test_an_item_above_the_limit_is_rejected_with_its_id(read_feed: Reads) -> None:
    found = read_feed(
        rss("<g:id>1</g:id><title>" + "x" * 5000 + "</title>", "<g:id>2</g:id><title>B</title>"), max_row_bytes=1000
    )
    assert isinstance(found[0], Rejected)
    assert (found[0].id, "longer than 1000" in found[0].reason) == ("1", True)
    assert isinstance(found[1], Row)


@pytest.mark.parametrize("size", [1, 3, 7, 64])
def test_where_the_chunks_are_cut_makes_no_difference(size: int) -> None:
    data = rss("<g:id>1</g:id><title><![CDATA[</item>]]></title>", "<g:id>2</g:id><!-- </item> --><title>B</title>")
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    whole = list(read_xml(iter([data]), 1000, find_shape(data), "utf-8"))
    assert [record.values["id"] for record in whole] == ["1", "2"]
    assert list(read_xml(chunks, 1000, find_shape(data), "utf-8")) == whole
    assert [data[record.offset_bytes :][:6] for record in whole] == [b"<item>", b"<item>"]


def test_entities_that_a_feed_declares_are_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + rss("<g:id>1</g:id><title>&b;</title>")
    with pytest.raises(FeedError, match="entities"):
        open_feed(io.BytesIO(bomb))


def test_external_entities_are_never_fetched() -> None:
    external = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>' + rss("<g:id>1</g:id><title>&f;</title>")
    with pytest.raises(FeedError, match="entities"):
        open_feed(io.BytesIO(external))


def test_xml_without_items_is_told() -> None:
    with pytest.raises(FeedError, match="no <item>"):
        open_feed(io.BytesIO(b"<catalog><thing/></catalog>"))


@pytest.mark.parametrize("cut", [b"<g:id>2", b"</item><item><g:id>2</g", b"</channel></rss>"])
def test_a_cut_document_gives_what_came_before(cut: bytes) -> None:
    data = rss("<g:id>1</g:id><title>A</title>", "<g:id>2</g:id><title>B</title>")
    feed = open_feed(io.BytesIO(data[: data.index(cut) + min(len(cut) - 1, 8)]))
    found: list[Row | Rejected] = []
    with pytest.raises(TruncatedFeedError, match="breaks off"):
        found.extend(feed)
    assert isinstance(found[0], Row)


def test_the_shape_knows_prefixes_and_namespaces() -> None:
    assert find_shape(b"<a:feed xmlns:a='u' xmlns:g=\"v\"><a:entry>") == XmlShape(
        b"a:feed", b"a:entry", b" xmlns:a='u' xmlns:g=\"v\""
    )
