from __future__ import annotations

from decimal import Decimal
from math import inf, nan

import pytest

from indexer.errors import ConfigurationError, RowError
from indexer.feeds.currency import check_currency, find_currency
from indexer.feeds.money import Amount, DotMeans, judge_dots, read_amount, to_minor
from indexer.money import minor_digits


@pytest.mark.parametrize(
    ("written", "amount", "currency"),
    [
        ("12.99", "12.99", ""),
        (12.99, "12.99", ""),
        (0.1, "0.1", ""),
        (12, "12", ""),
        (Decimal("12.990"), "12.990", ""),
        ("12.99 EUR", "12.99", "EUR"),
        ("EUR 12.99", "12.99", "EUR"),
        ("€12,99", "12.99", "EUR"),
        ("12,99€", "12.99", "EUR"),
        ("1.299,00", "1299.00", ""),
        ("1,299.00 USD", "1299.00", "USD"),
        ("1,299", "1299", ""),
        ("12,5", "12.5", ""),
        ("1.299.000", "1299000", ""),
        ("1 299,00 zł", "1299.00", "PLN"),
        ("CHF 1'299.50", "1299.50", "CHF"),
        ("Fr. 12.-", "12", "CHF"),
        ("£.99", "0.99", "GBP"),
        ("Rs. 499", "499", "INR"),
        ("Fr.12.50", "12.50", "CHF"),
        ("1e3", "1e3", ""),
        ("12.990", "12.990", ""),
        ("34.0000", "34.0000", ""),
        ("0", "0", ""),
    ],
)
def test_prices_are_read_as_shops_write_them(written: object, amount: str, currency: str) -> None:
    assert read_amount("price", written, "XXX") == Amount(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (nan, "not finite"),
        (inf, "not finite"),
        ("NaN", "not finite"),
        ("-Infinity", "not finite"),
        (-1, "negative"),
        ("-12,99 €", "negative"),
        (1e13, "above 10^12"),
        ("99999999999999", "above 10^12"),
        ("on request", "not a price"),
        ("12.99 PCS", "'PCS' is no currency"),
        ("10 - 20", "not a price"),
        ("EUR 5 USD", "not a price"),
        ("1.2.3,4,5", "cannot be read as one number"),
        (True, "not a price"),
        ({"a": 1}, "not a price"),
        ("1" + " " * 100_000 + "+", "not a price"),
    ],
)
def test_what_is_no_price_is_told(written: object, reason: str) -> None:
    with pytest.raises(RowError, match="price") as caught:
        read_amount("Price", written, "XXX")
    assert caught.value.field == "Price"
    assert reason in caught.value.reason
    assert len(caught.value.value) <= 200


@pytest.mark.parametrize(
    ("texts", "means"),
    [
        (["899", "1.299", "12.499"], DotMeans.THOUSANDS),
        (["1.299,00", "5.000"], DotMeans.THOUSANDS),
        (["12.990", "8.500"], DotMeans.DECIMAL),
        (["1.299", "5.5", "7"], DotMeans.DECIMAL),
        ([], DotMeans.DECIMAL),
    ],
)
def test_a_column_says_what_its_dots_mean(texts: list[str], means: DotMeans) -> None:
    assert judge_dots(texts) is means


def test_a_dot_that_groups_thousands_is_none_of_decimals() -> None:
    assert read_amount("price", "1.299 €", "XXX", DotMeans.THOUSANDS).value == 1299


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.99", "EUR", 1299),
        ("1299", "JPY", 1299),
        ("1.299", "KWD", 1299),
        ("12.99", "XXX", 1299),
        ("8.405", "EUR", 841),  # half up, not to even
        ("999999999999.99", "EUR", 99_999_999_999_999),
    ],
)
def test_amounts_become_the_minor_unit_of_their_currency(amount: str, currency: str, minor: int) -> None:
    assert to_minor(Decimal(amount), currency) == minor


def test_minor_units_are_those_of_iso_4217() -> None:
    assert {code: minor_digits(code) for code in ("EUR", "JPY", "KWD", "HUF", "XXX")} == {
        "EUR": 2, "JPY": 0, "KWD": 3, "HUF": 2, "XXX": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("sign", "default", "code"),
    [
        ("$", "XXX", "USD"),
        ("$", "CAD", "CAD"),
        ("$", "EUR", "USD"),
        ("kr", "SEK", "SEK"),
        ("kr", "EUR", "XXX"),
        ("¥", "CNY", "CNY"),
        ("eur", "XXX", "EUR"),
        ("pcs", "XXX", None),
    ],
)
def test_a_sign_of_several_countries_is_decided_by_the_default(sign: str, default: str, code: str | None) -> None:
    assert find_currency(sign, default) == code


def test_an_unknown_default_is_a_wrong_setting() -> None:
    with pytest.raises(ConfigurationError, match="'EURO'"):
        check_currency("EURO")
