"""A feed: opened, looked at, and read row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from indexer.errors import FeedError, RowError
from indexer.feeds.builder import Builder, RowBuilder
from indexer.feeds.canonical import CanonicalBuilder, is_canonical
from indexer.feeds.columns import Columns
from indexer.feeds.currency import check_currency
from indexer.feeds.description import MAX_REJECTS, FeedDescription, describe_columns
from indexer.feeds.errors import MappingError, UnrecognisedError
from indexer.feeds.readers import open_reader
from indexer.feeds.records import DEFAULT_MAX_ROW_BYTES, Record, Rejected, Row, shown
from indexer.feeds.sample import take_sample
from indexer.feeds.source import ByteSource
from indexer.product import UNKNOWN_CURRENCY


def open_feed(
    feed: Path | str | BinaryIO,
    *,
    format: str | None = None,  # noqa: A002 - what it is called everywhere else
    mapping: Mapping[str, str] | None = None,
    default_currency: str = UNKNOWN_CURRENCY,
    default_language: str = "en",
    encoding: str | None = None,
    max_row_bytes: int = DEFAULT_MAX_ROW_BYTES,
) -> Feed:
    """Opens a feed and finds out what its columns are, from its first 1,000 rows or 8 MB.

    Args:
        feed: a path, or a stream of bytes (which stays open); gzip is unpacked.
        format: one of `indexer.feeds.sniff.FORMATS`, detected by default.
        mapping: column by target, where the recognised one is wrong: `{"title": "name", "title@de": "Titel_de"}`.
        default_currency: ISO 4217 code of prices that name none.
        default_language: ISO 639-1 code of a text that names none beside others that do.
        encoding: detected by default.
        max_row_bytes: longer rows are rejected without being read into memory.

    Raises:
        UnrecognisedError: it has no column for id or title.
        MappingError: `mapping` names what is not there.
        FeedError: it is no feed.
        ConfigurationError: there is no such format, encoding or currency.
    """
    check_currency(default_currency)
    source = ByteSource(Path(feed) if isinstance(feed, str) else feed)
    try:
        return Feed(
            source,
            format=format or "",
            mapping=mapping or {},
            default_currency=default_currency,
            default_language=default_language,
            encoding=encoding or "",
            max_row_bytes=max_row_bytes,
        )
    except BaseException:
        source.close()
        raise


class Feed:
    """An open feed; iterating over it, once, gives a `Row` or a `Rejected` for each row.

    Made by `open_feed`, whose arguments these are.
    """

    def __init__(
        self,
        source: ByteSource,
        *,
        format: str,  # noqa: A002
        mapping: Mapping[str, str],
        default_currency: str,
        default_language: str,
        encoding: str,
        max_row_bytes: int,
    ) -> None:
        self._source = source
        self._reader = open_reader(source, max_row_bytes, format, encoding)
        self._sample = sample = take_sample(self._reader.records)
        readable = [record for record in sample.records if record.fault is None]
        self._columns: Columns | None = None
        self._builder: Builder = CanonicalBuilder()
        if sample.failure is not None and not sample.records:
            raise sample.failure
        if not readable:
            self._check_unreadable()
        elif mapping or not (self._may_be_canonical and is_canonical(record.values for record in readable)):
            try:
                self._columns = Columns(sample.columns, len(readable), {**self._reader.mapping, **mapping})
            except FeedError as error:
                seen = ((name, next(iter(stats.examples), "")) for name, stats in sample.columns.items())
                kind = MappingError if isinstance(error, MappingError) else UnrecognisedError
                raise kind(str(error), tuple(seen)) from error
            self._builder = RowBuilder(
                self._columns,
                sample.columns,
                default_currency,
                default_language,
                textual=self._reader.textual,
            )

    @property
    def bytes_read(self) -> int:
        """How much of `total_bytes` has been read."""
        return self._source.bytes_read

    @property
    def total_bytes(self) -> int | None:
        """The size of the feed as it is stored, compressed or not; None where a pipe does not tell."""
        return self._source.total_bytes

    @cached_property
    def description(self) -> FeedDescription:
        """What was recognised, with examples and the first rows that will be rejected."""
        sample = self._sample
        rows = (self._row(record) for record in sample.records)
        rejects = [row for row in rows if isinstance(row, Rejected)]
        return FeedDescription(
            format=self._reader.format,
            encoding=self._reader.encoding,
            delimiter=self._reader.delimiter,
            compressed=self._source.compressed,
            canonical=self._columns is None and bool(sample.columns),
            rows=len(sample.records),
            whole=sample.whole,
            columns=describe_columns(sample.columns, self._columns, textual=self._reader.textual),
            rejects=tuple(rejects[:MAX_REJECTS]),
        )

    def __iter__(self) -> Iterator[Row | Rejected]:
        """The rows in the order of the feed.

        Raises:
            TruncatedFeedError: the feed breaks off; all rows before were given.
            FeedError: it cannot be read on.
        """
        for record in self._sample.records:
            yield self._row(record)
        if self._sample.failure is not None:
            raise self._sample.failure
        for record in self._reader.records:
            yield self._row(record)

    def close(self) -> None:
        """Closes the file, where `open_feed` was given a path."""
        self._source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _may_be_canonical(self) -> bool:
        return self._reader.format in ("jsonl", "json")

    def _check_unreadable(self) -> None:
        """With no readable row nothing is known of the columns: fine for a feed that has no others."""
        sample = self._sample
        if not sample.whole:
            first = sample.records[0]
            raise FeedError(
                f"none of the first {len(sample.records)} rows can be read; line {first.line}: {first.fault}; "
                "is the format right?"
            )

    def _row(self, record: Record) -> Row | Rejected:
        fault = record.fault
        if fault is None:
            try:
                return Row(record.line, record.offset_bytes, self._builder.build(record.values))
            except RowError as error:
                fault = error
        product_id = self._builder.id_of(record.values)
        return Rejected(record.line, product_id, shown(fault.field), fault.value, fault.reason)
