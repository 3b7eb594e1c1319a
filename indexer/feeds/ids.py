"""Product ids as shops write them: texts, or numbers that stand for their digits."""

from __future__ import annotations

from decimal import Decimal

from indexer.errors import RowError
from indexer.feeds.records import shown
from indexer.feeds.text import clean, has_control
from indexer.product import MAX_ID_BYTES

_EXACT = 2**53


def read_id(field: str, value: object) -> str:
    """The id in a cell, without space around it: 17 and 17.0 (a number that passed through a table) are "17".

    Raises:
        RowError: it is empty, too long, holds control characters, or is no text and no whole number.
    """
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return check_id(field, value.strip())
    if isinstance(value, float | Decimal) and -_EXACT < value < _EXACT and value == int(value):
        return str(int(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return check_id(field, str(value))
    if value is None:
        raise RowError(field, "", "the row has no id")
    if isinstance(value, float | Decimal):
        raise RowError(field, shown(value), "the number has lost digits, or is no whole number; write ids as text")
    raise RowError(field, shown(value), "an id must be a text or a whole number")


def check_id(field: str, text: str) -> str:
    """The id itself.

    Raises:
        RowError: see `read_id`.
    """
    if not text.strip():
        raise RowError(field, shown(text), "the row has no id")
    if has_control(text):
        raise RowError(field, shown(text), "an id must not hold control characters")
    clean(field, text)  # refuses halves of surrogate pairs
    size = len(text.encode())
    if size > MAX_ID_BYTES:
        raise RowError(field, shown(text), f"the id has {size} bytes in UTF-8; at most {MAX_ID_BYTES} are taken")
    return text
