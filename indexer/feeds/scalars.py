"""Numbers, dates and trade numbers in the forms that feeds give them."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime

_LEADING_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,15})?")
_COUNT = re.compile(r"\d{1,3}(?:[.,]\d{3})+|\d{1,15}")
_DIGITS = re.compile(r"[\d\s.-]+")
_GTIN_SEPARATORS = re.compile(r"[,;|]")
# 1973 to 5138 in seconds; above it, milliseconds.
_EPOCH_SECONDS = (1e8, 1e11)
_EPOCH_MILLISECONDS = (1e11, 1e14)


def read_number(value: object) -> float | None:
    """A number: 4.5, "4,5", "4.5 out of 5 stars"; None where there is none, or none that is finite."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | Decimal):
        number = float(value)
        return number if math.isfinite(number) else None
    if isinstance(value, str) and (match := _LEADING_NUMBER.match(value.strip())):
        return float(match.group().replace(",", "."))
    return None


def read_count(value: object) -> int | None:
    """A whole number that is not negative: 1299, "1,299", "1.299", "1299 reviews"."""
    if isinstance(value, str):
        match = _COUNT.match(value.strip().lstrip("("))
        return int(re.sub("[.,]", "", match.group())) if match else None
    number = read_number(value)
    return int(number) if number is not None and number >= 0 and number == int(number) else None


def read_date(value: object) -> str | None:
    """A moment as ISO 8601 in UTC ("2024-05-01T00:00:00Z") from ISO 8601, the dates of RSS, or seconds since 1970.

    Days whose order of month and day would have to be guessed are none.
    """
    try:
        moment = _moment(value)
    except (ValueError, OverflowError):
        return None
    if moment is None:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def read_gtins(value: object) -> tuple[str, ...]:
    """Trade item numbers as their digits, each once; what is not only digits is kept as it is written."""
    found: list[str] = []
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, str):
            parts = _GTIN_SEPARATORS.split(entry) if entry[:1].isdigit() else [entry]
            found += (re.sub(r"\D", "", part) if _DIGITS.fullmatch(part) else part.strip() for part in parts)
        elif isinstance(entry, int | float | Decimal) and not isinstance(entry, bool) and entry == entry // 1:
            found.append(str(int(entry)))
    return tuple(dict.fromkeys(number for number in found if number.strip("0")))


def _moment(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if _EPOCH_SECONDS[0] <= value < _EPOCH_SECONDS[1]:
            return datetime.fromtimestamp(value, UTC)
        if _EPOCH_MILLISECONDS[0] <= value < _EPOCH_MILLISECONDS[1]:
            return datetime.fromtimestamp(value / 1000, UTC)
        return None
    if not isinstance(value, str):
        return None
    text = value.strip()
    if len(text) >= len("2024-05-01") and text[:4].isdigit() and text[4] == "-":
        return datetime.fromisoformat(text)
    return parsedate_to_datetime(text) if ":" in text and len(text) <= 64 else None
