"""`GET|POST /v1/indexes/{index}/search`."""

from __future__ import annotations

from typing import Any, Literal

from flask import Blueprint, Response, current_app, request

from search.answering import answer
from search.api.access import caller, for_search_key
from search.api.encode import response_to_json
from search.api.reading import json_body, parameters
from search.services import Services

searching = Blueprint("searching", __name__, url_prefix="/v1")


@searching.get("/indexes/<index>/search")
@searching.post("/indexes/<index>/search")
@for_search_key
def search(index: str) -> Response:
    """Answers one search."""
    services: Services = current_app.extensions["shelfwise"]
    source: Literal["query", "body"] = "body" if request.method == "POST" else "query"
    raw: dict[str, Any] = json_body() if source == "body" else parameters()
    response = answer(services, index, raw, source, caller())
    return Response(response_to_json(response), mimetype="application/json")
