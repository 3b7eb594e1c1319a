"""A small index: two channels with other currencies, and an attribute of every type."""

import pytest

from indexer.fields import Field, FieldType, Schema


@pytest.fixture(scope="session")
def schema() -> Schema:
    return Schema(
        attributes=(
            Field("colour", FieldType.KEYWORD, "colour", variant=True),
            Field("size", FieldType.KEYWORD, "size", variant=True),
            Field("screen size", FieldType.NUMBER, "screen size"),
            Field("discontinued", FieldType.BOOLEAN, "discontinued"),
            Field("exists", FieldType.KEYWORD, "exists"),
            Field("notes", FieldType.TEXT, "notes"),
        ),
        currencies={"default": "EUR", "jp": "JPY", "kw": "KWD"},
    )
