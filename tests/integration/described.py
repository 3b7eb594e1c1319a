"""What the service says of itself in OpenAPI, and whether an answer is as it says."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from search.api.openapi.document import openapi_document

PROBLEM = "application/problem+json"
_BRACES = re.compile(r"\{(\w+)\}")


def conforms(answer: TestResponse) -> None:
    """Makes sure that an answer is one that is described, and that no member of it goes without saying."""
    assert answer.headers["X-Request-Id"]
    found = _operation(answer.request.method, answer.request.path)
    if found is None:
        # What leads nowhere, or to other methods.
        assert answer.status_code in (400, 401, 403, 404, 405, 414, 500)
        assert answer.content_type == PROBLEM
        check({"$ref": "#/components/schemas/Problem"}, _json(answer))
        return
    path, method = found
    told = openapi_document()["paths"][path][method]["responses"].get(str(answer.status_code))
    assert told is not None, f"{method} {path} says nothing of {answer.status_code}: {answer.text[:300]}"
    if "$ref" in told:
        told = openapi_document()["components"]["responses"][told["$ref"].rsplit("/", 1)[-1]]
    beside = {"ETag", "Location"} & set(answer.headers)
    assert beside <= set(told.get("headers", {})), f"{method} {path} says nothing of {beside}"
    if "content" not in told:
        assert not answer.data
        return
    assert answer.mimetype in told["content"], f"{method} {path} answers {answer.mimetype}"
    if answer.mimetype in ("application/json", PROBLEM):
        check(told["content"][answer.mimetype]["schema"], _json(answer))


def check(schema: Mapping[str, Any], value: Any, *, closed: bool = True) -> None:
    """Makes sure that a value is as a schema of the description says.

    Args:
        closed: a member that no schema names is wrong too.
    """
    components = _closed() if closed else openapi_document()["components"]
    validator = Draft202012Validator(
        {**(close(schema) if closed else schema), "components": components},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    errors = [f"{error.json_path}: {error.message[:500]}" for error in validator.iter_errors(value)]
    assert not errors, errors


def _json(answer: TestResponse) -> Any:
    packed = answer.headers.get("Content-Encoding") == "gzip"
    return orjson.loads(gzip.decompress(answer.data) if packed else answer.data)


def close(schema: Any) -> Any:
    """The schema, with no members but those that it names."""
    if isinstance(schema, list):
        return [close(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: value if name in ("example", "enum", "allOf") else close(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema["properties"] and "type" in schema:
        closed.setdefault("additionalProperties", False)
    return closed


@cache
def _closed() -> Any:
    return close(openapi_document()["components"])


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """(path, what matches it), the more particular first."""
    paths = sorted(openapi_document()["paths"], key=len, reverse=True)
    return [(path, re.compile(_BRACES.sub(_any, path))) for path in paths]


def _any(braces: re.Match[str]) -> str:
    return ".+" if braces[1] in ("id", "sku", "field") else "[^/]+"


def _operation(method: str, path: str) -> tuple[str, str] | None:
    for template, pattern in _patterns():
        if method.lower() in openapi_document()["paths"][template] and pattern.fullmatch(path):
            return template, method.lower()
    return None
