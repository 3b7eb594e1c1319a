"""An event as a request has it → the event that is kept."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from indexer.money import minor_digits
from indexer.product import MAX_ID_BYTES
from indexer.store.event_records import (
    MAX_EVENT_ID_CHARS,
    MAX_PERSON_CHARS,
    MAX_QUERY_ID_CHARS,
    EventType,
    NewEvent,
)
from search.errors import RequestError, shown
from search.request.characters import check_characters
from search.request.problems import to_request_error

MAX_AHEAD = timedelta(hours=1)
"""So far may the clock of whoever sends be ahead."""

MAX_AGE = timedelta(days=365)
_MAX_QUANTITY = 1_000_000
_MAX_AMOUNT = 10**12


def _text(text: str) -> str:
    if "\0" in text:
        raise ValueError("it has a character NUL, which cannot be kept; leave it out")
    return text


def _product_id(text: str) -> str:
    size = len(text.encode())
    if not 1 <= size <= MAX_ID_BYTES:
        raise ValueError(f"it has {size:,} bytes; an id has 1 to {MAX_ID_BYTES}")
    return _text(text)


_Person = Annotated[str, Field(max_length=MAX_PERSON_CHARS), AfterValidator(_text)]
_TYPES = ", ".join(EventType)


class EventBody(BaseModel):
    """An event in the body of a request. The descriptions say what is wanted; they end up in errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    index: str = Field(description="the name of an index")
    type: Literal[tuple(one.value for one in EventType)] = Field(description=f"one of {_TYPES}")  # type: ignore[valid-type]
    product_id: Annotated[str, AfterValidator(_product_id)] = Field(description="the id of a product, as a text")
    time: str = Field("", description="a time such as 2026-01-31T12:00:00Z")
    id: Annotated[str, AfterValidator(_text)] = Field(
        "", max_length=MAX_EVENT_ID_CHARS, description=f"a text of at most {MAX_EVENT_ID_CHARS} characters"
    )
    query_id: Annotated[str, AfterValidator(_text)] = Field(
        "", max_length=MAX_QUERY_ID_CHARS, description="the query_id of an answer, unchanged"
    )
    user_id: _Person = Field("", description=f"a text of at most {MAX_PERSON_CHARS} characters")
    session_id: _Person = Field("", description=f"a text of at most {MAX_PERSON_CHARS} characters")
    quantity: int | None = Field(
        None, ge=1, le=_MAX_QUANTITY, description=f"a whole number from 1 to {_MAX_QUANTITY:,}"
    )
    value: float | None = Field(None, ge=0, le=_MAX_AMOUNT, allow_inf_nan=False, description="an amount such as 12.99")
    currency: str = Field("", pattern=r"^([A-Z]{3})?$", description="a currency such as EUR")


def read_event(raw: Any, now: datetime) -> NewEvent:
    """Reads and checks one event. Whether there is such an index is not asked.

    Without an id its content is its id, the time it came where it names none: sent again, an event without id and time
    is another one.

    Args:
        raw: plain JSON types; a null and an empty text count as absent.
        now: when it came; with a zone.

    Raises:
        RequestError: an unknown name, a wrong type or value, or something is missing.
    """
    if not isinstance(raw, dict):
        raise RequestError("event", shown(raw), "wanted is an object with index, type and product_id")
    check_characters(raw)
    try:
        body = EventBody.model_validate(
            {name: value for name, value in raw.items() if value is not None and value != ""}
        )
    except ValidationError as error:
        raise to_request_error(error, EventBody) from error
    event = NewEvent(
        id=body.id,
        index=body.index,
        type=EventType(body.type),
        product_id=body.product_id,
        time=_time(body.time, now) if body.time else now,
        query_id=body.query_id,
        user_id=body.user_id,
        session_id=body.session_id,
        quantity=body.quantity,
        value=_minor(body),
        currency=body.currency,
    )
    return event if event.id else replace(event, id=_id_of(event))


def _time(text: str, now: datetime) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        detail = f'wanted is a time such as 2026-01-31T12:00:00Z, not "{shown(text)}"'
        raise RequestError("time", shown(text), detail) from error
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    if time - now > MAX_AHEAD:
        detail = f"it lies in the future, it is {now:%Y-%m-%dT%H:%M:%SZ} here; set the clock of whoever sends it"
        raise RequestError("time", shown(text), detail)
    if now - time > MAX_AGE:
        raise RequestError("time", shown(text), f"it is older than {MAX_AGE.days} days; leave such events out")
    return time.astimezone(UTC)


def _minor(body: EventBody) -> int | None:
    if (body.value is None) != (not body.currency):
        there, missing = ("value", "currency") if body.currency == "" else ("currency", "value")
        raise RequestError(missing, "", f"it is missing beside {there}; give both, or neither")
    if body.value is None:
        return None
    # By the digits that were written, since a float has others behind them.
    amount = Decimal(repr(body.value)).scaleb(minor_digits(body.currency))
    if amount != amount.to_integral_value():
        digits = minor_digits(body.currency)
        detail = f"an amount of {body.currency} has at most {digits} digits behind the point, not {body.value!r}"
        raise RequestError("value", shown(body.value), detail)
    return int(amount)


def _id_of(event: NewEvent) -> str:
    content = {**asdict(event), "time": event.time.isoformat()}
    return hashlib.blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
