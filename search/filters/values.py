"""From a value as written to the value that a column holds."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from indexer.engines.query import Atom
from indexer.fields import FieldType
from search.errors import Place, RequestError, shown
from search.filters.columns import Column

Exact = float | Fraction
"""A number as float, an amount of money in minor units or a time in seconds since 1970 as fraction."""

DAY_S = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_S = 253_402_300_799
"""The last second of the year 9999, where the calendar of Python ends."""
MAX_AMOUNT = 10**12
"""The largest amount of money, in major units: far from where a float would lose the minor ones."""

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_AMOUNT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Written:
    """A value as written, and where."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Span:
    """What a written number, amount or date stands for: `start` alone, or all from `start` up to `end` (a day)."""

    start: Exact
    end: Exact | None = None


def read_span(column: Column, written: Written) -> Span:
    """The value of a number, money or date column.

    Raises:
        RequestError: it is none of the column's type.
    """
    if column.type is FieldType.NUMBER:
        return Span(_number(column, written))
    if column.type is FieldType.MONEY:
        return Span(_amount(column, written))
    return _time(column, written)


def read_atom(column: Column, written: Written) -> Atom:
    """The value of a keyword, path or boolean column.

    Raises:
        RequestError: it is none of the column's type.
    """
    if column.type is not FieldType.BOOLEAN:
        return written.text
    if written.text.lower() not in ("true", "false"):
        raise _mismatch(column, written, "true or false")
    return written.text.lower() == "true"


def _number(column: Column, written: Written) -> float:
    if _NUMBER.fullmatch(written.text):
        number = float(written.text)
        if math.isfinite(number):
            return number
    raise _mismatch(column, written, "a number such as 12.5, with a point and without separators of thousands")


def _amount(column: Column, written: Written) -> Fraction:
    if _AMOUNT.fullmatch(written.text):
        amount = Fraction(written.text)
        if abs(amount) > MAX_AMOUNT:
            raise _mismatch(column, written, f"an amount of at most {MAX_AMOUNT:,}")
        return amount * Fraction(10**column.digits)
    example = "1299" if column.digits == 0 else f"12.{'9' * column.digits}"
    raise _mismatch(column, written, f"an amount such as {example}, with a point and without the currency")


def _time(column: Column, written: Written) -> Span:
    text = written.text
    try:
        if _DATE.fullmatch(text):
            start = _seconds(datetime.fromisoformat(text))
            return Span(start, min(start + DAY_S, Fraction(_LAST_S)))
        if _MOMENT.fullmatch(text):
            return Span(_seconds(datetime.fromisoformat(text)))
    except (ValueError, OverflowError) as error:
        raise _mismatch(column, written, f"a date that exists ({error})") from error
    raise _mismatch(column, written, "a date such as 2020-01-31, or a time such as 2020-01-31T12:00:00Z")


def _seconds(moment: datetime) -> Fraction:
    in_utc = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Fraction((in_utc - EPOCH) // timedelta(microseconds=1), 1_000_000)


def _mismatch(column: Column, written: Written, wanted: str) -> RequestError:
    return written.place.error(f'"{column.name}" is a {column.type} field; "{shown(written.text)}" is not {wanted}')
