"""Feeds whose bytes are hostile: their encodings, their ends, their sizes."""

from __future__ import annotations

import gzip

import orjson
from hostile import (
    GOOD,
    GOOD_ITEMS,
    HUNDRED_MB,
    MB,
    NOISE,
    PADDED,
    ROWS_CSV,
    Hostile,
    around,
    array,
    damaged_checksum,
    good,
    jsonl,
    packed,
    rss,
)

from indexer.errors import FeedError
from indexer.feeds import TruncatedFeedError

# fmt: off - one case after another, not one word under another
HOSTILE_BYTES = [
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
]
# fmt: on
