"""A shop behind the HTTP API, for the tests of its endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from described import conforms
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer.feeds.records import Row
from indexer.fields import Schema
from indexer.jobs.importing import ImportOptions
from indexer.jobs.progress import Silent
from indexer.product import Offer, Product
from search.config import Config
from search.maintenance import Maintenance
from search.services import Services

PROBLEM = "application/problem+json"


def product(id_: str, title: str, brand: str = "Alma", categories: Sequence[str] = (), price: int = 1000) -> Product:
    """A product in EUR; its categories are names from the root."""
    return Product(
        id_,
        title,
        brand=brand,
        categories=(tuple(categories),) if categories else (),
        images=(f"https://shop.example/{id_}.jpg",),
        offers={"default": Offer(price, "EUR")},
    )


def serve(folder: Path, products: Sequence[Product], index: str = "shop", **settings: Any) -> Config:
    """Imports products and gives the settings of a process that serves them."""
    config = Config(data_dir=folder, text_model="hashing", threads=1, refresh_ms=0, **settings)
    with Services(config) as services:
        fill(services, products, index)
    return config


def fill(services: Services, products: Sequence[Product], index: str = "shop") -> None:
    """Imports products."""
    rows = [Row(number, 0, one) for number, one in enumerate(products, 1)]
    Maintenance(services).import_feed(index, rows, ImportOptions(), Silent(), schema=Schema(encoder="hashing"))


def read(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    """The JSON of an answer that has this status and is as the API describes it."""
    assert answer.status_code == status, answer.text
    conforms(answer)
    assert answer.content_type == ("application/json" if status < 400 else PROBLEM)
    body: dict[str, Any] = answer.get_json(force=True)
    if status >= 400:
        assert body["status"] == status
        assert {"type", "title", "detail"} <= set(body)
    return body


def ask(client: FlaskClient, url: str, key: str = "", status: int = 200, **more: Any) -> dict[str, Any]:
    """The JSON of an answer, asked for with a key."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return read(client.open(url, headers=headers, **more), status)
