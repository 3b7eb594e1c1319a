"""What is declared is what is written and asked: mapping, documents and queries name the same fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import orjson
import pytest

from indexer.engines.elasticsearch.bodies import Bodies
from indexer.engines.elasticsearch.documents import product_body, tombstone_body
from indexer.engines.elasticsearch.fields import SOURCE, Fields
from indexer.engines.elasticsearch.mapping import FORMAT, META, drift, index_body, read_meta
from indexer.engines.elasticsearch.settings import ElasticsearchSettings, Vectors
from indexer.engines.protocol import GenerationSpec, IndexDocument
from indexer.engines.query import (
    Alternative,
    And,
    Exists,
    Facet,
    In,
    Phrase,
    Range,
    Scope,
    SearchQuery,
    SortKey,
    TermGroup,
    Words,
)
from indexer.errors import ConfigurationError, CorruptionError
from indexer.fields import TEXT_FIELDS, Field, FieldType, Schema

SCHEMA = Schema(
    attributes=(
        Field("colour", FieldType.KEYWORD, "colour", variant=True),
        Field("max. weight", FieldType.NUMBER, "max. weight"),
        Field("max", FieldType.KEYWORD, "max"),
        Field("source", FieldType.KEYWORD, "source"),
        Field("organic", FieldType.BOOLEAN, "organic"),
    ),
    languages=("de", "pt-BR"),
    currencies={"default": "EUR", "u.k.": "GBP"},
)
SPEC = GenerationSpec("shop", 3, SCHEMA, "v1", 4)
SETTINGS = ElasticsearchSettings()
FIELDS = Fields(SCHEMA)
UNDECLARED = {SOURCE}
"""Only read back, never asked for."""


def declared(properties: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, body in properties.items():
        yield before + name
        yield from declared(body.get("properties", {}), f"{before}{name}.")


def mentioned(body: Any) -> Iterator[str]:
    """All fields that a search body names."""
    named_inside = {"term", "terms", "range", "match_phrase"}
    if isinstance(body, list):
        for part in body:
            yield from mentioned(part)
    elif isinstance(body, dict):
        for key, value in body.items():
            if key in ("field", "path"):
                yield value
            elif key in named_inside and isinstance(value, dict) and "field" not in value:
                yield next(iter(value))
            elif key == "sort":
                yield from (next(iter(part)) for part in value)
            else:
                yield from mentioned(value)


def mapped() -> set[str]:
    return set(declared(index_body(SPEC, SETTINGS)["mappings"]["properties"]))


def full_document() -> IndexDocument:
    values: dict[str, tuple[Any, ...]] = {
        key: {
            FieldType.NUMBER: (1.5,),
            FieldType.MONEY: (100,),
            FieldType.DATE: (1_700_000_000,),
            FieldType.BOOLEAN: (True,),
        }.get(field.type, ("x", "y"))
        for key, field in SCHEMA.columns.items()
    }
    variant = {key: value for key, value in values.items() if SCHEMA.columns[key].variant}
    texts = {field: {"en": f"{field} HL2140", "de": "Wörter"} for field in TEXT_FIELDS}
    vector = np.array([1, 0, 0, 0], np.float32)
    return IndexDocument("p1", 9, texts, values, (variant, variant), vector, '{"id":"p1","title":"ü"}'.encode())


def paths(body: Mapping[str, Any], before: str = "") -> Iterator[str]:
    for name, value in body.items():
        inside = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value
        if isinstance(inside, dict):
            yield from paths(inside, f"{before}{name}.")
        else:
            yield before + name


def test_every_field_of_a_document_is_declared() -> None:
    body = orjson.loads(product_body(full_document(), FIELDS, 2))
    assert set(paths(body)) - UNDECLARED <= mapped()
    assert set(paths(orjson.loads(tombstone_body(3, 2, 1.0)))) <= mapped()


def test_every_field_that_is_asked_for_is_declared() -> None:
    bodies = Bodies(FIELDS, 3, Vectors.INT8)
    everything = And(
        tuple(Range(key, 0, 1) if FIELDS.is_numeric(key) else In(key, ("x",)) for key in SCHEMA.columns)
        + tuple(Exists(key) for key in SCHEMA.columns)
    )
    hl = TermGroup((Alternative(("hl2140",)), Alternative(("a", "b"))))
    query = SearchQuery(
        Words((hl,), optional=(hl,), languages=SCHEMA.all_languages),
        scope=Scope(everything, everything, (Phrase(("a", "b")),), (hl,), (Phrase(("c",)),)),
        refine={"colour": In("colour", ("red",)), "brand": In("brand", ("x",))},
        facets=tuple(Facet(key, ranges=((0, 1),)) for key in SCHEMA.columns),
        sort=tuple(SortKey(key) for key in SCHEMA.columns),
    )
    vector = np.array([1, 0, 0, 0], np.float32)
    asked = [
        bodies.lexical_list(query, with_facets=True),
        bodies.hybrid(query, vector, with_words=True),
        bodies.matching(None, Scope(), ["p1"]),
        bodies.words(None),
        bodies.words_since(3, 10),
        bodies.words_of(None, Scope(), ".*", 10),
    ]
    named = set(mentioned(asked)) - {"_score"}
    assert named <= mapped()
    assert {FIELDS.column(key) for key in SCHEMA.columns} <= named
    assert {FIELDS.column(key, of_variant=True) for key in SCHEMA.columns if FIELDS.is_variant(key)} <= named
    assert set(FIELDS.texts()) <= named


def test_names_that_elasticsearch_would_read_as_paths_stay_single_fields() -> None:
    assert FIELDS.column("max. weight") == "attributes.max%2e weight"
    assert FIELDS.column("max") == "attributes.max"
    assert FIELDS.column("price@u.k.") == "price@u%2ek%2e"
    assert FIELDS.column("source") == "attributes.source"
    assert FIELDS.column("brand") == "brand"


def test_a_document_can_be_read_by_others() -> None:
    body = orjson.loads(product_body(full_document(), FIELDS, 2))
    assert body["title"] == {"en": "title HL2140", "de": "Wörter"}
    assert body["terms"]["title"]["en"] == ["titl hl 2140", "hl2140"]
    assert body["price@default"] == 100
    assert body["attributes"]["colour"] == ["x", "y"]
    assert body["source"] == '{"id":"p1","title":"ü"}'
    assert body["words"] == ["attributes", "brand", "category", "codes", "description", "hl2140", "title", "worter"]


def test_the_mapping_says_what_the_generation_is() -> None:
    spec, fitted = read_meta("shop@3", index_body(SPEC, SETTINGS)["mappings"])
    assert spec == SPEC
    assert (fitted.min_cosine, fitted.candidates) == (-1.0, 0)


def test_a_mapping_of_a_later_release_or_of_others_is_named() -> None:
    mappings = index_body(SPEC, SETTINGS)["mappings"]
    mappings["_meta"][META]["format"] = FORMAT + 1
    with pytest.raises(ConfigurationError, match="upgrade shelfwise"):
        read_meta("shop@3", mappings)
    with pytest.raises(CorruptionError, match="rebuild"):
        read_meta("shop@3", {"_meta": {}})


def test_drift_is_told_by_field() -> None:
    mappings = index_body(SPEC, SETTINGS)["mappings"]
    assert drift(SPEC, mappings) == []
    properties = mappings["properties"]
    properties["brand"] = {"type": "text"}
    properties["vector"]["dims"] = 3
    del properties["rating"]
    assert drift(SPEC, mappings) == [
        "brand is of type text instead of keyword",
        "rating is missing, which should be of type double",
        "vector has 3 dimensions instead of 4",
    ]


@pytest.mark.parametrize("vectors", list(Vectors))
def test_vectors_are_kept_as_the_setting_says(vectors: Vectors) -> None:
    body = index_body(SPEC, ElasticsearchSettings(vectors=vectors, shards=3, replicas=2))
    assert body["mappings"]["properties"]["vector"]["index_options"] == {"type": vectors.value}
    assert body["settings"]["index"]["number_of_shards"] == 3
    assert body["settings"]["index"]["number_of_replicas"] == 2
    knn = Bodies(FIELDS, 1, vectors).hybrid(SearchQuery(), np.ones(4, np.float32), with_words=False)["knn"]
    assert ("rescore_vector" in knn) == (vectors is not Vectors.FLOAT)
