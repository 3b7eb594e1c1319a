"""What passes through a feed: records as they were read, then rows with a product, or rejected with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from indexer.errors import RowError
from indexer.product import Product

MAX_SHOWN_CHARS = 200
DEFAULT_MAX_ROW_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Record:
    """One record as its format gives it, before anything is recognised.

    Args:
        line: line of the feed where it begins, from 1; the number of the item where a format has no lines.
        offset_bytes: where it begins in the decompressed feed.
        values: by column, as far as they could be read.
        fault: why it cannot become a product.
    """

    line: int
    offset_bytes: int
    values: Mapping[str, Any] = field(default_factory=dict)
    fault: RowError | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row that became a product; `line` and `offset_bytes` as in `Record`."""

    line: int
    offset_bytes: int
    product: Product


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that did not.

    Args:
        line: as in `Record`.
        id: of the product, "" when it could not be read.
        field: the column at fault, "" when it is the row as a whole.
        value: what was seen there, at most 200 characters.
        reason: what is wrong and what was wanted.
    """

    line: int
    id: str
    field: str
    value: str
    reason: str


def shown(value: object) -> str:
    """A value for a message or a rejects file: one that can be written as UTF-8, of at most 200 characters."""
    if isinstance(value, bytes):
        text = value[: 4 * MAX_SHOWN_CHARS].decode(errors="replace")
    else:
        text = value if isinstance(value, str) else str(value)
    if len(text) > MAX_SHOWN_CHARS:
        text = text[: MAX_SHOWN_CHARS - 1] + "…"
    return text.encode("utf-8", "backslashreplace").decode()


def too_long(prefix: bytes, max_row_bytes: int) -> RowError:
    """The fault of a row above the limit, of which only a prefix was kept."""
    return RowError("", shown(prefix), f"the row is longer than {max_row_bytes} bytes; shorten it or raise the limit")
