"""Feeds whose structure is hostile: nesting, quotes, entities, and what is no feed at all."""

from __future__ import annotations

import gzip

from hostile import (
    GOOD,
    GOOD_ITEMS,
    NESTED,
    NOISE,
    ROWS_CSV,
    Hostile,
    around,
    array,
    good,
    jsonl,
    packed,
    rss,
)

from indexer.errors import FeedError
from indexer.feeds.errors import UnrecognisedError

# fmt: off - one case after another, not one word under another
HOSTILE_STRUCTURES = [
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
        error=UnrecognisedError,
        message="'Artnr', 'Bezeichnung'; nearest: 'Artnr'",
    ),
    Hostile("no-title.jsonl", [jsonl({"id": 1, "heading": "x"})], error=UnrecognisedError, message="to be the title"),
    Hostile("web-page.csv", [b"<!DOCTYPE html>\n<html><body>Log in"], error=FeedError, message="web page"),
    Hostile("spreadsheet.csv", [b"PK\x03\x04" + NOISE], error=FeedError, message="spreadsheet"),
    Hostile("noise.jsonl", [NOISE], error=FeedError, message="no text"),
    Hostile("only-broken.jsonl", [b"{broken}\n" * 2000], error=FeedError, message="none of the first 1000 rows"),
]
# fmt: on
