"""Ids, availability, categories, numbers, dates and texts: one cell at a time."""

from __future__ import annotations

from decimal import Decimal
from math import inf, nan

import pytest

from indexer.errors import RowError
from indexer.feeds.availability import read_availability
from indexer.feeds.categories import read_breadcrumbs, read_categories
from indexer.feeds.ids import read_id
from indexer.feeds.scalars import read_count, read_date, read_gtins, read_number
from indexer.feeds.text import clean, plain
from indexer.product import Availability


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("a/b c", "a/b c"),
        (" 7 ", "7"),
        (7, "7"),
        (7.0, "7"),
        (Decimal("7"), "7"),
        (10**30, "1" + "0" * 30),
        (["7"], "7"),
        ("1.0", "1.0"),
        ("007", "007"),
        ("é" * 256, "é" * 256),
        ("שולחן", "שולחן"),
    ],
)
def test_ids_are_texts_or_whole_numbers(value: object, wanted: str) -> None:
    assert read_id("id", value) == wanted


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "no id"),
        ("   ", "no id"),
        (None, "no id"),
        ("é" * 257, "514 bytes"),
        ("a\nb", "control characters"),
        ("a\0", "control characters"),
        ("\ud800", "surrogate"),
        (1.5, "no whole number"),
        (1e23, "lost digits"),
        (nan, "no whole number"),
        (inf, "no whole number"),
        (True, "text or a whole number"),
        ({"a": 1}, "text or a whole number"),
        ([1, 2], "text or a whole number"),
    ],
)
def test_what_is_no_id_is_told(value: object, reason: str) -> None:
    with pytest.raises(RowError, match=reason):
        read_id("id", value)


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ("in stock", Availability.IN_STOCK),
        ("in_stock", Availability.IN_STOCK),
        ("https://schema.org/InStock", Availability.IN_STOCK),
        ("http://schema.org/LimitedAvailability", Availability.IN_STOCK),
        ("1", Availability.IN_STOCK),
        (12, Availability.IN_STOCK),
        (True, Availability.IN_STOCK),
        ("yes", Availability.IN_STOCK),
        ("out of stock", Availability.OUT_OF_STOCK),
        ("outofstock", Availability.OUT_OF_STOCK),
        ("SoldOut", Availability.OUT_OF_STOCK),
        ("0", Availability.OUT_OF_STOCK),
        ("-3", Availability.OUT_OF_STOCK),
        (False, Availability.OUT_OF_STOCK),
        ("PreOrder", Availability.PREORDER),
        ("backorder", Availability.BACKORDER),
        ("onbackorder", Availability.BACKORDER),
        ("ships in a week", None),
        (nan, None),
        (None, None),
    ],
)
def test_availability_is_read_from_words_and_numbers(value: object, state: Availability | None) -> None:
    assert read_availability(value) is state


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ("Home > Garden > Chairs", [("Home", "Garden", "Chairs")]),
        ("Home » Garden", [("Home", "Garden")]),
        ("Home/Garden", [("Home", "Garden")]),
        ("Home|Garden", [("Home", "Garden")]),
        ("Chairs", [("Chairs",)]),
        ("Home, Garden & Co > Chairs", [("Home, Garden & Co", "Chairs")]),
        ("A > B, A > C, A", [("A", "B"), ("A", "C"), ("A",)]),
        ("A > B | C > D", [("A", "B"), ("C", "D")]),
        ("A > TV/Video", [("A", "TV/Video")]),
        ("Default/Gear/Bags,Default/Gear", [("Default", "Gear", "Bags"), ("Default", "Gear")]),
        (["A > B", "C"], [("A", "B"), ("C",)]),
        ([["A", "B"], ["C"]], [("A", "B"), ("C",)]),
        ([["A", "B"], ["A", "B"]], [("A", "B")]),
        (" > ", []),
        (None, []),
    ],
)
def test_category_paths_are_read_as_shops_write_them(value: object, paths: list[tuple[str, ...]]) -> None:
    assert read_categories("category", value) == tuple(paths)


def test_breadcrumbs_are_one_path() -> None:
    assert read_breadcrumbs("breadcrumbs", ["Home", "Garden"]) == (("Home", "Garden"),)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (4, 4.0),
        ("4,5", 4.5),
        ("4.5 out of 5 stars", 4.5),
        ("n/a", None),
        (nan, None),
        (True, None),
        (Decimal("4.5"), 4.5),
    ],
)
def test_numbers(value: object, number: float | None) -> None:
    assert read_number(value) == number


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (12, 12),
        (12.0, 12),
        (12.5, None),
        (-1, None),
        ("1,299", 1299),
        ("1.299 reviews", 1299),
        ("(12)", 12),
        ("no", None),
    ],
)
def test_counts(value: object, count: int | None) -> None:
    assert read_count(value) == count


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2024-05-01", "2024-05-01T00:00:00Z"),
        ("2024-05-01T02:00:00+02:00", "2024-05-01T00:00:00Z"),
        ("2024-05-01 10:00:00.5", "2024-05-01T10:00:00Z"),
        ("Wed, 01 May 2024 10:00:00 GMT", "2024-05-01T10:00:00Z"),
        (1714557600, "2024-05-01T10:00:00Z"),
        (1714557600000, "2024-05-01T10:00:00Z"),
        ("01/05/2024", None),
        ("2024-13-01", None),
        (2024, None),
        ("soon", None),
        (nan, None),
    ],
)
def test_dates_are_utc(value: object, date: str | None) -> None:
    assert read_date(value) == date


@pytest.mark.parametrize(
    ("value", "gtins"),
    [
        ("4006381333931", ("4006381333931",)),
        (4006381333931, ("4006381333931",)),
        (4006381333931.0, ("4006381333931",)),
        ("978-3-16-148410-0", ("9783161484100",)),
        ("123, 456;123", ("123", "456")),
        (["123", "080442957X"], ("123", "080442957X")),
        ("0000000000000", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_trade_numbers_are_digits(value: object, gtins: tuple[str, ...]) -> None:
    assert read_gtins(value) == gtins


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (" a\tb\nc ", "a\tb\nc"),
        ("a\0b\x1fc", "abc"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("שולחן 🪑\u200f", "שולחן 🪑\u200f"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
    ],
)
def test_texts_lose_control_characters_and_nothing_else(text: str, cleaned: str) -> None:
    assert clean("title", text) == cleaned


def test_half_a_surrogate_pair_is_refused_and_can_be_shown() -> None:
    with pytest.raises(RowError) as caught:
        clean("title", "a\udc00")
    assert caught.value.value == "a\\udc00"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Soft <b>tee</b></p><ul><li>one</li><li>two</li></ul>", "Soft tee\none\ntwo"),
        ("a<br>b &amp; c", "a\nb & c"),
        ("<p>x<script>alert('</p>')</script>y</p>", "xy"),
        ("<!-- note --><p>z</p>", "z"),
        ("5 < 6 and 7 > 4", "5 < 6 and 7 > 4"),
        ("fits <model> & more", "fits <model> & more"),
    ],
)
def test_markup_becomes_plain_text(markup: str, text: str) -> None:
    assert plain(markup) == text


@pytest.mark.parametrize("piece", ["<p>", "<script>", "<!--", "<p", "<a <", "&"])
@pytest.mark.timeout(5)
def test_markup_of_any_size_is_quick(piece: str) -> None:
    plain("<p>" + piece * 100_000)
