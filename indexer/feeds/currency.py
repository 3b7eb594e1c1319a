"""Currencies: their codes, and what people write for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from babel.numbers import list_currencies

from indexer.errors import ConfigurationError
from indexer.product import UNKNOWN_CURRENCY


@dataclass(frozen=True, slots=True)
class _Sign:
    """A sign: the currency it means by itself ("" where it means none), and all it may mean."""

    alone: str
    among: frozenset[str] = frozenset()


_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP"})
_CROWNS = frozenset({"SEK", "NOK", "DKK", "ISK"})
_SIGNS = {
    "€": _Sign("EUR"),
    "£": _Sign("GBP"),
    "$": _Sign("USD", _DOLLARS),
    "us$": _Sign("USD"),
    "c$": _Sign("CAD"),
    "ca$": _Sign("CAD"),
    "a$": _Sign("AUD"),
    "au$": _Sign("AUD"),
    "nz$": _Sign("NZD"),
    "hk$": _Sign("HKD"),
    "s$": _Sign("SGD"),
    "r$": _Sign("BRL"),
    "¥": _Sign("JPY", frozenset({"JPY", "CNY"})),
    "￥": _Sign("JPY", frozenset({"JPY", "CNY"})),
    "円": _Sign("JPY"),
    "元": _Sign("CNY"),
    "₩": _Sign("KRW"),
    "₹": _Sign("INR"),
    "rs": _Sign("INR", frozenset({"INR", "PKR", "LKR", "NPR"})),
    "₽": _Sign("RUB"),
    "руб": _Sign("RUB"),
    "₺": _Sign("TRY"),
    "₪": _Sign("ILS"),
    "₫": _Sign("VND"),
    "฿": _Sign("THB"),
    "₴": _Sign("UAH"),
    "₱": _Sign("PHP"),
    "zł": _Sign("PLN"),
    "kč": _Sign("CZK"),
    "ft": _Sign("HUF"),
    "lei": _Sign("RON"),
    "fr": _Sign("CHF"),
    "sfr": _Sign("CHF"),
    "kr": _Sign("", _CROWNS),
    "euro": _Sign("EUR"),
    "euros": _Sign("EUR"),
}


@cache
def currency_codes() -> frozenset[str]:
    """All ISO 4217 codes, those of the past included."""
    return frozenset(list_currencies())


def find_currency(text: str, default: str) -> str | None:
    """The code that a code, sign or name stands for; None when it is none.

    Args:
        text: such as "EUR", "€", "kr.".
        default: decides where a sign is used in several countries.
    """
    code = text.strip().upper()
    if code in currency_codes():
        return code
    sign = _SIGNS.get(text.strip().rstrip(".").casefold())
    if sign is None:
        return None
    return default if default in sign.among else sign.alone or UNKNOWN_CURRENCY


def check_currency(code: str) -> str:
    """The code itself.

    Raises:
        ConfigurationError: ISO 4217 has no such code.
    """
    if code not in currency_codes():
        raise ConfigurationError(f"there is no currency {code!r} in ISO 4217; give a code such as EUR, USD or JPY")
    return code
