"""The first rows of a feed, with what they say of its columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from indexer.errors import FeedError, RowError
from indexer.feeds.availability import is_stock_number
from indexer.feeds.flatten import expand
from indexer.feeds.records import Record, shown

SAMPLE_ROWS = 1_000
SAMPLE_BYTES = 8_000_000
MAX_EXAMPLES = 3
MAX_KEPT_CHARS = 64

NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?")
"""A number that comes back as it was: no zeros before it, no more digits than a float keeps."""

DECIMAL_COMMA = re.compile(r"-?(?:0|[1-9]\d{0,2}(?:\.\d{3}){1,4}(?=,)|[1-9]\d{0,14})(?:,\d{1,15})?")
"""A number as much of Europe writes it: "1,05", "1.250,5", "3"."""

_THOUSANDS = re.compile(r"-?[1-9]\d{0,2},\d{3}")
"""What may have its comma between thousands; more of them, as in "1,200,000", are no decimal comma anyway."""

BOOLEANS = {"true": True, "false": False}


@dataclass(slots=True)
class ColumnStats:
    """What the sample says of one column.

    Args:
        filled: rows with a value.
        numbers: of them, those whose text is a number.
        comma_numbers: those whose text is a number with a decimal comma, or without decimals.
        has_decimal_comma: one of them has a comma that cannot stand between thousands.
        has_count: some value is a number that says more than yes or no.
        booleans: those whose text is true or false.
        typed_numbers: rows whose value is no text but a number, or a list of them.
        typed_booleans: rows whose value is no text but true or false, or a list of them.
        examples: up to 3 different values, shortened.
        texts: the values that are short texts, for columns where their form matters.
    """

    filled: int = 0
    numbers: int = 0
    comma_numbers: int = 0
    has_decimal_comma: bool = False
    has_count: bool = False
    booleans: int = 0
    typed_numbers: int = 0
    typed_booleans: int = 0
    examples: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def add(self, value: Any) -> None:
        self.filled += 1
        values = value if isinstance(value, list) else [value]
        texts = [text.strip() for text in values if isinstance(text, str)]
        self.has_count = self.has_count or any(map(is_stock_number, values))
        if texts:
            self.numbers += all(map(NUMBER.fullmatch, texts))
            if all(map(DECIMAL_COMMA.fullmatch, texts)):
                self.comma_numbers += 1
                self.has_decimal_comma |= any("," in text and not _THOUSANDS.fullmatch(text) for text in texts)
            self.booleans += all(text.lower() in BOOLEANS for text in texts)
            self.texts.extend(text for text in texts if len(text) <= MAX_KEPT_CHARS)
        elif all(isinstance(one, bool) for one in values):
            self.typed_booleans += 1
        else:
            self.typed_numbers += all(
                isinstance(one, int | float | Decimal) and not isinstance(one, bool) for one in values
            )
        if len(self.examples) < MAX_EXAMPLES and (example := shown(value)) not in self.examples:
            self.examples.append(example)


@dataclass(slots=True)
class Sample:
    """The first rows, which are still to be given out.

    Args:
        records: as they came.
        columns: by name, nested ones with dots, in the order in which they appeared.
        readable: how many records have no fault.
        failure: what ended the feed within the sample.
        whole: the feed has no more rows.
    """

    records: list[Record] = field(default_factory=list)
    columns: dict[str, ColumnStats] = field(default_factory=dict)
    readable: int = 0
    failure: FeedError | None = None
    whole: bool = False


def take_sample(records: Iterator[Record]) -> Sample:
    """Takes the first 1,000 rows, or those of the first 8 MB."""
    sample = Sample()
    while len(sample.records) < SAMPLE_ROWS:
        try:
            record = next(records)
        except StopIteration:
            sample.whole = True
            break
        except FeedError as error:
            sample.failure = error
            sample.whole = True
            break
        sample.records.append(record)
        if record.fault is None:
            sample.readable += 1
            _count(record.values.items(), sample.columns)
        if record.offset_bytes > SAMPLE_BYTES:
            break
    return sample


def _count(members: Iterable[tuple[str, Any]], columns: dict[str, ColumnStats]) -> None:
    for name, value in members:
        try:
            pairs = list(expand(name, value)) if isinstance(value, dict | list) else [(name, value)]
        except RowError:
            continue  # this row will be rejected for it; it says nothing of the columns
        for column, inner in pairs:
            stats = columns.get(column)
            if stats is None:
                stats = columns[column] = ColumnStats()
            if inner is not None and inner != "" and inner != []:
                stats.add(inner)
