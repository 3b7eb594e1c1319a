from __future__ import annotations

import gzip

import pytest

from indexer.errors import FeedError
from indexer.feeds.sniff import check_foreign, detect_format


@pytest.mark.parametrize(
    ("prefix", "name", "wanted"),
    [
        (b'{"id": 1}\n{"id": 2}\n', "", "jsonl"),
        (b'{"id": 1}\n{"id": 2}\n', "wrong.csv", "jsonl"),
        (b'{"id": 1}', "", "jsonl"),
        (b'{"id": 1, "t":\n{"id": 2}\n{"id": 3}\n', "", "jsonl"),
        (b'junk\n{"id": 2}\n', "", "jsonl"),
        (b' [{"id": 1}]', "", "json"),
        (b'{"products": [{"id": 1}]}', "", "json"),
        (b'{"products": [\n{"id": 1},\n{"id": 2}\n]}', "", "json"),
        (b'{\n  "id": 1\n}\n', "", "json"),
        (b'{"id": 1, "title": "' + b"x" * 1000, "", "jsonl"),
        (b'{"id": 1, "title": "' + b"x" * 1000, "feed.json", "json"),
        (b"<?xml version='1.0'?><rss>", "", "xml"),
        (b"PAR1\x15\x04", "", "parquet"),
        (b"id,title\n1,a\n", "", "csv"),
        (b"id\ttitle\n1\ta\n", "feed.TSV.gz", "tsv"),
        (b"id,title\n1,a\n", "feed.parquet", "csv"),
    ],
)
def test_content_goes_before_the_name(prefix: bytes, name: str, wanted: str) -> None:
    assert detect_format(prefix, name) == wanted


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "spreadsheet"),
        (b"%PDF-1.7", "PDF"),
        (b"BZh91AY", "bzip2"),
        (gzip.compress(b"twice"), "unpack it once"),
    ],
)
def test_what_is_known_to_be_no_feed_is_named(data: bytes, message: str) -> None:
    with pytest.raises(FeedError, match=message):
        check_foreign(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b" \n\t\n", "nothing but spaces"),
        (b"<!DOCTYPE html><html><body>Please log in", "web page"),
        (bytes(range(256)) * 10, "no text"),
    ],
)
def test_what_cannot_be_a_feed_is_told(data: bytes, message: str) -> None:
    with pytest.raises(FeedError, match=message):
        detect_format(data, "")
