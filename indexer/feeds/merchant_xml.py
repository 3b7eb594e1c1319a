"""Google Merchant feeds in XML: the items of an RSS 2.0 channel, or the entries of an Atom feed.

As with JSON only the borders of the items are looked for, and each item is parsed by itself: a bare ampersand in one
title spoils one product. No document type is ever processed, so entities cannot be declared.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

from indexer.errors import FeedError, RowError
from indexer.feeds.encoding import check_encoding
from indexer.feeds.errors import TruncatedFeedError
from indexer.feeds.flatten import MAX_DEPTH
from indexer.feeds.lines import KEPT_BYTES
from indexer.feeds.records import Record, shown, too_long
from indexer.feeds.text import without_control

GOOGLE_NAMESPACES = ("http://base.google.com/ns/1.0", "http://base.google.com/cns/1.0")

_FIRST_ITEM = re.compile(rb"<((?:[\w.-]+:)?(?:item|entry|product))(?=[\s>/])")
_FIRST_ELEMENT = re.compile(rb"<((?:[\w.-]+:)?[\w.-]+)")
_NAMESPACE = re.compile(rb"""\sxmlns(?::[\w.-]+)?\s*=\s*(?:"[^"<]*"|'[^'<]*')""")
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_SIMPLE = re.compile(
    r"<(?:[\w.-]+:)?(?P<name>[\w.-]+)>\s*+(?:<!\[CDATA\[(?P<cdata>[^\]<]*+)\]\]>\s*+|(?P<text>[^<]*+))</"
)
# In these, elements are markup.
_PROSE = frozenset({"title", "description", "summary", "content"})
_MARK_BYTES = 256


@dataclass(frozen=True, slots=True)
class XmlShape:
    """How a feed holds its items.

    Args:
        root: name of the outermost element.
        item: name of the items' element, with its prefix.
        namespaces: the declarations that hold in them, as they are written.
    """

    root: bytes
    item: bytes
    namespaces: bytes


def find_shape(prefix: bytes) -> XmlShape:
    """The shape of the feed that begins with `prefix`.

    Raises:
        FeedError: it declares entities, or there is no item.
    """
    found = _FIRST_ITEM.search(prefix)
    head = prefix[: found.start()] if found else prefix
    if _ENTITY.search(head):
        raise FeedError("the feed declares XML entities, which can be used for attacks; write the texts out instead")
    if found is None:
        raise FeedError("the XML has no <item>, <entry> or <product>; expected RSS 2.0 or Atom, as for Google Merchant")
    root = _FIRST_ELEMENT.search(prefix) or found
    return XmlShape(root[1], found[1], b"".join(dict.fromkeys(_NAMESPACE.findall(head))))


def declared_encoding(prefix: bytes) -> str:
    """The encoding that the XML declaration names, else UTF-8.

    Raises:
        ConfigurationError: there is no such encoding.
    """
    declared = re.match(rb"""\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.-]+)""", prefix)
    return check_encoding(declared[1].decode()) if declared else "utf-8"


def read_xml(chunks: Iterator[bytes], max_row_bytes: int, shape: XmlShape, encoding: str) -> Iterator[Record]:
    """Records of the items; `line` is the number of the item. Google's own elements go before others of their name.

    Raises:
        TruncatedFeedError: an item, or the document, has no end.
        FeedError: what `chunks` raises.
    """
    splitter = _Splitter(shape.item, max_row_bytes)
    failure: FeedError | None = None
    try:
        for chunk in chunks:
            for item in splitter.feed(chunk):
                yield _record(item, max_row_bytes, shape, encoding)
    except FeedError as error:
        failure = error
    if splitter.inside:
        item = splitter.take(splitter.tail)
        fault = RowError("", shown(item.data), "the feed breaks off within this item")
        yield Record(item.number, item.offset_bytes, {}, fault)
        failure = failure or TruncatedFeedError(f"the XML breaks off in item {item.number}; fetch the feed again")
    if failure is not None:
        raise failure
    if b"</" + shape.root not in splitter.tail:
        raise TruncatedFeedError(f"the XML breaks off behind its {splitter.number} items; fetch the feed again")


@dataclass(frozen=True, slots=True)
class _Item:
    number: int
    offset_bytes: int
    data: bytes
    overlong: bool


class _Splitter:
    """Cuts the document, chunk by chunk, at the borders of its items.

    Args:
        inside: an item has begun and not ended.
        number: of the item that began last.
        tail: the last bytes that were fed.
    """

    def __init__(self, item: bytes, max_row_bytes: int) -> None:
        name = re.escape(item)
        self._mark = re.compile(rb"<!--|<!\[CDATA\[|<%s(?=[\s>])|</%s\s*>" % (name, name))
        self._max_row_bytes = max_row_bytes
        self.inside = False
        self.number = 0
        self.tail = b""
        self._until = b""  # what ends the comment or CDATA section at hand
        self._offset = 0  # of the tail
        self._pieces: list[bytes] = []
        self._size = 0
        self._start = 0

    def feed(self, chunk: bytes) -> Iterator[_Item]:
        """The items that end within this chunk."""
        data = self.tail + chunk
        position = begun = 0
        while True:
            if self._until:
                end = data.find(self._until, position)
                if end < 0:
                    break
                position, self._until = end + len(self._until), b""
            mark = self._mark.search(data, position)
            if mark is None:
                break
            position = mark.end()
            text = mark.group()
            if text in (b"<!--", b"<![CDATA["):
                self._until = b"-->" if text == b"<!--" else b"]]>"
            elif text.startswith(b"</"):
                if self.inside:
                    yield self.take(data[begun:position])
            elif not self.inside:
                self.inside, begun = True, mark.start()
                self.number += 1
                self._start = self._offset + begun
        # A mark may be cut in two by the end of the chunk.
        cut = max(position, len(data) - _MARK_BYTES)
        if self.inside:
            self._keep(data[begun:cut])
        self.tail = data[cut:]
        self._offset += cut

    def take(self, last_piece: bytes) -> _Item:
        """The item at hand, which ends with `last_piece`."""
        self._keep(last_piece)
        data, overlong = b"".join(self._pieces), self._size > self._max_row_bytes
        self._pieces, self._size, self.inside = [], 0, False
        return _Item(
            self.number, self._start, data[: min(KEPT_BYTES, self._max_row_bytes)] if overlong else data, overlong
        )

    def _keep(self, piece: bytes) -> None:
        if self._size <= self._max_row_bytes:
            self._pieces.append(piece)
        self._size += len(piece)


def _record(item: _Item, max_row_bytes: int, shape: XmlShape, encoding: str) -> Record:
    fault: RowError | None = None
    values: dict[str, Any] = {}
    if item.overlong:
        fault = too_long(item.data, max_row_bytes)
    else:
        try:
            text = without_control(item.data.decode(encoding))
            root = fromstring(f"<shelfwise{shape.namespaces.decode(encoding)}>{text}</shelfwise>")
            values = _members(root[0])
        except UnicodeDecodeError as error:
            fault = RowError("", shown(item.data), f"not {encoding}: byte 0x{item.data[error.start]:02x}")
        except ParseError as error:
            fault = RowError("", shown(item.data), f"not well-formed XML: {str(error).partition(':')[0]}")
        except RowError as error:
            fault = error
    if fault is not None:
        values = _simple_elements(item.data.decode(encoding, errors="ignore"))
    return Record(item.number, item.offset_bytes, values, fault)


def _simple_elements(text: str) -> dict[str, Any]:
    """The elements of a broken item that can be read by themselves."""
    return {found["name"]: html.unescape(found["cdata"] or found["text"] or "") for found in _SIMPLE.finditer(text)}


def _members(item: Element) -> dict[str, Any]:
    """The values of an item by element name; those of an element that stands several times are a list."""
    ordinary: dict[str, list[Any]] = {}
    google: dict[str, list[Any]] = {}
    for child in item:
        namespace, _, name = child.tag.rpartition("}")
        values = google if namespace.removeprefix("{") in GOOGLE_NAMESPACES else ordinary
        value = _value(child, name, 1)
        if value != "":
            values.setdefault(name, []).append(value)
    return {name: _single(values) for name, values in (ordinary | google).items()}


def _value(element: Element, name: str, depth: int) -> Any:
    """A text, an address in an attribute, or the members of an element."""
    if depth > MAX_DEPTH:
        raise RowError(name, "", f"elements are nested deeper than {MAX_DEPTH}; flatten them in the feed")
    if len(element) and name not in _PROSE:
        inner: dict[str, list[Any]] = {}
        for child in element:
            inner_name = child.tag.rpartition("}")[2]
            inner.setdefault(inner_name, []).append(_value(child, inner_name, depth + 1))
        return {inner_name: _single(values) for inner_name, values in inner.items()}
    text = "".join(element.itertext()).strip()
    if text or element.get("rel", "alternate") != "alternate":
        return text
    return element.get("href") or element.get("url") or ""


def _single(values: list[Any]) -> Any:
    """The one value of an element, or all; a pair of name and value stays in a list, as which it is known."""
    if len(values) > 1 or (isinstance(values[0], dict) and "attribute_name" in values[0]):
        return values
    return values[0]
