"""A table of hostile feeds, each with its stated outcome: taken unchanged, a rejected row, or a clear error."""

from __future__ import annotations

import gzip
import io
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pyarrow as pa
import pytest
from pyarrow import parquet

from indexer.errors import FeedError, IndexerError
from indexer.feeds import Rejected, Row, TruncatedFeedError, open_feed

MB = 1_000_000


@dataclass(frozen=True)
class Hostile:
    """A feed and what must become of it.

    Args:
        name: of the case; the file is called after it.
        feed: its bytes, in pieces.
        taken: titles by id, in order; an id that comes twice has its titles in a list.
        rejected: (id, word of the reason), in order.
        error: the kind of error that ends the feed, None where it is read to its end.
        message: a word of the error.
    """

    name: str
    feed: Iterable[bytes]
    taken: Mapping[str, str | list[str]] = field(default_factory=dict)
    rejected: tuple[tuple[str, str], ...] = ()
    error: type[IndexerError] | None = None
    message: str = ""


def good(number: int) -> dict[str, object]:
    return {"id": f"g{number}", "title": f"Good {number}"}


def jsonl(*rows: object) -> bytes:
    """Lines of JSON; what is bytes already stands as it is."""
    return b"".join((row if isinstance(row, bytes) else orjson.dumps(row)) + b"\n" for row in rows)


def around(*rows: object) -> list[bytes]:
    """JSON Lines with a good row before and one behind."""
    return [jsonl(good(1), *rows, good(2))]


def array(*items: object) -> bytes:
    return b"[" + b",\n".join(item if isinstance(item, bytes) else orjson.dumps(item) for item in items) + b"]"


def rss(*items: bytes, prolog: bytes = b"") -> bytes:
    wrapped = b"".join(b"<item>" + item + b"</item>" for item in items)
    return prolog + b'<rss xmlns:g="http://base.google.com/ns/1.0"><channel>' + wrapped + b"</channel></rss>"


def packed(*rows: Mapping[str, object]) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist([dict(row) for row in rows]), stream)
    return stream.getvalue()


def damaged_checksum(data: bytes) -> bytes:
    return data[:-8] + bytes(byte ^ 0xFF for byte in data[-8:-4]) + data[-4:]


GOOD = {"g1": "Good 1", "g2": "Good 2"}
GOOD_ITEMS = (b"<g:id>g1</g:id><title>Good 1</title>", b"<g:id>g2</g:id><title>Good 2</title>")
ROWS_CSV = "id,title\ng1,Good 1\n{}\ng2,Good 2\n"
HUNDRED_MB = [b"x" * MB] * 100
NESTED = b"[" * 100_000 + b"]" * 100_000
NOISE = random.Random(7).randbytes(5_000)  # the same noise each time
PADDED = len(b'{"id":"max","title":""}')

# fmt: off - one case after another, not one word under another
HOSTILE_FEEDS = [
    # --- encodings
    Hostile("utf-8-mark.csv", ["\ufeffid,title\n1,Stühle\n".encode()], {"1": "Stühle"}),
    Hostile("utf-8-mark.jsonl", ["\ufeff".encode() + jsonl({"id": 1, "title": "Stühle"})], {"1": "Stühle"}),
    Hostile("utf-16-le.csv", ["id,title\n1,Stühle 🪑\n".encode("utf-16")], {"1": "Stühle 🪑"}),
    Hostile("utf-16-be-no-mark.tsv", ["id\ttitle\n1\tStühle\n".encode("utf-16-be")], {"1": "Stühle"}),
    Hostile("utf-16.jsonl", ['{"id": 1, "title": "Stühle"}\n'.encode("utf-16")], {"1": "Stühle"}),
    Hostile("utf-16.xml", [rss(*GOOD_ITEMS).decode().encode("utf-16")], GOOD),
    Hostile(
        "latin-1.csv", ["id;title\n1;Stühle für größere Räume\n".encode("latin-1")], {"1": "Stühle für größere Räume"}
    ),
    Hostile("cp1252.csv", ["id;title\n1;„Stühle“ – 5 € …\n".encode("cp1252")], {"1": "„Stühle“ – 5 € …"}),
    Hostile(
        "cyrillic-cp1251.csv",
        ["id;title\n1;Стул деревянный кухонный\n".encode("cp1251")],
        {"1": "Стул деревянный кухонный"},
    ),
    Hostile("bad-utf-8.jsonl", around(b'{"id": "b", "title": "\xff\xfe"}'), GOOD, (("b", "not UTF-8"),)),
    Hostile("bad-utf-8.json", [array(good(1), b'{"id": "b", "title": "\xc3"}', good(2))], GOOD, (("b", "not UTF-8"),)),
    Hostile(
        "bad-utf-8.csv",
        [ROWS_CSV.format("ü,é").encode(), b"b,\xff\xfe\n"],
        {"g1": "Good 1", "ü": "é", "g2": "Good 2"},
        (("b", "not utf-8"),),
    ),
    Hostile("bad-utf-8.xml", [rss(*GOOD_ITEMS, b"<id>b</id><title>\xff</title>")], GOOD, (("b", "not utf-8"),)),
    Hostile(
        "bad-utf-8-in-header.csv", ["id,title,größe,".encode(), b"\xff\n1,x,1,2\n"], error=FeedError, message="header"
    ),
    Hostile("overlong-utf-8.jsonl", around(b'{"id": "b", "title": "\xc0\xaf"}'), GOOD, (("b", "not UTF-8"),)),
    Hostile(
        "utf-16-half-pair.csv",
        ["id,title\ng1,Good 1\n".encode("utf-16"), b"b\0,\0\x00\xd8\n\0", "g2,Good 2\n".encode("utf-16-le")],
        GOOD,
        (("b", "not utf-8"),),
    ),
    Hostile(
        "utf-16-odd.csv",
        ["id,title\ng1,Good 1\n".encode("utf-16"), b"x"],
        {"g1": "Good 1"},
        error=TruncatedFeedError,
        message="within a character",
    ),
    Hostile("half-pair-title.jsonl", around(b'{"id": "b", "title": "\\ud83e"}'), GOOD, (("b", "surrogate"),)),
    Hostile("half-pair-id.jsonl", around(b'{"id": "\\udc00", "title": "x"}'), GOOD, (("", "surrogate"),)),
    Hostile("half-pair-name.jsonl", around(b'{"id": "b", "title": "x", "\\ud800": 1}'), GOOD, (("b", "surrogate"),)),
    # --- cut short
    Hostile(
        "cut.jsonl.gz",
        [gzip.compress(jsonl(*(good(n) for n in range(1, 3)), NOISE.hex().encode() * 20))[:-4000]],
        GOOD,
        (("", "not valid JSON"),),
        TruncatedFeedError,
        "gzip stream breaks off",
    ),
    Hostile(
        "cut.csv.gz",
        [gzip.compress(ROWS_CSV.format("g3," + NOISE.hex()).encode())[:-600]],
        {"g1": "Good 1"},
        (("g3", "breaks off"),),
        TruncatedFeedError,
        "gzip stream breaks off",
    ),
    Hostile(
        "damaged-checksum.jsonl.gz",
        [damaged_checksum(gzip.compress(jsonl(good(1), good(2))))],
        GOOD,
        error=FeedError,
        message="damaged",
    ),
    Hostile("damaged-header.gz", [b"\x1f\x8b" + NOISE], error=FeedError, message="damaged"),
    Hostile("gzip-only-begun.gz", [b"\x1f\x8b\x08"], error=TruncatedFeedError, message="breaks off"),
    Hostile("twice-gzipped.csv.gz.gz", [gzip.compress(gzip.compress(b"id,title\n"))], error=FeedError, message="twice"),
    Hostile(
        "cut.json",
        [array(good(1), good(2), {"id": "c", "title": "cut"})[:-8]],
        GOOD,
        (("c", "not valid JSON"),),
        TruncatedFeedError,
        "breaks off",
    ),
    Hostile(
        "cut-between-items.json", [array(good(1), good(2))[:-1]], GOOD, error=TruncatedFeedError, message="breaks off"
    ),
    Hostile(
        "cut-wrapper.json",
        [b'{"products": ' + array(good(1), good(2))],
        GOOD,
        error=TruncatedFeedError,
        message="breaks off",
    ),
    Hostile(
        "cut.jsonl",
        [jsonl(good(1), good(2)), b'{"id": "c", "title": "cu'],
        GOOD,
        (("c", "not valid JSON"),),
        TruncatedFeedError,
        "line 3",
    ),
    Hostile("no-last-line-end.jsonl", [jsonl(good(1), good(2))[:-1]], GOOD),
    Hostile(
        "cut-in-quotes.csv",
        [ROWS_CSV.format('g3,"Good ""3"""').encode(), b'c,"cu'],
        {"g1": "Good 1", "g3": 'Good "3"', "g2": "Good 2"},
        (("c", "quotes"),),
        TruncatedFeedError,
        "line 5",
    ),
    Hostile(
        "cut.xml",
        [rss(*GOOD_ITEMS, b"<g:id>c</g:id><title>cut</title>")[:-35]],
        GOOD,
        (("", "breaks off"),),
        TruncatedFeedError,
        "item 3",
    ),
    Hostile("cut.parquet", [packed(good(1))[:-20]], error=TruncatedFeedError, message="PAR1"),
    # --- sizes
    Hostile(
        "line-of-100-mb.jsonl",
        [jsonl(good(1)), b'{"id": "b", "title": "', *HUNDRED_MB, b'"}\n', jsonl(good(2))],
        GOOD,
        (("b", "longer than 1000000 bytes"),),
    ),
    Hostile(
        "line-of-100-mb-without-an-id.jsonl",
        [jsonl(good(1)), *HUNDRED_MB, b"\n", jsonl(good(2))],
        GOOD,
        (("", "longer than 1000000 bytes"),),
    ),
    Hostile(
        "item-of-100-mb.json",
        [b"[", orjson.dumps(good(1)), b', {"id": "b", "title": "', *HUNDRED_MB, b'"}, ', orjson.dumps(good(2)), b"]"],
        GOOD,
        (("b", "longer than 1000000 bytes"),),
    ),
    Hostile(
        "cell-of-100-mb.csv",
        [b"id,title\ng1,Good 1\nb,", *HUNDRED_MB, b"\ng2,Good 2\n"],
        GOOD,
        (("b", "longer than 1000000 bytes"),),
    ),
    Hostile(
        "element-of-100-mb.xml",
        [
            rss(GOOD_ITEMS[0])[: -len(b"</channel></rss>")],
            b"<item><id>b</id><title>",
            *HUNDRED_MB,
            b"</title></item><item>",
            GOOD_ITEMS[1],
            b"</item></channel></rss>",
        ],
        GOOD,
        (("b", "longer than 1000000 bytes"),),
    ),
    Hostile(
        "gzip-bomb.jsonl.gz",
        [gzip.compress(jsonl(good(1)) + b'{"id": "b", "title": "' + b"x" * 200 * MB + b'"}\n' + jsonl(good(2)), 9)],
        GOOD,
        (("b", "longer than 1000000 bytes"),),
    ),
    Hostile(
        "row-of-exactly-the-limit.jsonl",
        around({"id": "max", "title": "x" * (MB - PADDED)}, {"id": "one", "title": "x" * (MB - PADDED + 1)}),
        {"g1": "Good 1", "max": "x" * (MB - PADDED), "g2": "Good 2"},
        (("one", "longer than 1000000 bytes"),),
    ),
    Hostile(
        "5000-columns.csv",
        [",".join(["id", "title", *(f"c{n}" for n in range(5000))]).encode() + b"\n1,Wide" + b",1" * 5000 + b"\n"],
        {"1": "Wide"},
    ),
    Hostile(
        "5000-columns.jsonl",
        around({"id": "w", "title": "Wide", **{f"c{n}": n for n in range(5000)}}),
        GOOD | {"w": "Wide"},
    ),
    Hostile(
        "new-columns-in-every-row.jsonl",
        [jsonl(*({"id": n, "title": "New", **{f"c{n}-{m}": 1 for m in range(50)}} for n in range(500)))],
        {str(n): "New" for n in range(500)},
    ),
    # --- structure
    Hostile(
        "100000-levels.jsonl", around(b'{"id": "b", "title": "x", "a": ' + NESTED + b"}"), GOOD, (("b", "nested"),)
    ),
    Hostile("100000-levels.json", [array(good(1), NESTED, good(2))], GOOD, (("", "nested"),)),
    Hostile(
        "6-levels.jsonl",
        around({"id": "b", "title": "x", "a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}),
        GOOD,
        (("b", "nested"),),
    ),
    Hostile("lists-in-lists.jsonl", around({"id": "b", "title": "x", "a": [[[[[[[1]]]]]]]}), GOOD, (("b", "nested"),)),
    Hostile(
        "30000-levels.xml",
        [rss(*GOOD_ITEMS, b"<id>b</id><title>x</title>" + b"<a>" * 30_000 + b"</a>" * 30_000)],
        GOOD,
        (("b", "nested"),),
    ),
    Hostile(
        "entity-bomb.xml",
        [
            rss(
                b"<id>1</id><title>&c;</title>",
                prolog=b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY c "&a;&a;&a;&a;">]>',
            )
        ],
        error=FeedError,
        message="entities",
    ),
    Hostile(
        "external-entity.xml",
        [rss(b"<id>1</id><title>&f;</title>", prolog=b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]>')],
        error=FeedError,
        message="entities",
    ),
    Hostile(
        "document-type.xml",
        [rss(*GOOD_ITEMS, b"<id>b</id><title>&f;</title>", prolog=b'<!DOCTYPE rss SYSTEM "http://localhost/x.dtd">')],
        GOOD,
        (("b", "undefined entity"),),
    ),
    Hostile(
        "bare-ampersand.xml",
        [rss(*GOOD_ITEMS, b"<id>b</id><title>Nuts & bolts</title>")],
        GOOD,
        (("b", "not well-formed"),),
    ),
    Hostile(
        "cdata-and-comments.xml",
        [rss(GOOD_ITEMS[0], b"<id>c</id><!-- </item> --><title><![CDATA[</item>&]]></title>")],
        {"g1": "Good 1", "c": "</item>&"},
    ),
    Hostile("no-items.xml", [b"<catalogue><thing/></catalogue>"], error=FeedError, message="no <item>"),
    Hostile("key-twice.jsonl", around(b'{"id": "x", "id": "y", "title": "Last counts"}'), GOOD | {"y": "Last counts"}),
    Hostile("column-twice.csv", [b"id,title,title\n1,First,Second\n"], {"1": "First"}),
    Hostile("id-twice.jsonl", [jsonl({"id": 1, "title": "Old"}, {"id": 1, "title": "New"})], {"1": ["Old", "New"]}),
    Hostile("too-few-cells.csv", [ROWS_CSV.format("b").encode()], GOOD, (("b", "1 cells where the header has 2"),)),
    Hostile(
        "too-many-cells.csv",
        [ROWS_CSV.format("b,Chair, red").encode()],
        GOOD,
        (("b", "3 cells where the header has 2"),),
    ),
    Hostile("open-quote.csv", [ROWS_CSV.format('b,"open').encode()], GOOD, (("b", "quotes"),)),
    Hostile("stray-quote.csv", [ROWS_CSV.format('b,"27" screen').encode()], GOOD, (("b", "quotes"),)),
    Hostile(
        "inch.csv", [ROWS_CSV.format('i,27" screen').encode()], {"g1": "Good 1", "i": '27" screen', "g2": "Good 2"}
    ),
    Hostile("header-again.csv", [ROWS_CSV.format("id,title").encode()], GOOD, (("id", "header once more"),)),
    Hostile("blank-rows.csv", [ROWS_CSV.format("\n,\n  \n").encode()], GOOD, (("", "1 cells where the header has 2"),)),
    Hostile(
        "windows-line-ends.csv",
        [ROWS_CSV.format("w,Win").replace("\n", "\r\n").encode()],
        {"g1": "Good 1", "w": "Win", "g2": "Good 2"},
    ),
    Hostile("old-mac-line-ends.csv", [b"id,title\rg1,Good 1\rg2,Good 2\r"], GOOD),
    Hostile("spreadsheet-hint.csv", [b"sep=;\r\nid;title\r\n1;a,b\r\n"], {"1": "a,b"}),
    Hostile(
        "scalars-among-items.json",
        [array(good(1), 7, "x", None, [], good(2))],
        GOOD,
        (("", "a number"), ("", "a string"), ("", "null"), ("", "an array")),
    ),
    Hostile(
        "broken-item.json", [array(good(1), b'{"id": "b",, "title": 1}', good(2))], GOOD, (("b", "not valid JSON"),)
    ),
    Hostile("noise-between-lines.jsonl", around(b"} oops {", b"[]"), GOOD, (("", "not valid JSON"), ("", "an array"))),
    Hostile("after-the-end.json", [array(good(1), good(2)) + b"[]"], GOOD, error=FeedError, message="follows the end"),
    Hostile("damaged.parquet", [b"PAR1" + b"\0" * 50 + packed(good(1))[-8:]], error=FeedError, message="damaged"),
    # --- no feeds
    Hostile("empty.csv", [b""], error=FeedError, message="empty"),
    Hostile("empty.jsonl.gz", [gzip.compress(b"")], error=FeedError, message="empty"),
    Hostile("spaces.csv", [b" \n\n\t\n"], error=FeedError, message="empty"),
    Hostile("no-items.json", [b"[]"]),
    Hostile("no-rows.csv", [b"id,title\n"]),
    Hostile(
        "wrong-columns.csv",
        [b"Artnr;Bezeichnung\n1;x\n"],
        error=FeedError,
        message="'Artnr', 'Bezeichnung'; nearest: 'Artnr'",
    ),
    Hostile("no-title.jsonl", [jsonl({"id": 1, "heading": "x"})], error=FeedError, message="to be the title"),
    Hostile("web-page.csv", [b"<!DOCTYPE html>\n<html><body>Log in"], error=FeedError, message="web page"),
    Hostile("spreadsheet.csv", [b"PK\x03\x04" + NOISE], error=FeedError, message="spreadsheet"),
    Hostile("noise.jsonl", [NOISE], error=FeedError, message="no text"),
    Hostile("only-broken.jsonl", [b"{broken}\n" * 2000], error=FeedError, message="none of the first 1000 rows"),
    # --- prices
    Hostile(
        "no-prices.jsonl",
        around(
            b'{"id": "nan", "title": "x", "price": NaN}',
            b'{"id": "inf", "title": "x", "price": -Infinity}',
            b'{"id": "1e999", "title": "x", "price": 1e999}',
            {"id": "minus", "title": "x", "price": -0.01},
            {"id": "huge", "title": "x", "price": 1e15},
            {"id": "true", "title": "x", "price": True},
            {"id": "text", "title": "x", "price": "ask"},
            {"id": "two", "title": "x", "price": "5 EUR USD"},
            {"id": "list", "title": "x", "price": [1, 2]},
            {"id": "coins", "title": "x", "price": 1, "currency": "coins"},
        ),
        GOOD,
        (
            ("nan", "not finite"),
            ("inf", "not finite"),
            ("1e999", "not finite"),
            ("minus", "negative"),
            ("huge", "10^12"),
            ("true", "not a price"),
            ("text", "not a price"),
            ("two", "not a price"),
            ("list", "several prices"),
            ("coins", "no currency"),
        ),
    ),
    Hostile(
        "nan-price.csv",
        [b"id,title,price\ng1,Good 1,1\nb,x,NaN\ni,x,Infinity\nn,x,-5\ng2,Good 2,\n"],
        GOOD,
        (("b", "not finite"), ("i", "not finite"), ("n", "negative")),
    ),
    # --- ids
    Hostile(
        "ids.jsonl",
        [
            jsonl(
                {"id": "a/b/c", "title": "slashes"},
                {"id": 1.0, "title": "number of a table"},
                {"id": 12345678901234567, "title": "all digits"},
                b'{"id": 123456789012345678901, "title": "lost digits"}',
                {"id": "1.0", "title": "text"},
                {"id": "شو🪑", "title": "any script"},
                {"id": "i" * 512, "title": "longest"},
                {"id": "i" * 513, "title": "too long"},
                {"id": "é" * 257, "title": "too long in bytes"},
                {"id": " \t ", "title": "blank"},
                {"id": "", "title": "empty"},
                {"id": None, "title": "null"},
                {"title": "none"},
                {"id": "a\u0000b", "title": "NUL"},
                {"id": "a\nb", "title": "line"},
                {"id": True, "title": "true"},
                {"id": 1.5, "title": "fraction"},
                {"id": ["a", "b"], "title": "list"},
                {"id": {"a": "b"}, "title": "object"},
            )
        ],
        {
            "a/b/c": "slashes",
            "1": "number of a table",
            "12345678901234567": "all digits",
            "1.0": "text",
            "شو🪑": "any script",
            "i" * 512: "longest",
        },
        (
            ("", "lost digits"),
            ("", "513 bytes"),
            ("", "514 bytes"),
            ("", "no id"),
            ("", "no id"),
            ("", "no id"),
            ("", "no id"),
            ("", "control"),
            ("", "control"),
            ("", "text or a whole number"),
            ("", "no whole number"),
            ("", "text or a whole number"),
            ("", "no id"),
        ),
    ),
    # --- texts
    Hostile(
        "texts.jsonl",
        [
            jsonl(
                {"id": "rtl", "title": "שולחן עץ \u202eabc\u202c"},
                {"id": "emoji", "title": "👩‍👩‍👧 🪑"},
                {"id": "formula", "title": "=cmd|' /C calc'!A0"},
                {"id": "sql", "title": "'; DROP TABLE products; --"},
                {"id": "html", "title": "<script>alert(1)</script>"},
                {"id": "template", "title": "{{7*7}} ${x} %s {title}"},
                {"id": "spaces", "title": "  around  "},
                {"id": "nothing", "title": "   "},
                {"id": "null", "title": None},
            )
        ],
        {
            "rtl": "שולחן עץ \u202eabc\u202c",
            "emoji": "👩‍👩‍👧 🪑",
            "formula": "=cmd|' /C calc'!A0",
            "sql": "'; DROP TABLE products; --",
            "html": "<script>alert(1)</script>",
            "template": "{{7*7}} ${x} %s {title}",
            "spaces": "around",
        },
        (("nothing", "no title"), ("null", "no title")),
    ),
    Hostile(
        "control-characters.jsonl",
        around(b'{"id": "c", "title": "a\x01\\u0000b\tc\\nd\x1f"}'),
        GOOD | {"c": "ab\tc\nd"},
    ),
    Hostile("control-characters.csv", [b"id,title\nc,a\x00b\x07c\n"], {"c": "abc"}),
    Hostile("control-characters.xml", [rss(b"<id>c</id><title>a\x00b\x07c</title>")], {"c": "abc"}),
    Hostile("formulas.csv", [b"id,title\n1,=1+1\n2,@SUM(A1)\n3,+1\n"], {"1": "=1+1", "2": "@SUM(A1)", "3": "+1"}),
    Hostile(
        "numbers.jsonl",
        around(
            b'{"id": "inf", "title": "x", "w": Infinity}',
            b'{"id": "nan", "title": "taken", "w": NaN}',
            b'{"id": "big", "title": "taken", "w": 123456789012345678901234567890}',
            b'{"id": "digits", "title": "x", "w": ' + b"9" * 5000 + b"}",
        ),
        GOOD | {"nan": "taken", "big": "taken"},
        (("inf", "not a finite number"), ("digits", "not valid JSON")),
    ),
    Hostile(
        "names.jsonl",
        around(
            {"id": "p", "title": "taken", "__proto__": 1, "a.b": 2, "$where": 3, "price; DROP": 4},
            {"id": "e", "title": "x", "": 1},
            {"id": "c", "title": "x", "\u0000": 1},
        ),
        GOOD | {"p": "taken"},
        (("e", "without a name"), ("c", "without a name")),
    ),
]
# fmt: on


def titles_by_id(rows: Iterable[Row]) -> dict[str, str | list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.product.id, []).append(str(row.product.title))
    return {product_id: titles[0] if len(titles) == 1 else titles for product_id, titles in found.items()}


@pytest.mark.parametrize("hostile", HOSTILE_FEEDS, ids=lambda hostile: hostile.name)
def test_a_hostile_feed_has_its_outcome(hostile: Hostile, tmp_path: Path) -> None:
    path = tmp_path / hostile.name
    with path.open("wb") as file:
        file.writelines(hostile.feed)
    rows: list[Row | Rejected] = []
    error: IndexerError | None = None
    try:
        with open_feed(path) as feed:
            rows.extend(feed)
    except IndexerError as caught:
        error = caught
    assert titles_by_id(row for row in rows if isinstance(row, Row)) == dict(hostile.taken)
    rejected = [row for row in rows if isinstance(row, Rejected)]
    assert [row.id for row in rejected] == [product_id for product_id, _ in hostile.rejected], rejected
    for row, (_, word) in zip(rejected, hostile.rejected, strict=True):
        assert word in row.reason
        assert len(row.value) <= 200
        row.value.encode()
    assert type(error) is (hostile.error or type(None)), error
    assert hostile.message in str(error)


def test_the_table_is_long_enough_and_names_are_told_apart() -> None:
    names = {hostile.name for hostile in HOSTILE_FEEDS}
    assert len(names) == len(HOSTILE_FEEDS) >= 50
