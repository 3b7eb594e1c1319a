"""What the store of events takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MAX_EVENTS = 1_000
"""So many are added at once."""

MAX_EVENT_ID_CHARS = 200
MAX_PERSON_CHARS = 200
"""Of a user's or a session's id."""

MAX_QUERY_ID_CHARS = 64


class EventType(StrEnum):
    """What a shopper did with a product."""

    VIEW = "view"
    CLICK = "click"
    ADD_TO_CART = "add_to_cart"
    REMOVE_FROM_CART = "remove_from_cart"
    ADD_TO_WISHLIST = "add_to_wishlist"
    PURCHASE = "purchase"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be kept.

    Args:
        id: tells it from all others of its index; the same one again is not kept twice.
        index: whose product it is.
        type: what was done.
        product_id: with what.
        time: when; with a zone.
        query_id: of the answer that it came from, "" where it came from none.
        user_id: the shopper, "" when unknown.
        session_id: the visit, "" when unknown.
        quantity: how many, None where that was not said.
        value: in the currency's minor unit, None where that was not said.
        currency: of the value, "" where there is none.
    """

    id: str
    index: str
    type: EventType
    product_id: str
    time: datetime
    query_id: str = ""
    user_id: str = ""
    session_id: str = ""
    quantity: int | None = None
    value: int | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class EventRecord:
    """An event as it is kept.

    Args:
        number: the order in which events were kept.
        received_at: when it was kept, in UTC.
        event: what was sent; its time in UTC.
    """

    number: int
    received_at: datetime
    event: NewEvent


@dataclass(frozen=True, slots=True)
class Person:
    """Whom personal data is of. What has their user or session is theirs, and of their searches what names nobody.

    Args:
        user_id: "" for none.
        session_id: "" for none.
        query_ids: of their searches. What has one of these and names somebody else is not theirs: an answer may be
            kept by a cache and shown to many.
    """

    user_id: str = ""
    session_id: str = ""
    query_ids: frozenset[str] = frozenset()
