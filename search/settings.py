"""The settings of an index: its schema, whose change needs a rebuild, and its ranking, which is in force at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from indexer.errors import ConfigurationError
from indexer.fields import Schema, schema_from_json, schema_to_json
from search.request import SoldOut


class Fusion(StrEnum):
    """How the two sides become one ranking."""

    RRF = "rrf"
    WEIGHTED_SUM = "weighted_sum"


@dataclass(frozen=True)
class Ranking:
    """How results are ranked; every value can be changed without a rebuild.

    Args:
        field_weights: by text field, 0 leaves a field out.
        tie_breaker: a word's best field counts whole, its other fields this share.
        fusion: how lexical and vector side are put together.
        rrf_k: of reciprocal rank fusion.
        vector_weight: how much the vector side counts beside the lexical side's 1.
        vector_k: at most so many nearest neighbours join the results.
        min_cosine: neighbours below it are none; None takes what was fitted for the generation.
        window: so many of the best are ranked together.
        min_matches: with fewer products than this, words are given up.
        tie_break: order of equals and of browsing, as `field:asc` or `field:desc`.
        sold_out: what becomes of products that cannot be bought, unless a request says otherwise.
    """

    field_weights: Mapping[str, float] = field(
        default_factory=lambda: {
            "title": 3.0,
            "brand": 1.5,
            "category": 1.5,
            "codes": 2.0,
            "description": 1.0,
            "attributes": 1.0,
        }
    )
    tie_breaker: float = 0.1
    fusion: Fusion = Fusion.RRF
    rrf_k: int = 60
    vector_weight: float = 0.5
    vector_k: int = 200
    min_cosine: float | None = None
    window: int = 200
    min_matches: int = 10
    tie_break: tuple[str, ...] = ("popularity:desc", "released_at:desc")
    sold_out: SoldOut = SoldOut.SHOW


@dataclass(frozen=True)
class IndexSettings:
    """All settings of an index."""

    schema: Schema = field(default_factory=Schema)
    ranking: Ranking = field(default_factory=Ranking)


def settings_to_json(settings: IndexSettings) -> dict[str, Any]:
    """The settings as plain JSON types."""
    ranking = {f.name: getattr(settings.ranking, f.name) for f in fields(Ranking)}
    ranking["field_weights"] = dict(settings.ranking.field_weights)
    ranking["tie_break"] = list(settings.ranking.tie_break)
    ranking["fusion"] = settings.ranking.fusion.value
    ranking["sold_out"] = settings.ranking.sold_out.value
    return {"schema": schema_to_json(settings.schema), "ranking": ranking}


def settings_from_json(data: Mapping[str, Any]) -> IndexSettings:
    """The inverse of `settings_to_json`; what is left out has its default.

    Raises:
        ConfigurationError: an unknown name or a value of the wrong kind.
    """
    unknown = sorted(set(data) - {"schema", "ranking"})
    if unknown:
        raise ConfigurationError(f"unknown index settings {unknown}; known are schema and ranking")
    return IndexSettings(schema_from_json(data.get("schema", {})), _ranking(data.get("ranking", {})))


def _ranking(data: Mapping[str, Any]) -> Ranking:
    known = {f.name for f in fields(Ranking)}
    unknown = sorted(set(data) - known)
    if unknown:
        raise ConfigurationError(f"unknown ranking settings {unknown}; known are {sorted(known)}")
    values = dict(data)
    try:
        if "fusion" in values:
            values["fusion"] = Fusion(values["fusion"])
        if "sold_out" in values:
            values["sold_out"] = SoldOut(values["sold_out"])
        if "tie_break" in values:
            values["tie_break"] = tuple(values["tie_break"])
        if "field_weights" in values:
            values["field_weights"] = {name: float(weight) for name, weight in values["field_weights"].items()}
        return Ranking(**values)
    except (TypeError, ValueError, AttributeError) as error:
        raise ConfigurationError(f"a ranking setting has a value of the wrong kind: {error}") from error
