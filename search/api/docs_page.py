"""The description of the API as a page, with an example of each call as one types it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from search.api.openapi.document import MASTER_KEY, SEARCH_KEY, openapi_document

SERVER = "http://127.0.0.1:8700"
"""Where `shelfwise serve` answers."""

_CODE = re.compile(r"`([^`]+)`")
_REFUSED = ("base-uri", "form-action", "frame-ancestors")
_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "array": "list",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class DocsPage:
    """The page, and the policy (CSP) under which a browser is to show it."""

    html: str
    policy: str


@cache
def docs_page() -> DocsPage:
    """The page; made once."""
    document = openapi_document()
    style = files("search.api").joinpath("templates", "docs.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=PackageLoader("search.api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"prose": prose, "kind": kind, "pretty": pretty}
    environment.globals |= {
        "keys": keys,
        "curl": curl,
        "members": members,
    }
    parts = {"document": document, "topics": topics(document), "style": Markup(style)}  # noqa: S704 - our own file
    html = environment.get_template("docs.html").render(parts)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = ["default-src 'none'", f"style-src 'sha256-{digest}'", *(f"{name} 'none'" for name in _REFUSED)]
    return DocsPage(html, "; ".join(policy))


def topics(document: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], list[tuple[str, str, Mapping[str, Any]]]]]:
    """(tag, its calls as (method, path, operation)), in the order of the tags."""
    calls = [(method, path, call) for path, methods in document["paths"].items() for method, call in methods.items()]
    return [
        (tag, [(method.upper(), path, call) for method, path, call in calls if tag["name"] in call["tags"]])
        for tag in document["tags"]
    ]


def keys(call: Mapping[str, Any]) -> str:
    """Which key a call needs, in words."""
    named = {name for entry in call["security"] for name in entry}
    if SEARCH_KEY in named:
        return "with the search key or the master key"
    return "with the master key" if MASTER_KEY in named else "without a key"


def prose(text: str) -> Markup:
    """A text in which backticks mark code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped


def pretty(value: Any) -> str:
    """An example as people read it."""
    return value.rstrip("\n") if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)


def members(schema: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """(name, schema, whether it is always there) of all members of an object, those of objects without a name inside it
    included, under names such as "progress.done" and "tasks[].id".
    """
    needed = schema.get("required", ())
    for name, part in schema.get("properties", {}).items():
        yield before + name, part, name in needed
        yield from members(part, f"{before}{name}.")
        yield from members(part.get("items", {}), f"{before}{name}[].")


def kind(schema: Mapping[str, Any]) -> Markup:
    """What a schema takes, in words, with links to the schemas that have names."""
    return Markup(" or ").join(dict.fromkeys(_kinds(schema)))


def _kinds(schema: Mapping[str, Any]) -> Iterator[Markup]:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        yield Markup('<a href="#schema-{0}">{0}</a>').format(name)
    elif "const" in schema or "enum" in schema:
        values = [schema["const"]] if "const" in schema else schema["enum"]
        for value in values:
            yield Markup("<code>{}</code>").format(value if isinstance(value, str) else json.dumps(value))
    elif "anyOf" in schema or "allOf" in schema:
        for part in schema.get("anyOf") or schema["allOf"]:
            yield from _kinds(part)
    else:
        named = schema.get("type", ())
        for type_ in [named] if isinstance(named, str) else named:
            yield _simple(type_, schema)
        if not named:
            yield Markup("anything")


def _simple(type_: str, schema: Mapping[str, Any]) -> Markup:
    word = _TYPES[type_]
    if type_ == "array" and schema.get("items"):
        return Markup("list of ") + kind(schema["items"])
    if type_ == "object" and schema.get("additionalProperties"):
        return Markup("object of ") + kind(schema["additionalProperties"])
    if type_ in ("integer", "number"):
        word += _bounds(schema)
    if type_ == "string" and "maxLength" in schema:
        word += f" of at most {schema['maxLength']:,} characters"
    return escape(word)


def _bounds(schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if most is not None:
        return f" from {least:,} to {most:,}" if least is not None else f" up to {most:,}"
    return f" from {least:,}" if least is not None else ""


def curl(method: str, path: str, call: Mapping[str, Any]) -> str:
    """The example of a call as a line for a shell, with the key in the variable `KEY`."""
    query: list[tuple[str, str]] = []
    for parameter in call.get("parameters", ()):
        value = parameter.get("example")
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(value))
        elif parameter["in"] == "query" and value is not None:
            query += _given(parameter["name"], value)
    address = SERVER + path + (f"?{urlencode(query)}" if query else "")
    parts = ["curl"]
    if method != "GET":
        parts += ["-X", method]
    parts.append(shlex.quote(address))
    if call["security"]:
        parts.append('-H "Authorization: Bearer $KEY"')
    for type_, content in call.get("requestBody", {}).get("content", {}).items():
        example = content["example"]
        sent = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)
        parts += [f'-H "Content-Type: {type_}"', "--data-binary", shlex.quote(sent)]
        break
    return " ".join(parts)


def _given(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, Mapping):
        return [(inner, str(one)) for inner, one in value.items()]
    if isinstance(value, list):
        return [(name, ",".join(value))]
    return [(name, str(value))]
