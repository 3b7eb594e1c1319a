"""Money as people read it: amounts in major units, and texts in the language's own form."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from indexer.money import minor_digits
from indexer.product import UNKNOWN_CURRENCY


@lru_cache(maxsize=65_536)
def major(amount: float, currency: str) -> float:
    """An amount in minor units as major units: 1299 EUR → 12.99."""
    return float(Decimal(str(amount)).scaleb(-minor_digits(currency)))


@lru_cache(maxsize=65_536)
def money_text(amount: int, currency: str, language: str) -> str:
    """An amount in minor units as a text: `12,99 €` in German; a plain number where the currency is unknown."""
    from babel import UnknownLocaleError
    from babel.numbers import format_currency, format_decimal

    value = Decimal(amount).scaleb(-minor_digits(currency))
    try:
        if currency == UNKNOWN_CURRENCY:
            return str(format_decimal(value, format="#,##0.00", locale=language))
        # babel would round to the digits of cash.
        return str(format_currency(value, currency, locale=language, decimal_quantization=False))
    except (UnknownLocaleError, ValueError):
        return f"{value} {currency}"
