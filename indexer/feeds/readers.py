"""From the bytes of a feed to the reader of its format."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import process

from indexer.errors import ConfigurationError
from indexer.feeds import json_items, merchant_xml
from indexer.feeds.delimited import read_delimited
from indexer.feeds.dialect import Dialect, detect_dialect
from indexer.feeds.encoding import UTF_8, check_encoding, detect_encoding, is_wide, prefix_to_utf_8, to_utf_8
from indexer.feeds.jsonl import read_json_lines
from indexer.feeds.records import Record
from indexer.feeds.shopify import COLUMNS_OF_SHOPIFY, fold_shopify, is_shopify
from indexer.feeds.sniff import FORMATS, check_foreign, detect_format
from indexer.feeds.source import ByteSource

PREFIX_BYTES = 1 << 20
"""So much of a feed is looked at to tell its format, encoding and delimiter."""

_MIN_LIKENESS = 60
# Below what the csv module takes in one cell by default.
_MAX_HEADER_CHARS = 100_000


@dataclass(frozen=True, slots=True)
class Reader:
    """An opened feed whose columns are not yet known.

    Args:
        format: one of `FORMATS`.
        records: still to be read.
        encoding: of its text, "" for Parquet.
        delimiter: of delimited text, else "".
        textual: the format knows nothing but texts, so that numbers are read from them.
        mapping: column by target, where the format says it.
    """

    format: str
    records: Iterator[Record]
    encoding: str = ""
    delimiter: str = ""
    textual: bool = False
    mapping: Mapping[str, str] = field(default_factory=dict)


def open_reader(source: ByteSource, max_row_bytes: int, wanted_format: str, wanted_encoding: str) -> Reader:
    """The reader of a feed.

    Args:
        source: of its bytes.
        max_row_bytes: longer rows are passed over and rejected.
        wanted_format: one of `FORMATS`, "" to detect it.
        wanted_encoding: a codec's name, "" to detect it.

    Raises:
        FeedError: it is no feed, or its beginning cannot be read.
        ConfigurationError: there is no such format or encoding.
    """
    if wanted_format and wanted_format not in FORMATS:
        found = process.extractOne(wanted_format, FORMATS.keys(), score_cutoff=_MIN_LIKENESS)
        nearest = f"; nearest: {found[0]}" if found else ""
        raise ConfigurationError(f"there is no feed format {wanted_format!r}; there are {', '.join(FORMATS)}{nearest}")
    raw = source.peek(PREFIX_BYTES)
    check_foreign(raw)
    encoding = check_encoding(wanted_encoding) if wanted_encoding else detect_encoding(raw)
    prefix = prefix_to_utf_8(raw, encoding)
    chosen = wanted_format or detect_format(prefix, source.name)
    if chosen == "parquet":
        # Imported here: its library takes long to load, and whoever only searches never needs it.
        from indexer.feeds.parquet import read_parquet

        return Reader(chosen, read_parquet(source, max_row_bytes))
    narrowed = is_wide(encoding) or (bool(wanted_encoding) and chosen in ("jsonl", "json", "xml"))
    chunks = to_utf_8(source.chunks(), encoding, transcode=narrowed)
    if chosen in ("csv", "tsv", "shopify"):
        return _open_delimited(chunks, prefix, max_row_bytes, chosen, encoding)
    # JSON is UTF-8 where nobody says otherwise; XML names its encoding itself.
    shown = encoding if narrowed else UTF_8
    if chosen == "jsonl":
        return Reader(chosen, read_json_lines(chunks, max_row_bytes), shown)
    if chosen == "json":
        return Reader(chosen, json_items.read_json_items(chunks, max_row_bytes, json_items.find_shape(prefix)), shown)
    inner = UTF_8 if narrowed else merchant_xml.declared_encoding(prefix)
    records = merchant_xml.read_xml(chunks, max_row_bytes, merchant_xml.find_shape(prefix), inner)
    return Reader(chosen, records, encoding if narrowed else inner, textual=True)


def _open_delimited(chunks: Iterator[bytes], prefix: bytes, max_row_bytes: int, chosen: str, encoding: str) -> Reader:
    inner = UTF_8 if is_wide(encoding) else encoding
    dialect = detect_dialect(prefix, inner)
    if chosen == "tsv":
        dialect = Dialect("\t", dialect.terminator, dialect.skip_lines)
    if chosen == "shopify" or is_shopify(_header(prefix, dialect, inner)):
        rows = read_delimited(chunks, max_row_bytes, dialect, inner, fold_pairs=False)
        folded = fold_shopify(rows, max_row_bytes)
        return Reader("shopify", folded, encoding, dialect.delimiter, textual=True, mapping=COLUMNS_OF_SHOPIFY)
    records = read_delimited(chunks, max_row_bytes, dialect, inner)
    return Reader(chosen, records, encoding, dialect.delimiter, textual=True)


def _header(prefix: bytes, dialect: Dialect, encoding: str) -> Sequence[str]:
    """The names in the header, of a very long one only the first."""
    lines = prefix.decode(encoding, errors="replace").split(dialect.terminator.decode(), dialect.skip_lines + 1)
    header = [line[:_MAX_HEADER_CHARS].replace("\r", "") for line in lines[dialect.skip_lines : dialect.skip_lines + 1]]
    return next(csv.reader(header, delimiter=dialect.delimiter), [])
