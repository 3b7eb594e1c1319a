"""The settings of an index: its schema, whose change needs a rebuild, and its ranking, which is in force at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from indexer.errors import ConfigurationError
from indexer.fields import TEXT_FIELDS, Schema, check_schema, schema_from_json, schema_to_json
from search.errors import RequestError
from search.filters import parse_sort
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

    Stored settings are read with it, so it refuses only what cannot be read; new ones are also put to `check_settings`.

    Raises:
        ConfigurationError: an unknown name, a value of the wrong kind, or an order by a field that there is none of.
    """
    unknown = sorted(set(data) - {"schema", "ranking"})
    if unknown:
        raise ConfigurationError(f"unknown index settings {unknown}; known are schema and ranking")
    for section, value in data.items():
        if not isinstance(value, Mapping):
            raise ConfigurationError(f"{section} is {value!r}; an object of settings is wanted")
    settings = IndexSettings(schema_from_json(data.get("schema", {})), _ranking(data.get("ranking", {})))
    try:
        for channel in settings.schema.currencies:
            parse_sort(settings.ranking.tie_break, settings.schema, channel, parameter="ranking.tie_break")
    except RequestError as error:
        raise ConfigurationError(str(error)) from error
    return settings


def check_settings(settings: IndexSettings) -> None:
    """Makes sure that new settings can be searched under.

    Raises:
        ConfigurationError: see `check_schema`; or no field has a weight.
    """
    check_schema(settings.schema)
    weights = settings.ranking.field_weights
    if not any(weights.values()):
        raise ConfigurationError(
            f"ranking.field_weights is {dict(weights)!r}; {_READERS['field_weights'][1]} is wanted"
        )


def ranked_under(generation: Mapping[str, Any], present: Ranking) -> IndexSettings:
    """The settings of an index while this generation answers: its schema under the present ranking, which belongs to no
    generation; under its own ranking where the present one orders by a field that its schema lacks.

    Args:
        generation: the settings that it was built with, see `settings_to_json`.
    """
    own = settings_from_json(generation)
    try:
        return settings_from_json(settings_to_json(IndexSettings(own.schema, present)))
    except ConfigurationError:
        return own


def _ranking(data: Mapping[str, Any]) -> Ranking:
    if not isinstance(data, Mapping):
        raise ConfigurationError(f"ranking is {data!r}; settings by name is wanted")
    known = {f.name for f in fields(Ranking)}
    unknown = sorted(set(data) - known)
    if unknown:
        raise ConfigurationError(f"unknown ranking settings {unknown}; known are {sorted(known)}")
    values: dict[str, Any] = {}
    for name, value in data.items():
        read, wanted = _READERS[name]
        try:
            values[name] = read(value)
        except (TypeError, ValueError) as error:
            raise ConfigurationError(f"ranking.{name} is {value!r}; {wanted} is wanted") from error
    return Ranking(**values)


def _number(least: float, most: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            raise ValueError(value)
        return float(value)

    return read


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(value)
        return value

    return read


def _weights(value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping) or not set(value) <= set(TEXT_FIELDS):
        raise ValueError(value)
    return {name: _number(0, _MAX_WEIGHT)(weight) for name, weight in value.items()}


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        raise ValueError(value)
    return tuple(value)


_MAX_WEIGHT = 1_000
_MAX_WINDOW = 1_000
"""So many ids can be asked of an engine at once."""

_READERS: Mapping[str, tuple[Callable[[Any], Any], str]] = {
    "field_weights": (
        _weights,
        f"numbers from 0 to {_MAX_WEIGHT}, not all of them 0, by field out of {', '.join(TEXT_FIELDS)}",
    ),
    "tie_breaker": (_number(0, 1), "a number from 0 to 1"),
    "fusion": (Fusion, " or ".join(Fusion)),
    "rrf_k": (_whole(0, 10_000), "a whole number from 0 to 10,000"),
    "vector_weight": (_number(0, _MAX_WEIGHT), f"a number from 0 to {_MAX_WEIGHT}"),
    "vector_k": (_whole(1, _MAX_WINDOW), f"a whole number from 1 to {_MAX_WINDOW:,}"),
    "min_cosine": (lambda value: None if value is None else _number(-1, 1)(value), "a number from -1 to 1, or nothing"),
    "window": (_whole(1, _MAX_WINDOW), f"a whole number from 1 to {_MAX_WINDOW:,}"),
    "min_matches": (_whole(0, _MAX_WINDOW), f"a whole number from 0 to {_MAX_WINDOW:,}"),
    "tie_break": (_texts, 'a list such as ["popularity:desc"]'),
    "sold_out": (SoldOut, "show, last or hide"),
}
