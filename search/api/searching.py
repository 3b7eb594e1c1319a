"""`GET|POST /v1/indexes/{index}/search`."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, Response, current_app, request

from search.api.encode import response_to_json
from search.errors import RequestError, shown
from search.request import SearchRequest, parse_request, resolve
from search.services import Services

searching = Blueprint("searching", __name__, url_prefix="/v1")


@searching.get("/indexes/<index>/search")
@searching.post("/indexes/<index>/search")
def search(index: str) -> Response:
    """Answers one search."""
    services: Services = current_app.extensions["shelfwise"]
    asked = _from_body() if request.method == "POST" else parse_request(request.args.to_dict(flat=False), "query")
    searcher = services.searcher(index)
    resolved = resolve(asked, searcher.schema, services.undeclared(index))
    return Response(response_to_json(searcher.search(resolved)), mimetype="application/json")


def _from_body() -> SearchRequest:
    body: Any
    try:
        body = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise RequestError("body", shown(request.get_data()), f"it is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise RequestError("body", shown(body), "a JSON object is wanted")
    return parse_request(body, "body")
