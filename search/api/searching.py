"""`GET|POST /v1/indexes/{index}/search`."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import unquote_to_bytes

import orjson
from flask import Blueprint, Response, current_app, request

from search.answering import answer
from search.api.encode import response_to_json
from search.errors import RequestError, shown
from search.services import Services

searching = Blueprint("searching", __name__, url_prefix="/v1")


@searching.get("/indexes/<index>/search")
@searching.post("/indexes/<index>/search")
def search(index: str) -> Response:
    """Answers one search."""
    services: Services = current_app.extensions["shelfwise"]
    source: Literal["query", "body"] = "body" if request.method == "POST" else "query"
    raw = _body() if source == "body" else _parameters()
    response = answer(services, index, raw, source)
    return Response(response_to_json(response), mimetype="application/json")


def _parameters() -> dict[str, list[str]]:
    try:
        unquote_to_bytes(request.query_string).decode()
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1} of the unescaped query string is {error.object[error.start]:#04x}"
        raise RequestError("query string", place, "it is not valid UTF-8; escape texts as UTF-8") from error
    return request.args.to_dict(flat=False)


def _body() -> dict[str, Any]:
    if request.args:
        name = next(iter(request.args))
        raise RequestError(shown(name), shown(request.args[name]), "a POST is asked by its body alone; put it there")
    data = request.get_data()
    body: Any
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise RequestError("body", shown(data.decode("utf-8", "replace")), f"it is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise RequestError("body", shown(body), "a JSON object is wanted")
    return body
