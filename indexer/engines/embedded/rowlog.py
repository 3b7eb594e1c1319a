"""The row log: what is known of each row beside its words, in one checksummed chunk per commit.

A row is one version of one product. Rows are only ever appended; a later row of the same product names the one that
it replaces, a deletion names the row that it ends. A chunk holds its columns sparsely, as (row, value) pairs, and
checksums of what its commit appended to the other files.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import orjson
from numpy.typing import NDArray

from indexer.engines.embedded.layout import check_length
from indexer.errors import CorruptionError

_MAGIC = b"SWR2"
_HEAD = struct.Struct("<4sIQI")  # magic, header bytes, body bytes, checksum of header and body


@dataclass(frozen=True, slots=True)
class ColumnPart:
    """A column's values of one chunk.

    Args:
        rows: uint32 (n,), ascending row numbers, one for each value.
        values: int32 codes into the column's strings, or float64.
        units: uint16 (n,): which variant of the row the value belongs to; empty for product columns.
        strings: the strings that this chunk adds to the column's dictionary, in the order of their codes.
    """

    rows: NDArray[np.uint32]
    values: NDArray[Any]
    units: NDArray[np.uint16]
    strings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of one commit.

    Args:
        first_row: number of its first row.
        changes: int64 (n,), change numbers.
        replaces: int64 (n,), the row that each row replaces, -1 for none.
        id_bytes, id_ends: the ids one after the other, and int64 (n,) where each ends.
        source_ends: int64 (n,), where each row's JSON ends in the sources file.
        source_sums: uint32 (n,), CRC-32 of each row's JSON.
        has_vector: bool (n,).
        vector_sum: CRC-32 of what the rows are in the vectors file.
        ended: int64 (m,), rows that deletions ended.
        deleted: id → change number of each deletion, unknown ids included.
        columns: by column key.
    """

    first_row: int
    changes: NDArray[np.int64]
    replaces: NDArray[np.int64]
    id_bytes: bytes
    id_ends: NDArray[np.int64]
    source_ends: NDArray[np.int64]
    source_sums: NDArray[np.uint32]
    has_vector: NDArray[np.bool_]
    vector_sum: int
    ended: NDArray[np.int64]
    deleted: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, ColumnPart] = field(default_factory=dict)


def write_chunk(file: BinaryIO, chunk: Chunk) -> int:
    """Appends a chunk; returns how many bytes it took. The caller fsyncs."""
    arrays: list[bytes] = []
    position = 0

    def place(array: NDArray[Any]) -> list[Any]:
        nonlocal position
        data = array.tobytes()
        entry = [array.dtype.str, position, len(array)]
        # Every array starts at a multiple of 8, so that it can be used where it lies.
        arrays.append(data + b"\0" * (-len(data) % 8))
        position += len(arrays[-1])
        return entry

    header = {
        "first_row": chunk.first_row,
        "changes": place(chunk.changes),
        "replaces": place(chunk.replaces),
        "ids": place(np.frombuffer(chunk.id_bytes, np.uint8)),
        "id_ends": place(chunk.id_ends),
        "source_ends": place(chunk.source_ends),
        "source_sums": place(chunk.source_sums),
        "has_vector": place(chunk.has_vector),
        "vector_sum": chunk.vector_sum,
        "ended": place(chunk.ended),
        "deleted": dict(chunk.deleted),
        "columns": {
            key: [place(part.rows), place(part.values), place(part.units), list(part.strings)]
            for key, part in chunk.columns.items()
        },
    }
    head = orjson.dumps(header)
    head += b" " * (-(len(head) + _HEAD.size) % 8)
    body = b"".join(arrays)
    record = _HEAD.pack(_MAGIC, len(head), len(body), zlib.crc32(body, zlib.crc32(head))) + head + body
    file.write(record)
    return len(record)


def read_chunks(path: Path, start: int, end: int) -> Iterator[Chunk]:
    """The chunks between two commit points, in order.

    Raises:
        CorruptionError: the file is too short, foreign or damaged.
    """
    if start == end:
        return
    check_length(path, end)
    data = np.memmap(path, np.uint8, "r", shape=(end,))
    position = start
    while position < end:
        magic, head_size, body_size, checksum = _HEAD.unpack(data[position : position + _HEAD.size].tobytes())
        body_start = position + _HEAD.size + head_size
        if magic != _MAGIC or body_start + body_size > end:
            raise CorruptionError(f"{path} is damaged or foreign at byte {position}: {_REMEDY}")
        head = data[position + _HEAD.size : body_start].tobytes()
        body = data[body_start : body_start + body_size]
        if zlib.crc32(body.data, zlib.crc32(head)) != checksum:
            raise CorruptionError(f"{path} fails its checksum at byte {position}: {_REMEDY}")
        yield _parse(orjson.loads(head), body)
        position = body_start + body_size


def _parse(header: dict[str, Any], body: NDArray[np.uint8]) -> Chunk:
    def take(entry: list[Any]) -> NDArray[Any]:
        dtype = np.dtype(entry[0])
        return body[entry[1] : entry[1] + entry[2] * dtype.itemsize].view(dtype)

    return Chunk(
        first_row=header["first_row"],
        changes=take(header["changes"]),
        replaces=take(header["replaces"]),
        id_bytes=take(header["ids"]).tobytes(),
        id_ends=take(header["id_ends"]),
        source_ends=take(header["source_ends"]),
        source_sums=take(header["source_sums"]),
        has_vector=take(header["has_vector"]),
        vector_sum=header["vector_sum"],
        ended=take(header["ended"]),
        deleted=header["deleted"],
        columns={
            key: ColumnPart(take(rows), take(values), take(units), tuple(strings))
            for key, (rows, values, units, strings) in header["columns"].items()
        },
    )


_REMEDY = "rebuild the index from the catalogue with `shelfwise indexes rebuild`"
