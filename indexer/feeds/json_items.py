"""JSON documents: an array of objects, such an array within an object, or objects one after another.

Only the borders of the items are looked for here, so that a broken or huge item costs nothing but itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.errors import FeedError
from indexer.feeds.errors import TruncatedFeedError
from indexer.feeds.json_row import leading_members, parse_row
from indexer.feeds.lines import KEPT_BYTES
from indexer.feeds.records import Record, too_long

WRAPPERS = frozenset(
    {b"products", b"items", b"entries", b"data", b"results", b"records", b"documents", b"docs", b"@graph"}
)
"""Keys of an object whose array may be the feed."""

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
# A string may lack its end where the prefix ends; were it passed over, each quote in it would be tried as a beginning.
_TOKEN = re.compile(rb"(?P<key>" + _STRING + rb")(?=\s*+:\s*+\[\s*+[{\]])|" + _STRING + rb"?+|[{}\[\]]", re.DOTALL)
# Up to the next bracket outside of strings; a string that does not end within the chunk stops it too.
_RUN = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb")*+", re.DOTALL)
# What stands between items and is neither object nor array: a number, a word, a string.
_STRAY = re.compile(rb'(?:[^"{}\[\],\s]++|' + _STRING + rb")*+", re.DOTALL)
_BETWEEN_ITEMS = re.compile(rb"[\s,]*+")
_STRING_REST = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
_QUOTE, _OPENING, _CLOSING = ord('"'), frozenset(b"{["), frozenset(b"}]")


@dataclass(frozen=True, slots=True)
class JsonShape:
    """How a document holds its items.

    Args:
        skip_bytes: what stands before the first item.
        array: the items stand in an array, whose end is theirs.
        wrapped: the array stands in an object.
    """

    skip_bytes: int = 0
    array: bool = False
    wrapped: bool = False


@dataclass(frozen=True, slots=True)
class _Item:
    number: int
    offset_bytes: int
    data: bytes
    overlong: bool = False


def find_shape(prefix: bytes) -> JsonShape:
    """The shape of the document that begins with `prefix`."""
    start = len(prefix) - len(prefix.lstrip())
    if prefix.startswith(b"[", start):
        return JsonShape(start + 1, array=True)
    depth = 0
    for token in _TOKEN.finditer(prefix):
        text = token.group()
        if depth == 1 and token["key"] is not None and text[1:-1].lower() in WRAPPERS:
            return JsonShape(prefix.index(b"[", token.end()) + 1, array=True, wrapped=True)
        if text[0] in _OPENING:
            depth += 1
        elif text[0] in _CLOSING:
            depth -= 1
            if depth == 0:
                break
    return JsonShape()


def read_json_items(chunks: Iterator[bytes], max_row_bytes: int, shape: JsonShape) -> Iterator[Record]:
    """Records of a JSON document; `line` is the number of the item.

    Raises:
        TruncatedFeedError: the document has no end.
        FeedError: something follows its end, or what `chunks` raises.
    """
    splitter = _Splitter(max_row_bytes, shape)
    failure: FeedError | None = None
    try:
        for chunk in chunks:
            for item in splitter.feed(chunk):
                yield _record(item, max_row_bytes)
    except FeedError as error:
        failure = error
    for item in splitter.rest():
        yield _record(item, max_row_bytes)
    if failure is not None:
        raise failure
    splitter.check_end()


def _record(item: _Item, max_row_bytes: int) -> Record:
    if item.overlong:
        values = leading_members(item.data.decode(errors="ignore"))
        return Record(item.number, item.offset_bytes, values, too_long(item.data, max_row_bytes))
    found, fault = parse_row(item.data)
    return Record(item.number, item.offset_bytes, found, fault)


class _Splitter:
    """Cuts a document, chunk by chunk, at the borders of its items."""

    def __init__(self, max_row_bytes: int, shape: JsonShape) -> None:
        self._max_row_bytes = max_row_bytes
        self._shape = shape
        self._skip = shape.skip_bytes
        self._offset = 0  # of the present chunk
        self._depth = 0  # open brackets of the present item
        self._stray = False  # the present item is neither object nor array
        self._in_string = False
        self._escaped = False  # the chunk before ended with a backslash
        self._pieces: list[bytes] = []
        self._size = 0
        self._number = 0
        self._start = 0
        self._ended = False
        self._tail = b""

    def feed(self, chunk: bytes) -> Iterator[_Item]:
        """The items that end within this chunk."""
        position = min(self._skip, len(chunk))
        self._skip -= position
        begun = position
        while position < len(chunk) and not self._ended:
            if self._in_string:
                position = self._through_string(chunk, position)
            elif self._stray:
                position = self._run(_STRAY, chunk, position)
                if position < len(chunk) and not self._in_string:
                    yield self._item(chunk[begun:position])
            elif self._depth:
                position = self._run(_RUN, chunk, position)
                if position < len(chunk) and not self._in_string:
                    self._depth += 1 if chunk[position] in _OPENING else -1
                    position += 1
                    if not self._depth:
                        yield self._item(chunk[begun:position])
            else:
                position = begun = _end(_BETWEEN_ITEMS, chunk, position)
                position = self._begin(chunk, position)
        if self._ended:
            self._tail = (self._tail + chunk[position:].strip())[-KEPT_BYTES:]
        elif self._depth or self._stray:
            self._keep(chunk[begun:])
        self._offset += len(chunk)

    def rest(self) -> Iterator[_Item]:
        """What was begun and has no end."""
        if self._depth or self._stray:
            yield self._item(b"")
            self._tail = b"cut"

    def check_end(self) -> None:
        """Raises where the end of the document is not what its beginning promised."""
        if self._shape.array and not self._ended:
            raise TruncatedFeedError(f"the JSON array breaks off after item {self._number}; fetch the feed again")
        if self._shape.wrapped and not self._tail.endswith(b"}"):
            raise TruncatedFeedError(f"the JSON document breaks off behind its {self._number} items; fetch it again")
        if not self._shape.wrapped and self._shape.array and self._tail:
            raise FeedError(f"something follows the end of the JSON array: {self._tail[:40]!r}; it was not read")
        if not self._shape.array and self._tail:
            raise TruncatedFeedError(f"the JSON document breaks off in item {self._number}; fetch it again")

    def _begin(self, chunk: bytes, position: int) -> int:
        """Enters the item, or the end of the array, that begins at `position`."""
        if position == len(chunk):
            return position
        byte = chunk[position]
        if byte in _CLOSING and self._shape.array:
            self._ended = True
            return position + 1
        self._number += 1
        self._start = self._offset + position
        if byte in _OPENING:
            self._depth = 1
            return position + 1
        self._stray = True
        return position + 1 if byte in _CLOSING else position

    def _run(self, pattern: re.Pattern[bytes], chunk: bytes, position: int) -> int:
        position = _end(pattern, chunk, position)
        if position < len(chunk) and chunk[position] == _QUOTE:
            self._in_string = True
            return position + 1
        return position

    def _through_string(self, chunk: bytes, position: int) -> int:
        position = _end(_STRING_REST, chunk, position + self._escaped)
        self._escaped = False
        if position >= len(chunk):
            return len(chunk)
        if chunk[position] == _QUOTE:
            self._in_string = False
            return position + 1
        self._escaped = True
        return len(chunk)

    def _keep(self, piece: bytes) -> None:
        if self._size <= self._max_row_bytes:
            self._pieces.append(piece)
        self._size += len(piece)

    def _item(self, last_piece: bytes) -> _Item:
        self._keep(last_piece)
        data = b"".join(self._pieces)
        overlong = self._size > self._max_row_bytes
        self._pieces, self._size = [], 0
        self._depth, self._stray, self._in_string = 0, False, False
        return _Item(
            self._number, self._start, data[: min(KEPT_BYTES, self._max_row_bytes)] if overlong else data, overlong
        )


def _end(pattern: re.Pattern[bytes], chunk: bytes, position: int) -> int:
    match = pattern.match(chunk, position)
    return match.end() if match else position
