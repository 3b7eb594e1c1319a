"""JSON Lines: one object a line."""

from __future__ import annotations

from collections.abc import Iterator

from indexer.feeds.errors import TruncatedFeedError
from indexer.feeds.json_row import leading_members, parse_row
from indexer.feeds.lines import lines
from indexer.feeds.records import Record, too_long


def read_json_lines(chunks: Iterator[bytes], max_row_bytes: int) -> Iterator[Record]:
    """Records of a JSON Lines feed; empty lines are passed over.

    Raises:
        TruncatedFeedError: the last line has no end and is no whole object.
        FeedError: what `chunks` raises.
    """
    for line in lines(chunks, max_row_bytes):
        if line.overlong:
            values = leading_members(line.data.decode(errors="ignore"))
            yield Record(line.number, line.offset_bytes, values, too_long(line.data, max_row_bytes))
            continue
        if not line.data.strip():
            continue
        found, fault = parse_row(line.data)
        yield Record(line.number, line.offset_bytes, found, fault)
        if fault is not None and not line.ended and not line.cut:
            raise TruncatedFeedError(f"the feed breaks off in line {line.number}; fetch it again")
