"""Products as Elasticsearch keeps them."""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from indexer.analysis.analyzer import analyzer
from indexer.analysis.words import surface_words
from indexer.engines.elasticsearch.fields import (
    CHANGE,
    COMMIT,
    DELETED,
    DELETED_AT,
    ID,
    RAW_TEXTS,
    SOURCE,
    SOURCE_SUM,
    VARIANT_COUNT,
    VARIANTS,
    VECTOR,
    VECTOR_SUM,
    WORDS,
    Fields,
    key_path,
)
from indexer.engines.protocol import IndexDocument
from indexer.engines.query import Atom
from indexer.fields import FieldType

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY


def product_body(document: IndexDocument, fields: Fields, commit: int) -> bytes:
    """A product as JSON.

    Args:
        commit: the number of the commit that it comes with.
    """
    body: dict[str, Any] = {ID: document.id, CHANGE: document.change_number, COMMIT: commit}
    _add_texts(body, document, fields)
    variants = document.variants
    # A product has few of the declared columns.
    for key in dict.fromkeys((*document.values, *(key for variant in variants for key in variant))):
        if key == ID:
            continue
        if fields.is_variant(key) and variants:
            found = tuple(dict.fromkeys(value for variant in variants for value in variant.get(key, ())))
        else:
            found = document.values.get(key, ())
        _put(body, fields.column(key), _stored(found, fields.type(key)))
    body[VARIANT_COUNT] = len(variants)
    if len(variants) > 1:  # a single one is in the product's own fields
        body[VARIANTS] = [_variant(variant, fields) for variant in variants]
    if document.vector is not None:
        vector = np.ascontiguousarray(document.vector, "<f4")
        body[VECTOR], body[VECTOR_SUM] = vector, vector_sum(vector)
    body[SOURCE], body[SOURCE_SUM] = document.source.decode(), zlib.crc32(document.source)
    return orjson.dumps(body, option=_OPTIONS)


def tombstone_body(change_number: int, commit: int, now_s: float) -> bytes:
    """What stays of a deleted product, so that no older change brings it back."""
    return orjson.dumps({DELETED: True, DELETED_AT: int(now_s), CHANGE: change_number, COMMIT: commit})


def vector_sum(vector: NDArray[np.float32]) -> int:
    """The checksum of a vector."""
    return zlib.crc32(np.ascontiguousarray(vector, "<f4").tobytes())


def as_text(value: Atom) -> str:
    """How a keyword field writes a value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _add_texts(body: dict[str, Any], document: IndexDocument, fields: Fields) -> None:
    seen: set[str] = set()
    for field, texts in document.texts.items():
        if field in RAW_TEXTS:
            body[field] = {key_path(language): text for language, text in texts.items()}
        terms: dict[str, list[str]] = {}
        for language, text in texts.items():
            known = fields.known(language)
            # The words that have pieces apart from the others, so that phrases stay what they are.
            terms.setdefault(known, []).extend(filter(None, analyzer(known).index_text(text)))
            seen.update(surface_words(text))
        for language, parts in terms.items():
            _put(body, fields.text(field, language), parts)
    body[WORDS] = sorted(seen)


def _variant(variant: Mapping[str, tuple[Atom, ...]], fields: Fields) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, found in variant.items():
        if fields.is_variant(key):
            _put(result, fields.column(key), _stored(found, fields.type(key)))
    return result


def _stored(values: Sequence[Atom], kind: FieldType) -> list[Any]:
    match kind:
        case FieldType.NUMBER:
            return [float(value) for value in values if math.isfinite(float(value))]
        case FieldType.MONEY | FieldType.DATE:
            return [int(value) for value in values]
        case FieldType.BOOLEAN:
            return [bool(value) for value in values]
        case _:
            return [as_text(value) for value in values]


def _put(body: dict[str, Any], path: str, values: list[Any]) -> None:
    """Puts what there is at a path."""
    if not values:
        return
    *objects, last = path.split(".")
    for step in objects:
        body = body.setdefault(step, {})
    body[last] = values[0] if len(values) == 1 else values
