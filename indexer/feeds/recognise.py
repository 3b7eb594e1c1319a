"""What a column is, by its name alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz

from indexer.errors import FeedError
from indexer.feeds.currency import currency_codes
from indexer.feeds.errors import MappingError
from indexer.feeds.flatten import language_of
from indexer.feeds.names import ID, ID_TABLE, IN_VARIANTS, TARGET_TABLE, TARGETS, find_name, name_key

MAX_COLUMNS_SHOWN = 40
MIN_LIKENESS = 55

_MONEY = ("price", "sale_price", "list_price")
_TEXTS = ("title", "description")
_IMAGE_NAME = re.compile(r"(?:image|img|picture|photo|thumbnail)")
_IN_CURRENCY = re.compile(r"(?P<base>.+?)[\s_.:([-]+(?P<code>[A-Za-z]{3})[\])]?")
_IN_LANGUAGE = re.compile(
    r"(?P<base>.+?)(?:[_:.\s-](?P<bare>[a-z]{2}(?:[_-][A-Z]{2})?)|[\[(](?P<inside>[A-Za-z_-]{2,5})[\])])"
)
_UNLISTED = 1000
# Beyond it a name is no usual one, and the patterns above would be slow.
_MAX_NAME_CHARS = 100


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name stands for.

    Args:
        target: of `TARGETS`, "" for an attribute.
        rank: of several columns with one target the lowest goes first.
        currency: that the name speaks of, as `price_eur` does.
        language: that the name speaks of, as `title_de` does.
        base: the name without its language, "" where the language is in no name.
        only_urls: the name begins like that of an image, so only an address in it is one.
    """

    target: str = ""
    rank: int = 0
    currency: str = ""
    language: str = ""
    base: str = ""
    only_urls: bool = False


def recognise(name: str) -> Meaning:
    """The meaning of a column's name; what names ids is told by `id_rank`, since a `sku` may be one or not."""
    if known := find_name(TARGET_TABLE, name):
        return Meaning(*known)
    if len(name) > _MAX_NAME_CHARS:
        return Meaning()
    if match := _IN_CURRENCY.fullmatch(name):
        code = match["code"].upper()
        base = recognise(match["base"]) if code in currency_codes() else Meaning()
        if base.target in _MONEY:
            return Meaning(base.target, base.rank + _UNLISTED, currency=code)
    if match := _IN_LANGUAGE.fullmatch(name):
        language = language_of(match["bare"] or match["inside"].lower())
        base = recognise(match["base"]) if language else Meaning()
        if base.target in _TEXTS:
            return Meaning(base.target, base.rank, language=language, base=match["base"])
    if _IMAGE_NAME.match(name_key(name)):
        return Meaning("image", _UNLISTED, only_urls=True)
    return Meaning()


def recognise_in_variant(name: str) -> Meaning:
    """The meaning of a name within a variant."""
    meaning = recognise(name)
    return meaning if meaning.target in IN_VARIANTS else Meaning()


def id_rank(name: str) -> int | None:
    """How well a name suits an id, lower is better; None where it does not."""
    known = find_name(ID_TABLE, name)
    return known and known[1]


def check_mapping(mapping: Mapping[str, str], columns: Iterable[str]) -> dict[str, Meaning]:
    """Meaning by column, from column by target as `--map title=name` and `--map title@de=Titel_de` give it.

    Raises:
        MappingError: a target, a language or a column does not exist; the message has those that do.
    """
    known = list(columns)
    by_column: dict[str, Meaning] = {}
    for asked, column in mapping.items():
        meaning = _mapped_meaning(asked)
        if column not in known:
            raise MappingError(f"the feed has no column {column!r} to be the {asked}; {seen_columns(known, [column])}")
        by_column[column] = meaning
    return by_column


def _mapped_meaning(asked: str) -> Meaning:
    name, at, code = asked.partition("@")
    target = _PLURALS.get(name, name)
    if target not in TARGETS:
        raise MappingError(
            f"there is no field {name!r} to map to; there are {', '.join(TARGETS)}; a text in one language is written "
            f"{' or '.join(f'{text}@de' for text in _TEXTS)}"
        )
    if not at:
        return Meaning(target)
    if target not in _TEXTS:
        raise MappingError(
            f"{asked!r}: {target} has no languages; only {' and '.join(_TEXTS)} do; write {target}=COLUMN"
        )
    language = language_of(code.lower())
    if not language:
        raise MappingError(f"{asked!r}: {code!r} is no language; wanted is a code of ISO 639 such as {target}@de")
    # It goes before a column whose name says the same.
    return Meaning(target, -1, language=language)


def no_column_for(target: str, columns: Iterable[str]) -> FeedError:
    """The error that no column can be the id or title."""
    table = ID_TABLE if target == ID else TARGET_TABLE
    names = [name for name, (wanted, _) in table.items() if wanted == target]
    return FeedError(
        f"no column of the feed can be told to be the {target}; name it with --map {target}=COLUMN; "
        f"{seen_columns(list(columns), names)}"
    )


def seen_columns(columns: list[str], wanted: list[str]) -> str:
    """The columns seen, and those nearest to what was wanted."""
    keys = [name_key(name) for name in wanted]
    scores = {column: max(fuzz.ratio(name_key(column), key) for key in keys) for column in columns}
    likely = sorted((column for column in columns if scores[column] >= MIN_LIKENESS), key=lambda c: -scores[c])[:3]
    seen = ", ".join(map(repr, columns[:MAX_COLUMNS_SHOWN])) or "none"
    more = f" and {len(columns) - MAX_COLUMNS_SHOWN} more" if len(columns) > MAX_COLUMNS_SHOWN else ""
    nearest = f"; nearest: {', '.join(map(repr, likely))}" if likely else ""
    return f"columns seen: {seen}{more}{nearest}"


_PLURALS = {"categories": "category", "gtins": "gtin", "images": "image"}
