"""The Elasticsearch index of a generation: its settings, its mapping, and what the mapping says of the generation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indexer.engines.elasticsearch.fields import (
    CHANGE,
    COMMIT,
    DELETED,
    DELETED_AT,
    ID,
    RAW_TEXTS,
    SOURCE_SUM,
    VARIANT_COUNT,
    VARIANTS,
    VECTOR,
    VECTOR_SUM,
    WORDS,
    Fields,
    key_path,
)
from indexer.engines.elasticsearch.settings import ElasticsearchSettings, Vectors
from indexer.engines.protocol import GenerationSpec
from indexer.errors import ConfigurationError, CorruptionError
from indexer.fields import FieldType, schema_from_json, schema_to_json

FORMAT = 1
"""Grows when a reader of an earlier release could not read what this one writes."""
ANALYZER = "shelfwise_terms"
MAX_WINDOW = 20_000
"""How deep a list can be read; twice as deep as pages go."""
META = "shelfwise"

_MAX_KEYWORD_CHARS = 8_191
"""Elasticsearch takes 32,766 bytes of a value; longer ones stay in the document only."""
_MORE_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a generation was fitted to when it was finished.

    Args:
        min_cosine: see `EngineReader`.
        candidates: so many the approximate vector search looks at, 0 where it was not fitted.
    """

    min_cosine: float = -1.0
    candidates: int = 0


def index_body(spec: GenerationSpec, settings: ElasticsearchSettings) -> dict[str, Any]:
    """What makes the index of a generation."""
    properties = _properties(spec, settings.vectors)
    return {
        "settings": {
            "index": {
                "number_of_shards": settings.shards,
                "number_of_replicas": settings.replicas,
                # Commits make visible what they wrote, and nothing else does.
                "refresh_interval": "-1",
                "gc_deletes": "1h",
                "max_result_window": MAX_WINDOW,
                "mapping": {
                    "total_fields": {"limit": _count(properties) + _MORE_FIELDS},
                    "nested_objects": {"limit": 70_000},
                },
                # The words come analysed: `indexer.analysis` runs in front of every engine.
                "analysis": {"analyzer": {ANALYZER: {"type": "custom", "tokenizer": "whitespace"}}},
            }
        },
        "mappings": {"dynamic": False, "_meta": meta(spec, Fitted()), "properties": properties},
    }


def meta(spec: GenerationSpec, fitted: Fitted) -> dict[str, Any]:
    """What the mapping says of a generation."""
    return {
        META: {
            "format": FORMAT,
            "index": spec.index,
            "number": spec.number,
            "encoder_version": spec.encoder_version,
            "dim": spec.dim,
            "schema": schema_to_json(spec.schema),
            "fitted": {"min_cosine": fitted.min_cosine, "candidates": fitted.candidates},
        }
    }


def stored_format(mappings: Mapping[str, Any]) -> int:
    """The format of a generation by its mapping; 0 where that does not say."""
    try:
        return int(mappings["_meta"][META]["format"])
    except (KeyError, TypeError, ValueError):
        return 0


def read_meta(name: str, mappings: Mapping[str, Any]) -> tuple[GenerationSpec, Fitted]:
    """(spec, fitted values) of a generation.

    Args:
        name: of the Elasticsearch index.
        mappings: its mapping, as Elasticsearch gives it.

    Raises:
        CorruptionError: it does not say what the generation is.
        ConfigurationError: a later release made it.
    """
    version = stored_format(mappings)
    if version > FORMAT:
        raise ConfigurationError(
            f"the Elasticsearch index {name} has format {version}, this release reads up to {FORMAT}: upgrade shelfwise"
        )
    try:
        data = mappings["_meta"][META]
        spec = GenerationSpec(
            index=data["index"],
            number=data["number"],
            schema=schema_from_json(data["schema"]),
            encoder_version=data["encoder_version"],
            dim=data["dim"],
        )
        fitted = Fitted(float(data["fitted"]["min_cosine"]), int(data["fitted"]["candidates"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CorruptionError(
            f"the mapping of the Elasticsearch index {name} does not say what it was built from ({error!r} in its "
            "_meta): rebuild the index from the catalogue with `shelfwise indexes rebuild`"
        ) from error
    return spec, fitted


def drift(spec: GenerationSpec, mappings: Mapping[str, Any]) -> list[str]:
    """The fields that are not declared as this release declares them, with both declarations."""
    wanted = _flat(_properties(spec, Vectors.INT8))
    found = _flat(mappings.get("properties", {}))
    problems: list[str] = []
    for path, (kind, dims) in wanted.items():
        seen = found.get(path)
        if seen is None:
            problems.append(f"{path} is missing, which should be of type {kind}")
        elif seen[0] != kind:
            problems.append(f"{path} is of type {seen[0]} instead of {kind}")
        elif seen[1] != dims:
            problems.append(f"{path} has {seen[1]} dimensions instead of {dims}")
    return problems


def _properties(spec: GenerationSpec, vectors: Vectors) -> dict[str, Any]:
    fields = Fields(spec.schema)
    properties: dict[str, Any] = {
        ID: {"type": "keyword"},
        CHANGE: {"type": "long"},
        COMMIT: {"type": "long"},
        WORDS: {"type": "keyword"},
        VARIANT_COUNT: {"type": "integer"},
        SOURCE_SUM: {"type": "long", "index": False},
        VECTOR_SUM: {"type": "long", "index": False},
        DELETED: {"type": "boolean"},
        DELETED_AT: {"type": "date", "format": "epoch_second"},
        VARIANTS: {"type": "nested", "dynamic": False, "properties": {}},
    }
    for language in fields.languages:
        for field in RAW_TEXTS:
            _put(properties, f"{field}.{key_path(language)}", {"type": "text", "index": False})
    for path in fields.texts():
        _put(properties, path, {"type": "text", "analyzer": ANALYZER})
    for key in spec.schema.columns:
        if key == ID:
            continue
        _put(properties, fields.column(key), _column(fields.type(key)))
        if fields.is_variant(key):
            _put(properties, fields.column(key, of_variant=True), _column(fields.type(key)))
    if spec.dim:
        properties[VECTOR] = {
            "type": "dense_vector",
            "dims": spec.dim,
            "index": True,
            "similarity": "dot_product",
            "index_options": {"type": vectors.value},
        }
    return properties


def _column(kind: FieldType) -> dict[str, Any]:
    match kind:
        case FieldType.NUMBER:
            return {"type": "double"}
        case FieldType.MONEY:
            return {"type": "long"}
        case FieldType.DATE:
            return {"type": "date", "format": "epoch_second"}
        case FieldType.BOOLEAN:
            return {"type": "boolean"}
        case _:
            return {"type": "keyword", "ignore_above": _MAX_KEYWORD_CHARS}


def _put(properties: dict[str, Any], path: str, declared: Mapping[str, Any]) -> None:
    """Declares a field at a path, with the objects that lead to it."""
    *objects, last = path.split(".")
    for step in objects:
        properties = properties.setdefault(step, {"properties": {}})["properties"]
    properties[last] = dict(declared)


def _count(properties: Mapping[str, Any]) -> int:
    return sum(1 + _count(declared.get("properties", {})) for declared in properties.values())


def _flat(properties: Mapping[str, Any], before: str = "") -> dict[str, tuple[str, int]]:
    """Path → (type, dimensions)."""
    result: dict[str, tuple[str, int]] = {}
    for name, declared in properties.items():
        if "properties" in declared:
            result.update(_flat(declared["properties"], f"{before}{name}."))
        if "type" in declared:
            result[before + name] = (declared["type"], declared.get("dims", 0))
    return result
