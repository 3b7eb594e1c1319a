"""The cut-off of the vector side: what cosine of query and product is no better than chance in this catalogue."""

from __future__ import annotations

import numpy as np
import orjson

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


def fit_min_cosine(catalogue: CatalogueStore, reader: EngineReader, encoder: TextEncoder) -> float:
    """Pairs queries of one or two words out of the catalogue's own titles with products drawn at random.

    Returns:
        The cosine that `PERCENTILE` percent of the pairs stay below; -1 (no cut-off) where there are too few products.
    """
    ids = _sampled_ids(catalogue, reader.spec.index)
    random = np.random.default_rng(0)
    vectors = [vector for vector in reader.vectors(ids) if vector is not None]
    if len(vectors) < _MIN_PRODUCTS:
        return -1.0
    language = reader.spec.schema.language
    queries: list[str] = []
    for source in reader.sources(ids[: 4 * _QUERIES]):
        title = text_in(orjson.loads(source or b"{}").get("title", ""), language, language)
        words = [word for word in surface_words(title) if len(word) > 2 and not has_digit(word)]
        if words:
            queries.append(" ".join(random.choice(words, min(len(words), int(random.integers(1, 3))), replace=False)))
    if not queries:
        return -1.0
    cosines = encoder.encode_queries(queries[:_QUERIES]) @ np.stack(vectors).T
    return float(np.percentile(cosines, PERCENTILE))


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
