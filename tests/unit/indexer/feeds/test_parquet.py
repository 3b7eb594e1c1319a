from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from indexer.errors import FeedError
from indexer.feeds import Rejected, Row, TruncatedFeedError, open_feed
from indexer.product import Offer, Product

Reads = Callable[..., list[Row | Rejected]]
Products = Callable[..., list[Product]]


def packed(rows: list[dict[str, Any]]) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), stream, row_group_size=3)
    return stream.getvalue()


ROWS: list[dict[str, Any]] = [
    {
        "id": 1.0,
        "title": "A",
        "price": Decimal("12.90"),
        "released": date(2024, 5, 1),
        "seen": datetime(2024, 5, 1, 12, tzinfo=UTC),
        "sizes": [38, 39],
        "box": {"width": 1.5, "note": None},
        "raw": b"bytes",
        "gone": float("nan"),
    }
]


def test_values_keep_their_types(read_products: Products) -> None:
    (product,) = read_products(packed(ROWS))
    assert (product.id, product.released_at, product.offers) == ("1", "2024-05-01T00:00:00Z", {"default": Offer(1290)})
    assert product.attributes == {
        "seen": "2024-05-01T12:00:00Z",
        "sizes": (38, 39),
        "box.width": 1.5,
        "raw": "bytes",
    }


def test_rows_are_numbered_through_all_groups(read_feed: Reads) -> None:
    found = read_feed(packed([{"id": number, "title": "A"} for number in range(1, 8)]))
    assert [row.line for row in found] == [1, 2, 3, 4, 5, 6, 7]


def test_a_gzipped_one_and_a_path_are_read_alike(read_products: Products, tmp_path: Path) -> None:
    path = tmp_path / "feed"
    path.write_bytes(packed(ROWS))
    with open_feed(path) as feed:
        rows = list(feed)
        assert feed.description.format == "parquet"
        assert feed.bytes_read == feed.total_bytes
    assert [row.product for row in rows if isinstance(row, Row)] == read_products(gzip.compress(packed(ROWS)))


def test_bytes_that_are_no_text_and_rows_that_are_too_large_are_rejected(read_feed: Reads) -> None:
    found = read_feed(
        packed(
            [
                {"id": 1, "title": "A", "raw": b"\xff"},
                {"id": 2, "title": "x" * 500, "raw": None},
                {"id": 3, "title": "C", "raw": None},
            ]
        ),
        max_row_bytes=400,
    )
    assert [(row.id, row.field) for row in found if isinstance(row, Rejected)] == [("1", "raw"), ("2", "")]
    assert isinstance(found[2], Row)


def test_a_cut_file_is_told() -> None:
    with pytest.raises(TruncatedFeedError, match="does not end with PAR1"):
        open_feed(io.BytesIO(packed(ROWS)[:-10]))


def test_a_damaged_file_is_told() -> None:
    data = packed(ROWS)
    with pytest.raises(FeedError, match="damaged") as caught:
        list(open_feed(io.BytesIO(b"PAR1" + b"\xff" * (len(data) - 12) + data[-8:])))
    assert not isinstance(caught.value, TruncatedFeedError)
