"""Prices as shops write them, as exact integers of the currency's minor unit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import Enum

from indexer.errors import RowError
from indexer.feeds.currency import find_currency
from indexer.feeds.records import shown
from indexer.money import minor_digits
from indexer.product import UNKNOWN_CURRENCY

MAX_AMOUNT = Decimal(10) ** 12

_PRICE = re.compile(
    r"(?P<before>[^\d\s+.,-]*(?:(?<=[^\W\d])\.)?)\s*(?P<sign>[+-]?)\s*(?P<number>\d[\d.,'’\s]*?|\.\d+)\s*(?P<after>[^\d\s+-]*)"
)
_MACHINE = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*")
_GROUPING_ONLY = re.compile(r"['’\s]")
_NO_CENTS = re.compile(r"(?<=\d)[.,][-–—]{1,2}")
_MAX_PRICE_CHARS = 64


class DotMeans(Enum):
    """What a dot before exactly three digits is, as in "1.299"."""

    DECIMAL = "decimal"
    THOUSANDS = "thousands"


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in major units, with the currency that was written beside it, "" for none."""

    value: Decimal
    currency: str = ""


def judge_dots(texts: Iterable[str]) -> DotMeans:
    """What dots mean in a column of prices.

    They group thousands where a comma is seen as decimal mark, or where every dot stands before three digits while
    other prices have none at all. Else they are decimal marks: "12.990" alone is twelve and some.
    """
    grouped = plain = 0
    for text in texts:
        match = _parts(text.strip())
        if match is None:
            continue
        number = match["number"]
        if re.search(r",\d{1,2}$", number):
            return DotMeans.THOUSANDS
        if "." not in number:
            plain += "," not in number
        elif _GROUPED.fullmatch(number):
            grouped += 1
        else:
            return DotMeans.DECIMAL
    return DotMeans.THOUSANDS if grouped and plain else DotMeans.DECIMAL


def read_amount(field: str, value: object, default_currency: str, dot: DotMeans = DotMeans.DECIMAL) -> Amount:
    """The amount in a cell: a number, or a text such as "12.99 EUR", "€12,99", "1.299,00", "1 299,00 kr".

    Raises:
        RowError: it is no price, or not finite, negative, or above 10^12.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise RowError(field, shown(value), "not a price; expected a number or a text such as 12.99 EUR")
    if isinstance(value, str):
        amount = _from_text(field, value, default_currency, dot)
    else:
        # The shortest digits that mean this float: 12.99, not the binary fraction nearest to it.
        amount = Amount(Decimal(repr(value)) if isinstance(value, float) else Decimal(value))
    if not amount.value.is_finite():
        raise RowError(field, shown(value), "not a price: it is not finite; leave it empty where there is none")
    if amount.value < 0:
        raise RowError(field, shown(value), "a price cannot be negative")
    if amount.value > MAX_AMOUNT:
        raise RowError(field, shown(value), "no price is above 10^12")
    return amount


def to_minor(amount: Decimal, currency: str) -> int:
    """The amount in the currency's minor unit; what is finer, as in prices net of tax, is rounded half up."""
    return int(amount.scaleb(minor_digits(currency)).to_integral_value(ROUND_HALF_UP))


def _from_text(field: str, text: str, default_currency: str, dot: DotMeans) -> Amount:
    text = text.strip()
    if text.lower().lstrip("+-") in ("nan", "inf", "infinity"):
        return Amount(Decimal(text))
    if _MACHINE.fullmatch(text) and not (dot is DotMeans.THOUSANDS and _GROUPED.fullmatch(text)):
        return Amount(Decimal(text))
    match = _parts(text)
    if match is None or (match["before"] and match["after"]):
        raise RowError(field, shown(text), "not a price; expected a number or a text such as 12.99 EUR")
    sign = match["before"] or match["after"]
    currency = find_currency(sign, default_currency) if sign else ""
    if currency is None:
        raise RowError(field, shown(text), f"not a price: {sign!r} is no currency; use ISO 4217 codes such as EUR")
    try:
        number = Decimal(match["sign"] + _normalised(match["number"], dot))
    except InvalidOperation as error:
        raise RowError(field, shown(text), "not a price: the digits cannot be read as one number") from error
    return Amount(number, "" if currency == UNKNOWN_CURRENCY else currency)


def _parts(text: str) -> re.Match[str] | None:
    # The limit keeps a hostile text from making the pattern slow; "12.-" is how the Swiss write 12.00.
    return _PRICE.fullmatch(_NO_CENTS.sub("", text)) if len(text) <= _MAX_PRICE_CHARS else None


def _normalised(number: str, dot: DotMeans) -> str:
    """The number with a dot as decimal mark and nothing between its digits else."""
    number = _GROUPING_ONLY.sub("", number).rstrip(".,")
    comma_at, dot_at = number.rfind(","), number.rfind(".")
    if comma_at >= 0 and dot_at >= 0:
        decimal, group = (",", ".") if comma_at > dot_at else (".", ",")
        return number.replace(group, "").replace(decimal, ".")
    grouped = _GROUPED.fullmatch(number)
    if comma_at >= 0:
        return number.replace(",", "" if grouped else ".")
    if grouped and (number.count(".") > 1 or dot is DotMeans.THOUSANDS):
        return number.replace(".", "")
    return number
