"""The bytes of a feed: from a path or an open stream, decompressed where they are gzip, counted as they are read."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from indexer.errors import FeedError
from indexer.feeds.errors import TruncatedFeedError

GZIP_MAGIC = b"\x1f\x8b"
CHUNK_BYTES = 1 << 18
# Deflate expands at most 1,032 times: a bomb costs 17 MB of memory, and no more.
COMPRESSED_CHUNK_BYTES = 1 << 14


class ByteSource:
    """One pass over a feed's bytes.

    Args:
        feed: a path, or a stream of bytes at its beginning; a stream stays open, closing it is the caller's.

    Attributes:
        total_bytes: of the feed as it is stored, None where it is a pipe.
        bytes_read: of them.
        compressed: whether they are gzip.

    Raises:
        FeedError: there is no such file, or it cannot be read.
    """

    def __init__(self, feed: Path | BinaryIO) -> None:
        try:
            self._stream = feed.open("rb") if isinstance(feed, Path) else feed
            self.path = feed if isinstance(feed, Path) else None
            self.total_bytes = _size(self._stream)
            self._first = self._stream.read(CHUNK_BYTES)
        except OSError as error:
            raise FeedError(f"cannot read the feed {feed}: {error.strerror or error}") from error
        self.name = str(getattr(self._stream, "name", "stream"))
        self.bytes_read = 0
        self.compressed = self._first.startswith(GZIP_MAGIC)
        self._ahead: deque[bytes] = deque()
        self._failure: FeedError | None = None
        self._pieces = _gunzip(self._raw()) if self.compressed else self._raw()

    def peek(self, size: int) -> bytes:
        """The first `size` bytes (fewer at the end), which `chunks` will give again.

        Raises:
            FeedError: there is not one byte because the gzip stream is damaged, or the disk refused.
        """
        known = sum(map(len, self._ahead))
        while known < size and self._failure is None:
            try:
                piece = next(self._pieces)
            except StopIteration:
                break
            except FeedError as error:
                self._failure = error
                break
            self._ahead.append(piece)
            known += len(piece)
        if self._failure is not None and not self._ahead:
            raise self._failure
        return b"".join(self._ahead)[:size]

    def chunks(self) -> Iterator[bytes]:
        """All bytes, decompressed, in pieces of any size.

        Raises:
            TruncatedFeedError: the gzip stream breaks off; all that could be decompressed was given before.
            FeedError: it is damaged, or the disk refused.
        """
        while self._ahead:
            yield self._ahead.popleft()
        if self._failure is not None:
            raise self._failure
        yield from self._pieces

    def close(self) -> None:
        if self.path is not None:
            self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _raw(self) -> Iterator[bytes]:
        size = COMPRESSED_CHUNK_BYTES if self.compressed else CHUNK_BYTES
        first, self._first = self._first, b""
        for start in range(0, len(first), size):
            piece = first[start : start + size]
            self.bytes_read += len(piece)
            yield piece
        while True:
            try:
                piece = self._stream.read(size)
            except OSError as error:
                raise FeedError(f"cannot read on in the feed {self.name}: {error.strerror or error}") from error
            if not piece:
                return
            self.bytes_read += len(piece)
            yield piece


def _size(stream: BinaryIO) -> int | None:
    """How many bytes lie ahead, None for a pipe."""
    if not stream.seekable():
        return None
    here = stream.tell()
    end = stream.seek(0, 2)
    stream.seek(here)
    return end - here


def _gunzip(raw: Iterator[bytes]) -> Iterator[bytes]:
    decoder = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    begun = False
    for piece in raw:
        rest = piece
        while rest:
            if not begun:
                # Members may follow one another, and tapes pad with zeros.
                rest = rest.lstrip(b"\0")
                begun = bool(rest)
            before = decoder.copy()
            try:
                data = decoder.decompress(rest)
            except zlib.error as error:
                yield from _up_to_damage(before, rest)
                raise FeedError(f"the gzip stream is damaged ({error}); fetch the feed again") from error
            if data:
                yield data
            rest = decoder.unused_data
            if decoder.eof:
                decoder = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
                begun = False
    if begun:
        raise TruncatedFeedError("the gzip stream breaks off before its end; fetch the feed again")


def _up_to_damage(decoder: zlib._Decompress, piece: bytes) -> Iterator[bytes]:
    """What stands before the byte at which decompression fails."""
    for byte in piece:
        try:
            data = decoder.decompress(bytes((byte,)))
        except zlib.error:
            return
        if data:
            yield data
