"""What was recognised of a feed, for a person to check before importing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from indexer.errors import RowError
from indexer.feeds.canonical import is_part_of_offers
from indexer.feeds.columns import Columns, Kind, VariantColumns
from indexer.feeds.names import OFFERS, VARIANTS
from indexer.feeds.records import Rejected
from indexer.feeds.sample import ColumnStats

MAX_REJECTS = 10


@dataclass(frozen=True, slots=True)
class ColumnDescription:
    """What becomes of one column.

    Args:
        name: in the feed; nested names with dots.
        becomes: the field, as "title", "title in de" or "variant price"; "attribute" for all else.
        filled: rows of the sample with a value.
        examples: up to 3 different values.
    """

    name: str
    becomes: str
    filled: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeedDescription:
    """What a feed is, by its first rows.

    Args:
        format: one of `indexer.feeds.sniff.FORMATS`.
        encoding: of its text, "" for Parquet.
        delimiter: of CSV and TSV, else "".
        compressed: whether it is gzip.
        canonical: it is in the form that the catalogue itself writes.
        rows: how many rows were looked at.
        whole: these are all the rows there are.
        columns: in the order of the feed.
        rejects: the first rows that will be rejected, at most 10.
    """

    format: str
    encoding: str
    delimiter: str
    compressed: bool
    canonical: bool
    rows: int
    whole: bool
    columns: tuple[ColumnDescription, ...]
    rejects: tuple[Rejected, ...]


def describe_columns(
    stats: Mapping[str, ColumnStats], columns: Columns | None, *, textual: bool
) -> tuple[ColumnDescription, ...]:
    """What becomes of each column of a sample.

    Args:
        stats: by column.
        columns: the plan; None for a feed in the catalogue's own form, where each column is the field of its name.
        textual: the format knows nothing but texts, so that numbers are read from them; else a text stays one.
    """
    variants = VariantColumns(stats)
    return tuple(
        ColumnDescription(
            name,
            name.partition(".")[0]
            if columns is None
            else _becomes(name, columns, variants, None if textual else column),
            column.filled,
            tuple(column.examples),
        )
        for name, column in stats.items()
    )


def _becomes(name: str, columns: Columns, variants: VariantColumns, typed: ColumnStats | None) -> str:
    group, _, inner = name.partition(".")
    within = group in VARIANTS and bool(inner)
    if within and is_part_of_offers(inner):
        return f"variant {OFFERS}"
    try:
        column = variants[inner] if within else columns[name]
    except RowError as error:
        return f"rejected: {error.reason}"
    kind = column.kind if typed is None else _kind_of_values(typed)
    becomes = column.target or ("attribute" if kind is Kind.TEXT else f"{kind.value} attribute")
    if column.is_count:
        becomes += ", and an attribute with the number"
    if column.meaning.language:
        becomes += f" in {column.meaning.language}"
    if column.meaning.currency:
        becomes += f" in {column.meaning.currency}"
    if column.meaning.only_urls:
        becomes += ", where it is an address"
    return f"variant {becomes}" if within else becomes


def _kind_of_values(stats: ColumnStats) -> Kind:
    """What the values of a column are, where the format has types."""
    if stats.filled and stats.typed_numbers == stats.filled:
        return Kind.NUMBER
    return Kind.BOOLEAN if stats.filled and stats.typed_booleans == stats.filled else Kind.TEXT
