"""Whether a product can be bought, from the words of feeds, yes and no, or a number in stock."""

from __future__ import annotations

import re
from decimal import Decimal

from indexer.product import Availability

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_WORDS = {
    Availability.IN_STOCK: "in stock, available, yes, true, y, limited availability, limited, low stock, "
    "in store only, online only, instant, available now, on stock",
    Availability.PREORDER: "preorder, pre order, pre sale, coming soon, available for order",
    Availability.BACKORDER: "backorder, back order, on backorder, on back order, made to order",
    Availability.OUT_OF_STOCK: "out of stock, sold out, unavailable, not available, no, false, n, discontinued, "
    "temporarily out of stock, outofstock, oos, not in stock",
}


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


_BY_KEY = {_key(word): state for state, words in _WORDS.items() for word in words.split(",")}


def read_availability(value: object) -> Availability | None:
    """The state that a cell speaks of, None where it speaks of none.

    Takes the values of Google Merchant, WooCommerce and Magento, those of schema.org with or without their address,
    booleans, and numbers in stock.
    """
    if isinstance(value, bool):
        return Availability.IN_STOCK if value else Availability.OUT_OF_STOCK
    if isinstance(value, int | float | Decimal):
        return None if value != value else _of_stock(value > 0)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return _of_stock(float(text) > 0)
    return _BY_KEY.get(_key(text.rsplit("/", 1)[-1]))


def is_stock_number(value: object, *, counted: bool = False) -> bool:
    """Whether it says how many are in stock, which is worth keeping beside the state.

    Args:
        counted: other rows say so with numbers, so that "0" and "1" are no mere no and yes.
    """
    if isinstance(value, str):
        return bool(_NUMBER.fullmatch(value.strip())) and (counted or value.strip() not in ("0", "1"))
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _of_stock(some: bool) -> Availability:
    return Availability.IN_STOCK if some else Availability.OUT_OF_STOCK
