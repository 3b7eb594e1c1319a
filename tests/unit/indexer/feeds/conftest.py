from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from indexer.feeds import Rejected, Row, open_feed
from indexer.product import Product


class NamedBytes(io.BytesIO):
    """Bytes in memory that have the name of a file."""

    def __init__(self, data: bytes, name: str = "") -> None:
        super().__init__(data)
        self.name = name


@pytest.fixture
def read_feed() -> Callable[..., list[Row | Rejected]]:
    """Reads a feed of bytes to its end."""

    def read(data: bytes, name: str = "", **options: Any) -> list[Row | Rejected]:
        return list(open_feed(NamedBytes(data, name), **options))

    return read


@pytest.fixture
def read_products(read_feed: Callable[..., list[Row | Rejected]]) -> Callable[..., list[Product]]:
    """Reads a feed in which no row is rejected."""

    def read(data: bytes, name: str = "", **options: Any) -> list[Product]:
        rows = read_feed(data, name, **options)
        assert all(isinstance(row, Row) for row in rows), rows
        return [row.product for row in rows if isinstance(row, Row)]

    return read
