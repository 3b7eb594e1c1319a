"""Small shops for tests of the whole pipeline: products in, an open searcher out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.documents import embedded_text, to_index_document
from indexer.encoders.protocol import EncoderManifest, TextEncoder
from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.engines.protocol import Engine, GenerationSpec
from indexer.engines.query import Filter
from indexer.fields import Schema
from indexer.product import Availability, Offer, Product, encode_document
from search.request import parse_request, resolve
from search.response import SearchResponse
from search.searcher import IndexSearcher
from search.settings import Ranking

Shop = Callable[..., IndexSearcher]
"""Opens a shop of products: the fixture `shop`."""


class Meanings:
    """An encoder with known vectors: each word of `axes` points along an axis, all other words mean nothing."""

    def __init__(self, axes: Mapping[str, int], languages: tuple[str, ...] = ()) -> None:
        self._axes = axes
        self.manifest = EncoderManifest("meanings", "meanings-1", 8, languages, 512)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), 8), np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().split():
                if word in self._axes:
                    vectors[row, self._axes[word]] += 1
            vectors[row] /= np.linalg.norm(vectors[row]) or 1.0
        return vectors

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encode_queries(texts)


class Broken:
    """An encoder whose model fails on every query."""

    def __init__(self, whole: TextEncoder) -> None:
        self.manifest = whole.manifest

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise RuntimeError("the model is on fire")

    encode_documents = encode_queries


def open_shop(
    folder: Path,
    products: Sequence[Product],
    *,
    schema: Schema | None = None,
    encoder: TextEncoder | None = None,
    ranking: Ranking | None = None,
    engine: Engine | None = None,
) -> IndexSearcher:
    """Writes the products to a new generation and opens it.

    Args:
        engine: None for the embedded one in the folder.
    """
    schema = schema or Schema()
    engine = engine or EmbeddedEngine(folder)
    dim = encoder.manifest.dim if encoder else 0
    version = encoder.manifest.version if encoder else ""
    engine.create(GenerationSpec("shop", 1, schema, version, dim))
    documents = []
    for number, product in enumerate(products, 1):
        vector = None
        if encoder is not None:
            found = encoder.encode_documents([embedded_text(product, schema)])[0]
            vector = found if found.any() else None
        documents.append(to_index_document(product, schema, number, vector, encode_document(product)))
    with engine.writer("shop", 1) as writer:
        writer.write(documents)
        writer.commit(len(products))
    return IndexSearcher(engine.reader("shop", 1), ranking or Ranking(), encoder)


def ask(searcher: IndexSearcher, enforced: Filter | None = None, **body: Any) -> SearchResponse:
    """One search, as the body of a request says it."""
    return searcher.search(resolve(parse_request(body, "body"), searcher.schema), enforced)


def ids(response: SearchResponse) -> list[str]:
    """The ids of the page in order."""
    return [hit.id for hit in response.hits]


def titled(*titles: str) -> list[Product]:
    """Products p1, p2, … with these titles."""
    return [Product(f"p{number}", title) for number, title in enumerate(titles, 1)]


def offered(id_: str, title: str, price: int, availability: Availability = Availability.IN_STOCK) -> Product:
    return Product(id_, title, offers={"default": Offer(price, "EUR", availability=availability)})


EUROS = Schema(currencies={"default": "EUR"})
WEATHER = Meanings({"umbrella": 0, "rain": 0, "jacket": 1, "coat": 1, "lamp": 2, "light": 2})
RAINY = titled("Rain jacket", "Umbrella black", "Warm coat", "Desk lamp", "Umbrella stand", "Paper")
CUT = Ranking(min_cosine=0.5)
