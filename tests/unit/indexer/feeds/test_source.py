from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest

from indexer.errors import FeedError
from indexer.feeds.errors import TruncatedFeedError
from indexer.feeds.source import ByteSource


def test_plain_bytes_come_as_they_are_and_are_counted() -> None:
    source = ByteSource(io.BytesIO(b"abc"))
    assert b"".join(source.chunks()) == b"abc"
    assert (source.bytes_read, source.total_bytes, source.compressed) == (3, 3, False)


def test_what_was_peeked_comes_again() -> None:
    source = ByteSource(io.BytesIO(b"abcdef"))
    assert source.peek(2) == b"ab"
    assert b"".join(source.chunks()) == b"abcdef"


def test_gzip_is_unpacked_and_progress_is_counted_in_compressed_bytes() -> None:
    packed = gzip.compress(b"x" * 1_000_000)
    source = ByteSource(io.BytesIO(packed))
    assert sum(map(len, source.chunks())) == 1_000_000
    assert source.bytes_read == source.total_bytes == len(packed)


def test_members_that_follow_one_another_and_zeros_behind_them_are_one_stream() -> None:
    source = ByteSource(io.BytesIO(gzip.compress(b"one ") + gzip.compress(b"two") + b"\0" * 512))
    assert b"".join(source.chunks()) == b"one two"


def test_a_cut_gzip_gives_what_it_has_and_then_says_so() -> None:
    data = bytes(range(256)) * 4000
    source = ByteSource(io.BytesIO(gzip.compress(data)[:-20]))
    found: list[bytes] = []
    with pytest.raises(TruncatedFeedError, match="breaks off"):
        found.extend(source.chunks())
    assert len(b"".join(found)) > 0
    assert data.startswith(b"".join(found))


def test_a_cut_that_peeking_met_is_told_when_its_place_is_reached() -> None:
    source = ByteSource(io.BytesIO(gzip.compress(b"abc" * 100)[:-4]))
    assert source.peek(1000) == b"abc" * 100
    chunks = source.chunks()
    assert next(chunks) == b"abc" * 100
    with pytest.raises(TruncatedFeedError):
        next(chunks)


def test_a_damaged_gzip_is_no_cut_one() -> None:
    packed = bytearray(gzip.compress(b"abc" * 1000))
    packed[15] ^= 0xFF
    with pytest.raises(FeedError, match="damaged") as caught:
        list(ByteSource(io.BytesIO(bytes(packed))).chunks())
    assert not isinstance(caught.value, TruncatedFeedError)


def test_a_missing_file_is_an_error_of_the_feed(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match=r"missing\.csv.*No such file"):
        ByteSource(tmp_path / "missing.csv")


def test_a_folder_is_an_error_of_the_feed(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="directory"):
        ByteSource(tmp_path)


def test_a_stream_of_the_caller_stays_open() -> None:
    stream = io.BytesIO(b"abc")
    with ByteSource(stream):
        pass
    assert not stream.closed
