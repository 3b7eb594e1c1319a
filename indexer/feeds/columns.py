"""The plan of a feed's columns: which becomes what, decided once on a sample and kept for the whole feed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from indexer.errors import RowError
from indexer.feeds.money import DotMeans, judge_dots
from indexer.feeds.names import ID, LISTS, TARGET_TABLE, TITLE, VARIANTS, find_name, name_key
from indexer.feeds.recognise import Meaning, check_mapping, id_rank, no_column_for, recognise, recognise_in_variant
from indexer.feeds.records import shown
from indexer.feeds.sample import ColumnStats
from indexer.feeds.text import clean

_MONEY = frozenset({"price", "sale_price", "list_price"})
# A feed may invent new columns in every row; beyond so many, each is recognised anew whenever it comes.
_MAX_KEPT = 20_000


class Kind(Enum):
    """What the texts of a column are, where the format knows nothing but texts."""

    TEXT = "text"
    NUMBER = "number"
    DECIMAL_COMMA = "decimal comma number"
    BOOLEAN = "boolean"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Column:
    """What to do with the values of one column.

    Args:
        name: its own name, without control characters: that of the attribute.
        meaning: its target and rank among the columns of that target.
        dot: in prices.
        kind: of attributes where all values are texts.
        is_count: it speaks of availability by the number in stock, which is kept as an attribute.
    """

    name: str
    meaning: Meaning = Meaning()  # noqa: RUF009 - it is frozen
    dot: DotMeans = DotMeans.DECIMAL
    kind: Kind = Kind.TEXT
    is_count: bool = False

    @property
    def target(self) -> str:
        return self.meaning.target


class Columns(dict[str, Column]):
    """The columns of a feed by name; those that the sample did not show are recognised when they are first met.

    Args:
        stats: of the columns in the sample.
        rows: how many rows of the sample could be read.
        mapping: column by target, as `--map` gives it; a text in one language is the target `title@de`.

    Raises:
        FeedError: no column can be the id or the title.
        MappingError: `mapping` names what does not exist.
    """

    def __init__(self, stats: Mapping[str, ColumnStats], rows: int, mapping: Mapping[str, str]) -> None:
        super().__init__()
        self._stats = stats
        self._mapped = check_mapping(mapping, stats) if mapping else {}
        self._taken = frozenset((meaning.target, meaning.language) for meaning in self._mapped.values())
        self.id = self._mapped_to(ID) or _choose(ID, _ranked_ids(stats), stats, rows)
        in_languages = {column for column, meaning in self._mapped.items() if meaning.language}
        titles = _ranked_titles(stats, {self.id, *in_languages})
        # Where each title has its language, there is none beside them.
        title_in_language = "" if titles else self._mapped_to(TITLE, any_language=True)
        self.title = self._mapped_to(TITLE) or title_in_language or _choose(TITLE, titles, stats, rows)

    def __missing__(self, name: str) -> Column:
        column = _column(name, self._meaning(name), self._stats.get(name))
        if len(self) < _MAX_KEPT:
            self[name] = column
        return column

    def _meaning(self, name: str) -> Meaning:
        mapped = self._mapped.get(name, Meaning())
        if mapped.language:
            return mapped
        if name == self.id and mapped.target in ("", ID):
            return Meaning(ID)
        if name == self.title:
            return Meaning(TITLE)
        if mapped.target:
            return mapped
        meaning = recognise(name)
        if (meaning.target, meaning.language) in self._taken:
            return Meaning()
        if meaning.language:
            return meaning if self._is_base(meaning) else Meaning()
        return Meaning() if meaning.target == TITLE else meaning

    def _is_base(self, meaning: Meaning) -> bool:
        """Whether the column exists that this one holds another language of."""
        return meaning.base == self.title if meaning.target == TITLE else meaning.base in self._stats

    def _mapped_to(self, target: str, *, any_language: bool = False) -> str:
        return next(
            (
                column
                for column, meaning in self._mapped.items()
                if meaning.target == target and (any_language or not meaning.language)
            ),
            "",
        )


class VariantColumns(dict[str, Column]):
    """The columns within variants, recognised by the same names.

    Args:
        stats: of the columns in the sample, those of variants under `variants.`.
    """

    def __init__(self, stats: Mapping[str, ColumnStats]) -> None:
        super().__init__()
        self._stats = stats

    def __missing__(self, name: str) -> Column:
        stats = next((self._stats[key] for group in VARIANTS if (key := f"{group}.{name}") in self._stats), None)
        column = _column(name, recognise_in_variant(name), stats)
        if len(self) < _MAX_KEPT:
            self[name] = column
        return column


def _column(name: str, meaning: Meaning, stats: ColumnStats | None) -> Column:
    dot = judge_dots(stats.texts) if stats and meaning.target in _MONEY else DotMeans.DECIMAL
    is_count = meaning.target == "availability" and stats is not None and stats.has_count
    # Beside words such as "sold out" the numbers stay numbers.
    kind = Kind.NUMBER if is_count else _kind(name, stats)
    return Column(_clean_name(name), meaning, dot, kind, is_count)


def _choose(target: str, ranked: Mapping[str, int], stats: Mapping[str, ColumnStats], rows: int) -> str:
    """The best-named column with a value in at least half of the rows, else the one with the most values."""
    filled = [column for column in sorted(ranked, key=ranked.__getitem__) if stats[column].filled]
    if not filled:
        raise no_column_for(target, stats)
    often = (column for column in filled if 2 * stats[column].filled >= rows)
    return next(often, max(filled, key=lambda column: stats[column].filled))


def _ranked_ids(stats: Mapping[str, ColumnStats]) -> dict[str, int]:
    return {column: rank for column in stats if (rank := id_rank(column)) is not None}


def _ranked_titles(stats: Mapping[str, ColumnStats], others: Collection[str]) -> dict[str, int]:
    found = {column: find_name(TARGET_TABLE, column) for column in stats if column not in others}
    return {column: known[1] for column, known in found.items() if known and known[0] == TITLE}


def _kind(name: str, stats: ColumnStats | None) -> Kind:
    if name_key(name) in LISTS:
        return Kind.LIST
    if stats is None or not stats.filled:
        return Kind.TEXT
    if stats.numbers == stats.filled:
        return Kind.NUMBER
    if stats.comma_numbers == stats.filled and stats.has_decimal_comma:
        return Kind.DECIMAL_COMMA
    return Kind.BOOLEAN if stats.booleans == stats.filled else Kind.TEXT


def _clean_name(name: str) -> str:
    cleaned = clean(shown(name), name)
    if not cleaned:
        raise RowError(shown(name), "", "a column without a name; name it")
    return cleaned
