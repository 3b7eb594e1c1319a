from __future__ import annotations

from typing import Any

import orjson
import pytest

from indexer.errors import ConfigurationError
from indexer.fields import Field, FieldType, Schema, check_schema, schema_from_json, schema_to_json

SCHEMA = Schema(
    attributes=(
        Field("watts", FieldType.NUMBER, "watts"),
        Field("colour", FieldType.KEYWORD, "Farbe", variant=True),
    ),
    languages=("de", "en"),
    currencies={"default": "EUR", "japan": "JPY"},
    encoder="hashing",
    encoder_languages=("en",),
    text_template="{title} {Farbe}",
    max_text_chars=100,
)


def test_a_schema_survives_json() -> None:
    assert schema_from_json(orjson.loads(orjson.dumps(schema_to_json(SCHEMA)))) == SCHEMA
    assert schema_from_json({}) == Schema()


def test_a_field_per_channel_has_a_column_in_each() -> None:
    assert SCHEMA.column("price") == "price@default"
    assert SCHEMA.column("price", "japan") == "price@japan"
    assert SCHEMA.column("colour", "japan") == "colour"
    assert {key for key in SCHEMA.columns if key.startswith("price")} == {"price@default", "price@japan"}
    assert SCHEMA.columns["price@japan"].name == "price"


def test_languages_begin_with_the_default_one() -> None:
    assert SCHEMA.all_languages == ("en", "de")


def test_an_attribute_is_read_from_its_own_name_unless_another_is_given() -> None:
    schema = schema_from_json({"attributes": [{"name": "watts", "type": "number"}]})
    assert schema.attributes == (Field("watts", FieldType.NUMBER, "watts"),)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"langauge": "en"}, r"unknown schema settings \['langauge'\]; known are .*language"),
        (
            {"attributes": [{"name": "watts"}]},
            "a name and a type out of text, keyword, number, boolean, date, path: 'type'",
        ),
        ({"attributes": [{"name": "watts", "type": "int"}]}, "a name and a type out of"),
        ({"attributes": ["watts"]}, "a name and a type out of"),
        ({"attributes": {"watts": "number"}}, r"schema.attributes is {'watts': 'number'}; a list of fields"),
        ({"attributes": "watts"}, "schema.attributes is 'watts'; a list of fields"),
        ({"attributes": [{"name": 5, "type": "number"}]}, r"schema.attributes\[0\].name is 5; a text is wanted"),
        (
            {"attributes": [{"name": "watts", "type": "number", "attribute": None}]},
            r"schema.attributes\[0\].attribute is None; a text is wanted",
        ),
        (
            {"attributes": [{"name": "watts", "type": "number"}, {"name": "c", "type": "text", "variant": "no"}]},
            r"schema.attributes\[1\].variant is 'no'; true or false is wanted",
        ),
        (
            {"attributes": [{"name": "watts", "type": "number", "unit": "W"}]},
            r"schema.attributes\[0\] has unknown parts \['unit'\]; known are",
        ),
        ({"language": 5}, 'schema.language is 5; a language code such as "en" is wanted'),
        ({"language": ""}, "schema.language is ''; a language code"),
        ({"languages": "de"}, r"schema.languages is 'de'; a list such as \[\"de\", \"fr\"\] is wanted"),
        ({"languages": ["de", 5]}, "schema.languages is .*5.*; a list"),
        ({"currencies": ["EUR"]}, "schema.currencies is .*; an ISO 4217 code by channel"),
        ({"currencies": {"default": 5}}, "schema.currencies is .*; an ISO 4217 code by channel"),
        ({"currencies": {}}, "schema.currencies is {}; an ISO 4217 code by channel"),
        ({"channel": None}, "schema.channel is None; the name of a channel"),
        ({"encoder": 5}, "schema.encoder is 5; the name of a text encoder"),
        ({"encoder_languages": "en"}, "schema.encoder_languages is 'en'; a list"),
        ({"text_template": 5}, "schema.text_template is 5; a text"),
        ({"max_text_chars": "x"}, "schema.max_text_chars is 'x'; a whole number from 1"),
        ({"max_text_chars": 0}, "schema.max_text_chars is 0; a whole number from 1"),
        ({"max_text_chars": True}, "schema.max_text_chars is True; a whole number from 1"),
        ({"attributes": [{"name": "fee", "type": "money"}]}, "'fee' has the type money, which only offers have"),
    ],
)
def test_a_wrong_schema_is_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        schema_from_json(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"currencies": {"default": "EURO"}}, "schema.currencies is .*; an ISO 4217 code by channel"),
        ({"language": "English"}, "schema.language is 'English'; a language code"),
        ({"text_template": "{title"}, "schema.text_template is '{title'; .*each brace closed"),
        ({"channel": "web"}, r"schema.channel is 'web'; one of schema.currencies \(default\)"),
        ({"languages": ["de", "Deutsch"]}, "schema.languages is .*'Deutsch'.*; a list"),
        ({"encoder_languages": ["Deutsch"]}, "schema.encoder_languages is .*'Deutsch'.*; a list"),
    ],
)
def test_what_cannot_be_searched_under_is_refused_of_new_schemas_and_read_of_stored_ones(
    data: dict[str, Any], message: str
) -> None:
    stored = schema_from_json(data)
    with pytest.raises(ConfigurationError, match=message):
        check_schema(stored)


@pytest.mark.parametrize("names", [("price",), ("title",), ("watts", "colour", "watts")])
def test_an_attribute_has_a_name_of_its_own(names: tuple[str, ...]) -> None:
    schema = Schema(attributes=tuple(Field(name, FieldType.TEXT, name) for name in names))
    with pytest.raises(ConfigurationError, match=rf"attributes\[{len(names) - 1}\].name is '{names[-1]}'"):
        check_schema(schema)
    with pytest.raises(ConfigurationError, match=f"such as 'attributes.{names[-1]}'"):
        check_schema(schema)
    check_schema(Schema(attributes=(Field(f"attributes.{names[0]}", FieldType.TEXT, names[0]),)))


def test_a_right_schema_passes() -> None:
    check_schema(SCHEMA)
    check_schema(Schema())
