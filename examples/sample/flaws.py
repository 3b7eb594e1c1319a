"""Flaws as real feeds have them, planted on purpose and counted."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .rows import Row

PER_CATALOGUE = 2000
"""The size that the numbers of rows below are meant for; other sizes get their share, but at least one."""


class Fate(StrEnum):
    """What becomes of a flawed row."""

    KEPT = "kept"
    """It is a product all the same; its judgments stand."""
    REPLACED = "replaced"
    """A later row of the same id is the right one."""
    REFUSED = "refused"
    """It is no product of the catalogue; no judgment speaks of it."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One kind of flaw.

    Args:
        name: short.
        what: a sentence about it.
        rows: so many rows of a catalogue of 2,000 have it.
        spoil: changes a row into a flawed one.
        suits: which rows can have it.
    """

    name: str
    what: str
    rows: int
    spoil: Callable[[Row], None]
    suits: Callable[[Row], bool]


@dataclass(frozen=True, slots=True)
class Planted:
    """Where a flaw was planted: line numbers in the feed, from 1, and the ids in these lines ("" for none)."""

    name: str
    what: str
    fate: Fate
    lines: tuple[int, ...]
    ids: tuple[str, ...]


def _has_number(row: Row) -> bool:
    return "price" in row


def _has_one_price(row: Row) -> bool:
    return "sale_price" not in row and "variants" not in row


def _has_title(row: Row) -> bool:
    return isinstance(row["title"], str)


def _has_description(row: Row) -> bool:
    return isinstance(row.get("description"), str)


def _is_not_ascii(row: Row) -> bool:
    return _has_description(row) and not row["description"].isascii()


def _set(field: str, make: Callable[[Any], Any]) -> Callable[[Row], None]:
    def spoil(row: Row) -> None:
        row[field] = make(row[field])

    return spoil


def _remove(field: str) -> Callable[[Row], None]:
    def spoil(row: Row) -> None:
        del row[field]

    return spoil


def _untitle(row: Row) -> None:
    del row["title"]
    row.pop("description", None)


def _with_comma(price: float) -> str:
    return f"{price:.2f}".replace(".", ",")


def _as_html(text: str) -> str:
    return "<p>" + text.replace("'", "&#39;").replace(". ", ".</p>\n<p>").replace(" and ", " &amp; ") + "<br/></p>"


def _misread(text: str) -> str:
    return text.encode("utf-8").decode("latin-1")


IN_PLACE = (
    Flaw("missing price", "The row has no price.", 6, _remove("price"), _has_one_price),
    Flaw("decimal comma", 'The price is a text with a comma: "12,99".', 8, _set("price", _with_comma), _has_number),
    Flaw("currency in price", 'The price is "€ 12.99".', 6, _set("price", "€ {:.2f}".format), _has_number),
    Flaw("shouting", "THE TITLE IS IN CAPITALS.", 8, _set("title", str.upper), _has_title),
    Flaw("html", "Tags and entities in the description.", 14, _set("description", _as_html), _has_description),
    Flaw("empty brand", "The brand is an empty text.", 6, _set("brand", lambda _: ""), lambda _: True),
    Flaw("double spaces", "Words of the title stand two spaces apart.", 10,
         _set("title", lambda text: "  ".join(text.split(" "))), _has_title),
    Flaw("mojibake", "The description is UTF-8 read as Latin-1.", 6, _set("description", _misread), _is_not_ascii),
)  # fmt: skip
"""Flaws of rows that are kept."""

STALE = Flaw(
    "duplicate id", "An older row of the same product comes earlier in the feed; the last one is right.", 8,
    _set("price", lambda price: round(1.1 * price + 1, 2)), _has_number,
)  # fmt: skip
"""The flaw of rows that are replaced: copies that come before the row they are copies of."""

EXTRA = (
    Flaw("no title", "The row has neither title nor description.", 3, _untitle, _has_title),
    Flaw("no id", "The row has no id.", 3, _remove("id"), _has_title),
    Flaw("absurd price", 'The price is "NaN".', 2, _set("price", lambda _: "NaN"), _has_number),
)  # fmt: skip
"""Flaws of rows that are refused."""


def plant(rows: Sequence[Row], seed: int) -> tuple[list[Row], list[Planted]]:
    """The rows with all flaws in them, and where they are. No row has two; the given rows are left alone."""
    rng = random.Random(f"{seed}/flaws")
    feed = copy.deepcopy(list(rows))
    clean = list(feed)
    flawed: list[tuple[Flaw, Fate, list[Row]]] = []
    for flaw in IN_PLACE:
        chosen = _choose(flaw, clean, len(rows), rng)
        for row in chosen:
            flaw.spoil(row)
        flawed.append((flaw, Fate.KEPT, chosen))
    unused = iter(range(1_000_000, 2_000_000))
    for flaw in (STALE, *EXTRA):
        copies = []
        for row in _choose(flaw, clean, len(rows), rng):
            extra = copy.deepcopy(row)
            place = rng.randrange(_position(feed, row) + 1)
            if flaw is not STALE:
                extra["id"] = str(next(unused))
            flaw.spoil(extra)
            feed.insert(place, extra)
            copies.append(extra)
        flawed.append((flaw, Fate.REPLACED if flaw is STALE else Fate.REFUSED, copies))
    lines = {id(row): line for line, row in enumerate(feed, start=1)}
    return feed, [_planted(flaw, fate, spoilt, lines) for flaw, fate, spoilt in flawed]


def _choose(flaw: Flaw, clean: list[Row], size: int, rng: random.Random) -> list[Row]:
    """Takes rows that suit the flaw out of those that have none yet."""
    suitable = [row for row in clean if flaw.suits(row)]
    number = min(len(suitable), max(1, round(flaw.rows * size / PER_CATALOGUE)))
    chosen = rng.sample(suitable, number)
    taken = {id(row) for row in chosen}
    clean[:] = [row for row in clean if id(row) not in taken]
    return chosen


def _position(feed: list[Row], wanted: Row) -> int:
    return next(place for place, row in enumerate(feed) if row is wanted)


def _planted(flaw: Flaw, fate: Fate, rows: list[Row], lines: dict[int, int]) -> Planted:
    ordered = sorted(rows, key=lambda row: lines[id(row)])
    return Planted(
        flaw.name,
        flaw.what,
        fate,
        tuple(lines[id(row)] for row in ordered),
        tuple(str(row.get("id", "")) for row in ordered),
    )
