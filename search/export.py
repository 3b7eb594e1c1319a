"""Reading the catalogue out again: products by id, and all of them in the order of their ids."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import orjson

from indexer.store.protocol import ProductStore
from indexer.store.records import ProductRecord
from search.errors import RequestError, shown

MAX_PAGE = 1_000
DEFAULT_PAGE = 100
_MAX_PAGE_BYTES = 8_000_000
"""A page ends behind so much, however many products it could have: it is held in memory as a whole."""
_BATCH = 200
_KIND = "documents"


@dataclass(frozen=True, slots=True)
class Exported:
    """A page of an export.

    Args:
        records: the next products in the order of their ids.
        next_cursor: where the next page begins, "" at the end.
    """

    records: tuple[ProductRecord, ...]
    next_cursor: str


def export_page(store: ProductStore, index: str, cursor: str, limit: int) -> Exported:
    """The next products, at most `limit`; there may be fewer where they are long.

    Whoever goes on to the end has each product that was there all the time once; what is written meanwhile is there as
    of the moment when it is reached.

    Args:
        cursor: of the page before, "" for the first.

    Raises:
        RequestError: the cursor is none.
    """
    after = read_cursor(cursor) if cursor else ""
    found: list[ProductRecord] = []
    size = 0
    for record in _records(store, index, after, min(_BATCH, limit + 1)):
        if len(found) == limit or size >= _MAX_PAGE_BYTES:
            return Exported(tuple(found), _cursor(found[-1].id))
        found.append(record)
        size += len(record.document)
    return Exported(tuple(found), "")


def export_lines(store: ProductStore, index: str, cursor: str = "") -> Iterator[bytes]:
    """All products as JSON Lines, such as an import takes them; in pieces of many lines.

    The first piece is read at once, so that what cannot be begun is told before anything is sent.

    Raises:
        RequestError: the cursor is none.
    """
    pieces = _pieces(store, index, read_cursor(cursor) if cursor else "")
    return chain((next(pieces, b""),), pieces)


def read_cursor(text: str) -> str:
    """The id behind which an export goes on.

    Raises:
        RequestError: it is no cursor of an export.
    """
    try:
        kind, after = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, TypeError) as error:
        raise _no_cursor(text) from error
    if kind != _KIND or not isinstance(after, str) or not after:
        raise _no_cursor(text)
    return after


def in_order(found: dict[str, ProductRecord], ids: Sequence[str]) -> tuple[list[ProductRecord], list[str]]:
    """(those that are there, those that are not), each in the order asked for."""
    return [found[id_] for id_ in ids if id_ in found], [id_ for id_ in ids if id_ not in found]


def _records(store: ProductStore, index: str, after: str, batch: int) -> Iterator[ProductRecord]:
    while True:
        records = store.scan(index, after, batch)
        yield from records
        if len(records) < batch:
            return
        after = records[-1].id


def _pieces(store: ProductStore, index: str, after: str) -> Iterator[bytes]:
    while records := store.scan(index, after, _BATCH):
        yield b"".join(record.document + b"\n" for record in records)
        after = records[-1].id


def _cursor(after: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([_KIND, after])).decode().rstrip("=")


def _no_cursor(text: str) -> RequestError:
    return RequestError("cursor", shown(text), "it is no cursor of an export: pass on `next_cursor` as it is")
