"""A hostile feed with its stated outcome, and the bytes that the tables of them are made of."""

from __future__ import annotations

import io
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import orjson
import pyarrow as pa
from pyarrow import parquet

from indexer.errors import IndexerError

MB = 1_000_000


@dataclass(frozen=True)
class Hostile:
    """A feed and what must become of it.

    Args:
        name: of the case; the file is called after it.
        feed: its bytes, in pieces.
        taken: titles by id, in order; an id that comes twice has its titles in a list.
        rejected: (id, word of the reason), in order.
        error: the kind of error that ends the feed, None where it is read to its end.
        message: a word of the error.
    """

    name: str
    feed: Iterable[bytes]
    taken: Mapping[str, str | list[str]] = field(default_factory=dict)
    rejected: tuple[tuple[str, str], ...] = ()
    error: type[IndexerError] | None = None
    message: str = ""


def good(number: int) -> dict[str, object]:
    return {"id": f"g{number}", "title": f"Good {number}"}


def jsonl(*rows: object) -> bytes:
    """Lines of JSON; what is bytes already stands as it is."""
    return b"".join((row if isinstance(row, bytes) else orjson.dumps(row)) + b"\n" for row in rows)


def around(*rows: object) -> list[bytes]:
    """JSON Lines with a good row before and one behind."""
    return [jsonl(good(1), *rows, good(2))]


def array(*items: object) -> bytes:
    return b"[" + b",\n".join(item if isinstance(item, bytes) else orjson.dumps(item) for item in items) + b"]"


def rss(*items: bytes, prolog: bytes = b"") -> bytes:
    wrapped = b"".join(b"<item>" + item + b"</item>" for item in items)
    return prolog + b'<rss xmlns:g="http://base.google.com/ns/1.0"><channel>' + wrapped + b"</channel></rss>"


def packed(*rows: Mapping[str, object]) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist([dict(row) for row in rows]), stream)
    return stream.getvalue()


def damaged_checksum(data: bytes) -> bytes:
    return data[:-8] + bytes(byte ^ 0xFF for byte in data[-8:-4]) + data[-4:]


GOOD = {"g1": "Good 1", "g2": "Good 2"}
GOOD_ITEMS = (b"<g:id>g1</g:id><title>Good 1</title>", b"<g:id>g2</g:id><title>Good 2</title>")
ROWS_CSV = "id,title\ng1,Good 1\n{}\ng2,Good 2\n"
HUNDRED_MB = [b"x" * MB] * 100
NESTED = b"[" * 100_000 + b"]" * 100_000
NOISE = random.Random(7).randbytes(5_000)  # the same noise each time
PADDED = len(b'{"id":"max","title":""}')
