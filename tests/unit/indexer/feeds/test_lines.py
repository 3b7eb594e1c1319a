from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.feeds.errors import TruncatedFeedError
from indexer.feeds.lines import KEPT_BYTES, Line, lines


def test_lines_have_their_numbers_and_places() -> None:
    found = list(lines(iter([b"one\ntw", b"o\n\nfour"]), 100))
    assert [(line.number, line.offset_bytes, line.data, line.ended) for line in found] == [
        (1, 0, b"one", True),
        (2, 4, b"two", True),
        (3, 8, b"", True),
        (4, 9, b"four", False),
    ]


@given(st.lists(st.binary(max_size=8), max_size=8))
def test_where_the_chunks_are_cut_makes_no_difference(chunks: list[bytes]) -> None:
    whole = b"".join(chunks)
    assert list(lines(iter(chunks), 5)) == list(lines(iter([whole]), 5))
    offsets = [line.offset_bytes for line in lines(iter(chunks), 5)]
    assert all(whole[at - 1 : at] == b"\n" for at in offsets if at)


def test_a_line_above_the_limit_is_marked_and_the_next_one_is_whole() -> None:
    found = list(lines(iter([b"x" * 11 + b"\nok\n"]), 10))
    assert [(line.overlong, len(line.data)) for line in found] == [(True, 10), (False, 2)]


def test_a_line_of_exactly_the_limit_is_taken() -> None:
    assert list(lines(iter([b"x" * 10 + b"\n"]), 10)) == [Line(1, 0, b"x" * 10)]


def test_of_a_huge_line_only_a_little_is_kept() -> None:
    chunks = (b"x" * 100_000 for _ in range(1000))
    (found,) = lines(chunks, 1_000_000)
    assert (found.overlong, len(found.data)) == (True, KEPT_BYTES)


def test_the_line_at_which_the_feed_breaks_off_is_marked() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"one\ntw"
        raise TruncatedFeedError("cut")

    found: list[Line] = []
    with pytest.raises(TruncatedFeedError):
        found.extend(lines(chunks(), 100))
    assert [(line.data, line.cut) for line in found] == [(b"one", False), (b"tw", True)]
