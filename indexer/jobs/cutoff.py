"""The cut-off of the vector side: what cosine of query and product is no better than chance in this catalogue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from indexer.analysis.words import has_digit, surface_words
from indexer.encoders.protocol import TextEncoder
from indexer.engines.protocol import EngineReader
from indexer.product import text_in
from indexer.store.protocol import CatalogueStore

PERCENTILE = 95.0
"""Of random pairs of a short query and a product, this share is less alike than the cut-off."""

_QUERIES = 200
_PRODUCTS = 1_000
_MIN_PRODUCTS = 100


@dataclass(frozen=True)
class Fitted:
    """What the vector side of a generation is fitted to.

    Args:
        min_cosine: the cosine that `PERCENTILE` percent of the random pairs stay below; -1 (no cut-off) where there are
            too few products.
        queries: float32 (n, dim), the queries of the pairs; None where there are none.
    """

    min_cosine: float
    queries: NDArray[np.float32] | None


def fit_neighbours(catalogue: CatalogueStore, reader: EngineReader, encoder: TextEncoder) -> Fitted:
    """Pairs queries of one or two words out of the catalogue's own titles with products drawn at random."""
    ids = _sampled_ids(catalogue, reader.spec.index)
    vectors = [vector for vector in reader.vectors(ids) if vector is not None]
    queries = _queries(reader, ids)
    if len(vectors) < _MIN_PRODUCTS or not queries:
        return Fitted(-1.0, None)
    asked = encoder.encode_queries(queries)
    return Fitted(float(np.percentile(asked @ np.stack(vectors).T, PERCENTILE)), asked)


def _queries(reader: EngineReader, ids: list[str]) -> list[str]:
    random = np.random.default_rng(0)
    language = reader.spec.schema.language
    queries: list[str] = []
    for source in reader.sources(ids[: 4 * _QUERIES]):
        title = text_in(orjson.loads(source or b"{}").get("title", ""), language, language)
        words = [word for word in surface_words(title) if len(word) > 2 and not has_digit(word)]
        if words:
            queries.append(" ".join(random.choice(words, min(len(words), int(random.integers(1, 3))), replace=False)))
    return queries[:_QUERIES]


def _sampled_ids(catalogue: CatalogueStore, index: str) -> list[str]:
    """Ids spread over the catalogue, the same ones for the same catalogue."""
    total = catalogue.count(index)
    step = max(1, total // _PRODUCTS)
    ids: list[str] = []
    after, seen = "", 0
    while len(ids) < _PRODUCTS:
        batch = catalogue.ids(index, after, 5_000)
        if not batch:
            break
        ids += [id_ for place, id_ in enumerate(batch, seen) if place % step == 0]
        seen += len(batch)
        after = batch[-1]
    return ids[:_PRODUCTS]
