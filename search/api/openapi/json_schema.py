"""JSON Schemas in few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from search.api.openapi.operation import JsonSchema

ANYTHING: JsonSchema = {}
TEXT: JsonSchema = {"type": "string"}
WHOLE: JsonSchema = {"type": "integer"}
COUNT: JsonSchema = {"type": "integer", "minimum": 0}
NUMBER: JsonSchema = {"type": "number"}
FLAG: JsonSchema = {"type": "boolean"}
TIME: JsonSchema = {"type": "string", "format": "date-time"}


def ref(name: str) -> JsonSchema:
    """The schema of this name."""
    return {"$ref": f"#/components/schemas/{name}"}


def described(schema: JsonSchema, description: str) -> JsonSchema:
    """The schema, with what it means."""
    return {**schema, "description": description}


def nullable(schema: JsonSchema) -> JsonSchema:
    """The schema, or null."""
    if "enum" not in schema and "type" in schema:
        types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        return {**schema, "type": list(dict.fromkeys([*types, "null"]))}
    return {"anyOf": [schema, {"type": "null"}]}


def either(*schemas: JsonSchema) -> JsonSchema:
    """One of the schemas, or several."""
    return {"anyOf": list(schemas)}


def list_of(items: JsonSchema, **limits: int) -> JsonSchema:
    """A list, with `minItems` and `maxItems` where they are given."""
    return {"type": "array", "items": items, **limits}


def map_of(values: JsonSchema, description: str = "") -> JsonSchema:
    """An object with names of any kind."""
    schema: dict[str, Any] = {"type": "object", "additionalProperties": values}
    return described(schema, description) if description else schema


def one_of_texts(texts: Sequence[str]) -> JsonSchema:
    """One of these texts."""
    return {"type": "string", "enum": list(texts)}


def whole(least: int, most: int) -> JsonSchema:
    """A whole number within these bounds."""
    return {"type": "integer", "minimum": least, "maximum": most}


def number(least: float, most: float) -> JsonSchema:
    """A number within these bounds."""
    return {"type": "number", "minimum": least, "maximum": most}


def record(
    always: Mapping[str, JsonSchema],
    sometimes: Mapping[str, JsonSchema] | None = None,
    *,
    description: str = "",
    closed: bool = False,
) -> JsonSchema:
    """An object with these members.

    Args:
        closed: whether others are refused; answers may get more with time, and stay open.
    """
    schema: dict[str, Any] = {"type": "object", "properties": {**always, **(sometimes or {})}}
    if always:
        schema["required"] = list(always)
    if closed:
        schema["additionalProperties"] = False
    return described(schema, description) if description else schema
