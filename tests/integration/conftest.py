"""Shops for the tests of the whole pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from elasticsearch_server import engine_of_its_own
from shops import Shop, open_shop

from indexer.product import Product
from search.searcher import IndexSearcher


@pytest.fixture(params=["embedded", "elasticsearch"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """Opens a shop of these products, on each engine."""
    with ExitStack() as opened:
        engine = None
        if request.param == "elasticsearch":
            engine = opened.enter_context(engine_of_its_own(request.getfixturevalue("elasticsearch_url")))

        def build(*products: Product, **options: object) -> IndexSearcher:
            return open_shop(tmp_path, products, engine=engine, **options)  # type: ignore[arg-type]

        yield build
