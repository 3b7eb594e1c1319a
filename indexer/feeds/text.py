"""Texts of a feed: what is taken off them, what makes them unusable, and markup turned into plain text."""

from __future__ import annotations

import html
import re

from indexer.errors import RowError
from indexer.feeds.records import shown

# Control characters other than tab and line feed, and halves of surrogate pairs.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f]")
_SURROGATE = re.compile("[\ud800-\udfff]")

_MARKUP = re.compile(
    r"</?(?:p|br|div|ul|ol|li|b|strong|i|em|u|span|h[1-6]|table|tr|td|th|a|img|font|section)\b[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)\b[^<>]*>|<!--|-->")
_INLINE = frozenset({"a", "abbr", "b", "em", "font", "i", "img", "s", "small", "span", "strong", "sub", "sup", "u"})
_HIDDEN = frozenset({"script", "style", "<!--"})


def clean(field: str, text: str) -> str:
    """The text without control characters (tab and line feed stay) and without space around it.

    Raises:
        RowError: it holds half of a surrogate pair, which no encoding can write.
    """
    if _UNWANTED.search(text):
        if _SURROGATE.search(text):
            raise RowError(field, shown(text), "half of a surrogate pair; write the character whole or leave it out")
        text = without_control(text)
    return text.strip()


def without_control(text: str) -> str:
    """The text without control characters; tab and line feed stay, other line ends become line feeds."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def has_control(text: str) -> bool:
    """Whether it holds a control character, tab and line ends included."""
    return any(char < " " for char in text)


def plain(text: str) -> str:
    """The text of a piece of HTML, a line for each block; a text without markup stays as it is."""
    if not _MARKUP.search(text):
        return text
    pieces: list[str] = []
    position = 0
    hidden = ""
    for tag in _TAG.finditer(text):
        # What is hidden ends only at its own end, whatever stands in it.
        name = "<!--" if tag.group() in ("<!--", "-->") else tag["name"].lower()
        ends = bool(tag["close"]) or tag.group() == "-->"
        if hidden:
            hidden = "" if ends and name == hidden else hidden
        else:
            pieces.append(text[position : tag.start()])
            hidden = name if name in _HIDDEN and not ends else ""
            pieces.append("" if name in _INLINE or name in _HIDDEN else "\n")
        position = tag.end()
    if not hidden:
        pieces.append(text[position:])
    lines = (line.strip() for line in html.unescape("".join(pieces)).split("\n"))
    return "\n".join(line for line in lines if line)
