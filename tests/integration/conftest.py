"""Shops for the tests of the whole pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest
from shops import Shop, open_shop

from indexer.product import Product
from search.searcher import IndexSearcher


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Opens a shop of these products in a folder of the test's own."""

    def build(*products: Product, **options: object) -> IndexSearcher:
        return open_shop(tmp_path, products, **options)  # type: ignore[arg-type]

    return build
