"""The settings of an index."""

from __future__ import annotations

from indexer.fields import TEXT_FIELDS, FieldType
from search.api.openapi.json_schema import (
    FLAG,
    TEXT,
    WHOLE,
    described,
    list_of,
    nullable,
    number,
    one_of_texts,
    record,
    ref,
    whole,
)
from search.api.openapi.operation import Access, Answer, Body, Content, JsonSchema, Operation, Parameter, Topic
from search.api.openapi.parameters import DRY_RUN, INDEX, LOCATION, WAIT_S
from search.request import SoldOut
from search.settings import Fusion, IndexSettings, settings_to_json

SETTINGS_EXAMPLE = settings_to_json(IndexSettings())
_CHANGE_EXAMPLE = {"ranking": {"min_matches": 5}}

_NAME: JsonSchema = {"type": "string", "minLength": 1}
_LANGUAGE: JsonSchema = {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]+)*$"}
_WEIGHT = number(0, 1_000)
_FIELD = record(
    {"name": _NAME, "type": one_of_texts([kind.value for kind in FieldType if kind is not FieldType.MONEY])},
    {
        "attribute": described(_NAME, "The attribute of products that it is read from; without it that of its name."),
        "variant": described(FLAG, "Whether its values belong to variants."),
    },
    closed=True,
)
_CURRENCIES = described(
    {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string", "pattern": "^[A-Z]{3}$"}},
    "A code of ISO 4217 by sales channel.",
)
_SCHEMA = {
    "attributes": described(list_of(ref("DeclaredField")), "The fields that filters, facets and sorting know."),
    "language": described(_LANGUAGE, "Of texts and requests that name none."),
    "languages": described(list_of(_LANGUAGE), "The other languages of texts."),
    "currencies": _CURRENCIES,
    "channel": described(_NAME, "Of requests that name none."),
    "encoder": described(TEXT, "The text encoder; empty for none."),
    "encoder_languages": described(list_of(_LANGUAGE), "The languages that it covers; empty: what it says itself."),
    "text_template": described(TEXT, "What is encoded, such as `{title}`."),
    "max_text_chars": described({"type": "integer", "minimum": 1}, "The text to encode is cut here."),
}
_RANKING = {
    "field_weights": described(
        {"type": "object", "properties": dict.fromkeys(TEXT_FIELDS, _WEIGHT), "additionalProperties": False},
        "By text field; 0 leaves a field out.",
    ),
    "tie_breaker": described(number(0, 1), "The share that a word's other fields count beside its best one."),
    "fusion": described(one_of_texts([method.value for method in Fusion]), "How the two sides are put together."),
    "rrf_k": described(whole(0, 10_000), "Of reciprocal rank fusion."),
    "vector_weight": described(_WEIGHT, "How much meaning counts beside the words' 1."),
    "vector_k": described(whole(1, 1_000), "At most so many neighbours by meaning join the results."),
    "min_cosine": described(nullable(number(-1, 1)), "Neighbours below it are none; null takes what was measured."),
    "window": described(whole(1, 1_000), "So many of the best are ranked together."),
    "min_matches": described(whole(0, 1_000), "With fewer products than this, words are given up."),
    "tie_break": described(list_of(TEXT), "The order of equals and of browsing."),
    "sold_out": described(one_of_texts([way.value for way in SoldOut]), "What cannot be bought is shown so."),
}

_VERSIONED = record({"settings": ref("Settings"), "settings_version": WHOLE})
_ETAG = {"ETag": "The version of the settings, in quotation marks."}
_IF_NONE_MATCH = Parameter(
    "If-None-Match", "header", "An `ETag`: settings that are still of this version are a 304 without a body.", TEXT
)
_IF_MATCH = Parameter(
    "If-Match",
    "header",
    "An `ETag`: settings that are of another version by now stay as they are, which is a 412.",
    TEXT,
)
_CHANGED_EXAMPLE = {
    "index": "shop",
    "changed": True,
    "needs_rebuild": False,
    "reasons": [],
    "settings": SETTINGS_EXAMPLE,
    "settings_version": 2,
    "task": None,
}
_CHANGES = {
    200: Answer(
        "They are in force, the rebuild they need is done, or it was a dry run.",
        (Content(ref("SettingsChange"), _CHANGED_EXAMPLE),),
        {**_ETAG, **LOCATION},
    ),
    202: Answer("They wait for the rebuild that they need.", (Content(ref("SettingsChange")),), LOCATION),
}

TOPIC = Topic(
    "Settings",
    "The schema of an index, whose change needs a rebuild, and its ranking, which is in force at once. With the master "
    "key.",
    (
        Operation(
            "showSettings",
            "GET",
            "/v1/indexes/{index}/settings",
            "Show the settings of an index",
            Access.MASTER_KEY,
            {
                200: Answer(
                    "The settings with their version.",
                    (Content(_VERSIONED, {"settings": SETTINGS_EXAMPLE, "settings_version": 1}),),
                    _ETAG,
                ),
                304: Answer("They are still of the version that `If-None-Match` names.", headers=_ETAG),
            },
            parameters=(INDEX, _IF_NONE_MATCH),
            errors=(412,),
        ),
        Operation(
            "replaceSettings",
            "PUT",
            "/v1/indexes/{index}/settings",
            "Replace the settings of an index",
            Access.MASTER_KEY,
            _CHANGES,
            description="What is left out gets its default.",
            parameters=(INDEX, DRY_RUN, WAIT_S, _IF_MATCH),
            body=Body((Content(ref("NewSettings"), SETTINGS_EXAMPLE),)),
            errors=(409, 412),
        ),
        Operation(
            "changeSettings",
            "PATCH",
            "/v1/indexes/{index}/settings",
            "Change some settings of an index",
            Access.MASTER_KEY,
            _CHANGES,
            description="Merged into those that there are, as RFC 7396 has it: null stands for the default.",
            parameters=(INDEX, DRY_RUN, WAIT_S, _IF_MATCH),
            body=Body((Content(ref("ChangedSettings"), _CHANGE_EXAMPLE),)),
            errors=(409, 412),
        ),
    ),
    {
        "DeclaredField": _FIELD,
        "Settings": record({"schema": record(_SCHEMA, closed=True), "ranking": record(_RANKING, closed=True)}),
        "NewSettings": record(
            {}, {"schema": record({}, _SCHEMA, closed=True), "ranking": record({}, _RANKING, closed=True)}, closed=True
        ),
        "ChangedSettings": record(
            {},
            {
                "schema": nullable(record({}, {name: nullable(part) for name, part in _SCHEMA.items()}, closed=True)),
                "ranking": nullable(record({}, {name: nullable(part) for name, part in _RANKING.items()}, closed=True)),
            },
            closed=True,
        ),
        "SettingsChange": record(
            {
                "index": TEXT,
                "changed": FLAG,
                "needs_rebuild": FLAG,
                "reasons": described(list_of(TEXT), "Why a rebuild is needed."),
                "settings": ref("Settings"),
                "settings_version": WHOLE,
            },
            {"task": nullable(ref("Task")), "dry_run": {"const": True}},
        ),
    },
)
