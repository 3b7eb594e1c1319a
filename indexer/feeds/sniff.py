"""Which format a feed is in: by its first bytes, and by its name only where these leave it open."""

from __future__ import annotations

import re
from pathlib import PurePath

from indexer.errors import FeedError
from indexer.feeds.json_items import find_shape

FORMATS = {
    "jsonl": "JSON Lines: one object a line",
    "json": "a JSON array, an array in an object, or objects one after another",
    "csv": "CSV, TSV or another delimited text; the delimiter is detected",
    "tsv": "tab-separated text",
    "shopify": "product export of Shopify (CSV)",
    "xml": "Google Merchant feed (RSS 2.0 or Atom)",
    "parquet": "Apache Parquet",
}
"""The names that `format` takes, with what they are."""

_BY_SUFFIX = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "tsv",
    ".xml": "xml",
    ".rss": "xml",
    ".atom": "xml",
    ".parquet": "parquet",
}
_FOREIGN = (
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet (.xlsx); unpack it, or save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet (.xls); save it as CSV"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BZh", "compressed with bzip2; use gzip, or unpack it"),
    (b"\xfd7zXZ", "compressed with xz; use gzip, or unpack it"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd; use gzip, or unpack it"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it"),
    (b"\x1f\x8b", "compressed twice; unpack it once"),
    (b"SQLite format 3", "a database; export its table as CSV"),
)
PARQUET_MAGIC = b"PAR1"
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HTML = re.compile(rb"\s*(?:<!doctype html|<html)", re.IGNORECASE)
_EXPECTED = "expected JSON Lines, JSON, CSV, TSV, XML or Parquet"
_JUDGED_BYTES = 65_536
_BINARY_SHARE = 0.1
_MANY_CONTROLS = 32
_SAMPLE_LINES = 20


def check_foreign(prefix: bytes) -> None:
    """Refuses what is known to be no feed.

    Args:
        prefix: the first bytes as they are, decompressed.

    Raises:
        FeedError: the feed is empty, or of a foreign kind.
    """
    if not prefix:
        raise FeedError(f"the feed is empty: not one byte; {_EXPECTED}")
    for magic, kind in _FOREIGN:
        if prefix.startswith(magic):
            raise FeedError(f"this is no feed but {kind}")


def detect_format(prefix: bytes, name: str) -> str:
    """One of `FORMATS`.

    Args:
        prefix: the first bytes, as UTF-8 or another encoding with ASCII in it.
        name: of the file, which may end in ".gz" beside its own suffix.

    Raises:
        FeedError: it is no text, or a web page, or nothing but spaces.
    """
    if prefix.startswith(PARQUET_MAGIC):
        return "parquet"
    head = prefix[:_JUDGED_BYTES]
    if len(_CONTROL.findall(head)) > max(_BINARY_SHARE * len(head), _MANY_CONTROLS):
        raise FeedError(f"this is no text: it begins with {head[:16]!r}; {_EXPECTED}")
    text = prefix.lstrip()
    if not text:
        raise FeedError(f"the feed is empty: nothing but spaces; {_EXPECTED}")
    if _HTML.match(text):
        raise FeedError("this is no feed but a web page, perhaps of a login or an error; open its address")
    by_name = _BY_SUFFIX.get(PurePath(name.lower().removesuffix(".gz")).suffix, "")
    if text.startswith(b"<"):
        return "xml"
    if text.startswith(b"["):
        return "json"
    objects = _object_lines(text)
    if text.startswith(b"{"):
        return "json" if by_name != "jsonl" and _is_one_document(text, objects, by_name) else "jsonl"
    if objects or by_name == "jsonl":
        return "jsonl"
    return by_name if by_name == "tsv" else "csv"


def _is_one_document(text: bytes, objects: int, by_name: str) -> bool:
    """Whether a text that begins with a brace is a JSON document rather than lines of objects."""
    if objects > 1:
        return False
    if find_shape(text).wrapped:
        return True
    return objects == 0 and (by_name == "json" or b"\n" in text)


def _object_lines(text: bytes) -> int:
    """How many of the first lines are an object each, whole or broken within."""
    first = [line.strip() for line in text.split(b"\n", _SAMPLE_LINES)[:_SAMPLE_LINES]]
    return sum(line.startswith(b"{") and line.endswith(b"}") and len(line) > 2 for line in first)
