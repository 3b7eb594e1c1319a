"""Parquet: rows by batches. The file is sought in, so what is no plain file is put into one first."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, BinaryIO

import pyarrow
from pyarrow import parquet

from indexer.errors import FeedError, RowError
from indexer.feeds.errors import TruncatedFeedError
from indexer.feeds.records import Record, shown, too_long
from indexer.feeds.sniff import PARQUET_MAGIC
from indexer.feeds.source import ByteSource

BATCH_ROWS = 256


def read_parquet(source: ByteSource, max_row_bytes: int) -> Iterator[Record]:
    """Records of a Parquet file; `line` is the number of the row, `offset_bytes` the size of the values before it.

    Raises:
        TruncatedFeedError: it is cut short: its directory, which stands at its end, is not there.
        FeedError: it is damaged, or what reading from `source` raises.
    """
    with _seekable(source) as stream:
        _check_end(stream)
        offset = 0
        for number, (values, done) in enumerate(_rows(stream), 1):
            size = _size(values)
            fault = too_long(shown(values).encode(), max_row_bytes) if size > max_row_bytes else None
            row, fault = _plain_row(values, fault)
            yield Record(number, offset, row, fault)
            offset += size
            if source.path is not None and source.total_bytes is not None and not source.compressed:
                source.bytes_read = int(source.total_bytes * done)


def _rows(stream: BinaryIO) -> Iterator[tuple[dict[str, Any], float]]:
    """Each row, with the share of the rows that are read."""
    try:
        file = parquet.ParquetFile(stream, pre_buffer=False)
        read, total = 0, max(file.metadata.num_rows, 1)
        batches = file.iter_batches(batch_size=BATCH_ROWS, use_threads=False)
        while (batch := next(batches, None)) is not None:
            rows = batch.to_pylist(maps_as_pydicts="lossy")
            read += len(rows)
            yield from ((row, read / total) for row in rows)
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise FeedError(f"the Parquet file is damaged: {error}; write it again") from error


@contextmanager
def _seekable(source: ByteSource) -> Iterator[BinaryIO]:
    if source.path is not None and not source.compressed:
        with source.path.open("rb") as stream:
            yield stream
        return
    with tempfile.TemporaryFile() as stream:
        for chunk in source.chunks():
            stream.write(chunk)
        stream.seek(0)
        yield stream


def _check_end(stream: BinaryIO) -> None:
    size = stream.seek(0, 2)
    stream.seek(max(0, size - len(PARQUET_MAGIC)))
    end = stream.read()
    stream.seek(0)
    if end != PARQUET_MAGIC:
        raise TruncatedFeedError("the Parquet file is cut short: it does not end with PAR1; fetch it again")


def _size(value: Any) -> int:
    """Roughly the bytes that a value takes in JSON."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, Mapping):
        return sum(len(key) + _size(inner) for key, inner in value.items())
    if isinstance(value, list):
        return sum(map(_size, value))
    return 8


def _plain_row(values: Mapping[str, Any], fault: RowError | None) -> tuple[dict[str, Any], RowError | None]:
    row: dict[str, Any] = {}
    for name, value in values.items():
        try:
            row[name] = _plain(value)
        except UnicodeDecodeError:
            fault = fault or RowError(name, shown(value), "bytes that are no UTF-8; leave binary columns out")
    return row, fault


def _plain(value: Any) -> Any:
    """A value with texts in the place of moments and bytes."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
