"""Feeds whose values are hostile: prices, ids, texts, names of columns."""

from __future__ import annotations

from hostile import (
    GOOD,
    Hostile,
    around,
    jsonl,
    rss,
)

# fmt: off - one case after another, not one word under another
HOSTILE_VALUES = [
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
