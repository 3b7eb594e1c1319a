"""What a request says in its query string and its body, before anybody asks what it means."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson
from flask import Flask, current_app, request
from werkzeug.exceptions import RequestURITooLarge

from search.errors import RequestError, shown
from search.filters import nearest
from search.services import Services

MAX_JSON_DEPTH = 100
"""Far deeper than any product, and far from where Python or a JSON library gives up."""

Parameters = dict[str, list[str]]
"""Of a query string, by name, all the values given."""


def register_limits(app: Flask) -> None:
    """Refuses query strings that are too long, whatever they ask for."""
    app.before_request(_check_length)


def parameters() -> Parameters:
    """The parameters of the query string, whatever their names.

    Raises:
        RequestError: it is not valid UTF-8, or a parameter has no name.
    """
    try:
        unquote_to_bytes(request.query_string).decode()
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1} of the unescaped query string is {error.object[error.start]:#04x}"
        raise RequestError("query string", place, "it is not valid UTF-8; escape texts as UTF-8") from error
    if "" in request.args:
        detail = "a parameter has no name; wanted is NAME=VALUE"
        raise RequestError("query string", shown(f"={request.args['']}"), detail)
    return request.args.to_dict(flat=False)


def known_parameters(known: Collection[str] = (), prefixes: tuple[str, ...] = ()) -> Parameters:
    """The parameters of a query string that may have these; one without a value counts as absent.

    Args:
        known: names.
        prefixes: beginnings of names, such as "refine.".

    Raises:
        RequestError: there is another one, or it is not valid UTF-8.
    """
    found = parameters()
    for name, values in found.items():
        if name not in known and not name.startswith(prefixes):
            near = nearest(name, known)
            listed = ", ".join([*known, *(f"{prefix}FIELD" for prefix in prefixes)])
            others = f"; known are {listed}" if listed else "; this address takes none"
            detail = "there is no such parameter" + ("" if near else others)
            raise RequestError(shown(name), shown(values[0]), detail, nearest=near)
    filled = {name: [value for value in values if value] for name, values in found.items()}
    return {name: values for name, values in filled.items() if values}


def one(found: Parameters, name: str) -> str:
    """The value of a parameter that can be given once, "" where it is not given.

    Raises:
        RequestError: it is given more than once.
    """
    values = found.get(name, [])
    if len(values) > 1:
        raise RequestError(name, shown(values[1]), f"it is given {len(values)} times; once is wanted")
    return values[0] if values else ""


def whole(found: Parameters, name: str, default: int, most: int) -> int:
    """The value of a parameter that is a whole number from 1 to `most`.

    Raises:
        RequestError: it is none.
    """
    text = one(found, name)
    if not text:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) < _MAX_DIGITS else 0
    if not 1 <= number <= most:
        raise RequestError(name, shown(text), f"wanted is a whole number from 1 to {most:,}")
    return number


def json_body() -> dict[str, Any]:
    """The JSON object that is the body of the request.

    Raises:
        RequestError: it is none, or there are parameters beside it.
    """
    if request.args:
        name = next(iter(request.args))
        where = shown(name) or "query string"
        raise RequestError(where, shown(request.args[name]), "a POST is asked by its body alone; put it there")
    return json_object()


def json_object() -> dict[str, Any]:
    """The JSON object that is the body of a request, whatever stands beside it.

    Raises:
        RequestError: it is none.
    """
    data = body_text()
    body = parsed_json(data)
    if not isinstance(body, dict):
        raise RequestError("body", shown(data), f"wanted is a JSON object, not {_KINDS.get(type(body), 'a number')}")
    return body


def parsed_json(text: str | bytes, where: str = "body") -> Any:
    """The value of a JSON text, which nests no deeper than all that comes behind can follow.

    Args:
        where: what an error calls the text.

    Raises:
        RequestError: it is no JSON, or nests too deep.
    """
    seen = text if isinstance(text, str) else text.decode("utf-8", "replace")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise RequestError(where, shown(seen), f"it is no JSON: {error}") from error
    level, depth = [value] if isinstance(value, (dict, list)) else [], 0
    while level:
        depth += 1
        if depth > MAX_JSON_DEPTH:
            raise RequestError(where, shown(seen), f"it nests deeper than {MAX_JSON_DEPTH} levels; that much is read")
        inner = (part for outer in level for part in (outer.values() if isinstance(outer, dict) else outer))
        level = [part for part in inner if isinstance(part, (dict, list))]
    return value


def yes_or_no(found: Parameters, name: str) -> bool:
    """The value of a parameter that is true or false, false where it is not given.

    Raises:
        RequestError: it is neither.
    """
    text = one(found, name).lower() or "false"
    if text not in _YES:
        raise RequestError(name, shown(text), "true or false is wanted")
    return _YES[text]


_YES = {"true": True, "1": True, "false": False, "0": False}
_KINDS = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}


def body_text() -> str:
    """The body of the request.

    Raises:
        RequestError: it is empty or not UTF-8, or its length is told wrongly.
    """
    length = request.headers.get("Content-Length", "")
    if length and not (length.isascii() and length.isdigit()):
        # Nothing is read of the body then.
        raise RequestError("Content-Length", shown(length), "wanted is the number of bytes that the body has")
    data = request.get_data()
    if not data:
        raise RequestError("body", "", "it is empty; wanted is a JSON object")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1} is {data[error.start]:#04x}"
        raise RequestError("body", place, "it is not valid UTF-8; send JSON as UTF-8") from error


_MAX_DIGITS = 10


def _check_length() -> None:
    services: Services = current_app.extensions["shelfwise"]
    most = services.config.max_query_bytes
    size = len(request.query_string)
    if size > most:
        raise RequestURITooLarge(
            f"the query string has {size:,} bytes; at most {most:,} are read (setting max_query_bytes): ask by POST"
        )
