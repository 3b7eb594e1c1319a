from __future__ import annotations

import pytest

from search.money import major, money_text


@pytest.mark.parametrize(
    ("amount", "currency", "value"),
    [
        (1299, "EUR", 12.99),
        (1299, "JPY", 1299.0),
        (1299, "KWD", 1.299),
        (1299, "XXX", 12.99),
        (0, "EUR", 0.0),
        (10, "EUR", 0.1),
    ],
)
def test_major_units(amount: int, currency: str, value: float) -> None:
    assert major(amount, currency) == value


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        (129900, "EUR", "de", "1.299,00\xa0€"),
        (1299, "EUR", "en", "€12.99"),
        (1200, "EUR", "en", "€12.00"),
        (1299, "JPY", "en", "¥1,299"),
        (12345, "IQD", "en", "IQD12.345"),  # in cash there are no fils, on a price tag there are
        (1299, "XXX", "de", "12,99"),
        (1299, "EUR", "xx", "12.99 EUR"),
    ],
)
def test_money_is_written_as_the_language_does(amount: int, currency: str, language: str, text: str) -> None:
    assert money_text(amount, currency, language).replace("IQD\xa0", "IQD") == text
