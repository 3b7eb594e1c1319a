from __future__ import annotations

from typing import Any

import orjson
import pytest

from indexer.errors import ConfigurationError
from indexer.fields import Field, FieldType, Schema, schema_from_json, schema_to_json

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
        ({"attributes": [{"name": "fee", "type": "money"}]}, "'fee' has the type money, which only offers have"),
    ],
)
def test_a_wrong_schema_is_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        schema_from_json(data)
