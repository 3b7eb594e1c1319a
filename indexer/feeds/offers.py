"""What a row asks for its product: price, crossed-out price, currency and availability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indexer.errors import RowError
from indexer.feeds.availability import is_stock_number, read_availability
from indexer.feeds.canonical import read_by_channel
from indexer.feeds.currency import find_currency
from indexer.feeds.gather import Claim, Gathered
from indexer.feeds.money import Amount, read_amount, to_minor
from indexer.feeds.names import OFFERS
from indexer.feeds.records import shown
from indexer.product import DEFAULT_CHANNEL, UNKNOWN_CURRENCY, Availability, Offer

_OF_ONE = ("price", "sale_price", "list_price", "currency", "availability")


def read_offers(gathered: Gathered, default_currency: str) -> Mapping[str, Offer]:
    """The offers of a row by channel: those that it has in the catalogue's own form, and that of its own columns.

    Where both speak of the default channel, the own form counts, and the columns become attributes.

    Args:
        default_currency: of prices that name none; those of the own form all do.

    Raises:
        RowError: a price or a currency cannot be read, or the own form is broken.
    """
    offers = gathered.first(OFFERS, read_by_channel, lists=True) or {}
    if DEFAULT_CHANNEL in offers:
        for claim in (claim for target in _OF_ONE for claim in gathered.claims(target)):
            gathered.leave(claim)
        return offers
    offer = read_offer(gathered, default_currency)
    return offers if offer is None else {DEFAULT_CHANNEL: offer, **offers}


def currency_within(gathered: Gathered, offers: Mapping[str, Offer], default_currency: str) -> str:
    """The currency of what a row holds, such as the prices of its variants, where these name none.

    Args:
        offers: of the row itself.
        default_currency: where the row names none either.
    """
    own = offers.get(DEFAULT_CHANNEL)
    if own is not None and own.currency != UNKNOWN_CURRENCY:
        return own.currency
    named = (find_currency(str(claim.value), default_currency) for claim in gathered.claims("currency"))
    return next((code for code in named if code), default_currency)


def read_offer(gathered: Gathered, default_currency: str) -> Offer | None:
    """The offer of a row, None where it speaks neither of a price nor of availability.

    A sale price below the price is the price, and the price then the crossed-out one; a sale price of 0 is none.

    Args:
        default_currency: where the row names none.

    Raises:
        RowError: a price or a currency cannot be read.
    """

    def currency_of(field: str, value: Any) -> str | None:
        code = find_currency(str(value), default_currency)
        if code is None:
            raise RowError(field, shown(value), "no currency; use ISO 4217 codes such as EUR")
        return code

    row_currency = gathered.first("currency", currency_of)
    price = _amount(gathered, "price", default_currency)
    sale = _amount(gathered, "sale_price", default_currency)
    crossed_out = _amount(gathered, "list_price", default_currency)
    availability = _availability(gathered)
    if price is None and sale is None and crossed_out is None and availability is None:
        return None
    if sale is not None and sale.value and (price is None or sale.value < price.value):
        price, crossed_out = sale, price or crossed_out
    named = (amount.currency for amount in (price, crossed_out) if amount is not None and amount.currency)
    currency = next(named, row_currency or default_currency)
    if crossed_out is not None:
        same = (crossed_out.currency or currency) == currency
        crossed_out = crossed_out if same and (price is None or crossed_out.value > price.value) else None
    return Offer(
        price=None if price is None else to_minor(price.value, currency),
        currency=currency,
        list_price=None if crossed_out is None else to_minor(crossed_out.value, currency),
        availability=availability or Availability.IN_STOCK,
    )


def _amount(gathered: Gathered, target: str, default_currency: str) -> Amount | None:
    """The amount in the best column that has one; columns behind it become attributes, unread."""
    found: Amount | None = None
    for claim in gathered.claims(target):
        value = _single(claim)
        if found is not None:
            gathered.leave(claim)
        elif value is not None:
            amount = read_amount(claim.column.name, value, default_currency, claim.column.dot)
            found = Amount(amount.value, amount.currency or claim.column.meaning.currency)
    return found


def _single(claim: Claim) -> Any:
    """The value of a price column, None where it is blank."""
    value = claim.value
    if isinstance(value, list):
        different = [entry for entry in value if entry is not None and entry != ""]
        if len({str(entry) for entry in different}) > 1:
            raise RowError(claim.column.name, shown(value), "several prices in one row; give one, or variants")
        value = different[0] if different else None
    return None if isinstance(value, str) and not value.strip() else value


def _availability(gathered: Gathered) -> Availability | None:
    found: Availability | None = None
    for claim in gathered.claims("availability"):
        value = claim.value[0] if isinstance(claim.value, list) and claim.value else claim.value
        state = read_availability(value) if found is None else None
        found = found or state
        if state is None or is_stock_number(value, counted=claim.column.is_count):
            gathered.leave(claim)
    return found
