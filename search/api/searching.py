"""`GET|POST /v1/indexes/{index}/search`."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, Literal

import orjson
from flask import Blueprint, Response, current_app, request

from indexer.errors import StorageError
from search.api.encode import response_to_json
from search.errors import RequestError, shown
from search.pages import Cursor, KeptWindow, binding_of
from search.request import parse_request, resolve
from search.response import Degraded
from search.searcher import Continued
from search.services import Services

_log = logging.getLogger(__name__)

searching = Blueprint("searching", __name__, url_prefix="/v1")


@searching.get("/indexes/<index>/search")
@searching.post("/indexes/<index>/search")
def search(index: str) -> Response:
    """Answers one search."""
    services: Services = current_app.extensions["shelfwise"]
    source: Literal["query", "body"] = "body" if request.method == "POST" else "query"
    raw = _body() if source == "body" else request.args.to_dict(flat=False)
    asked = parse_request(raw, source)
    binding = binding_of(None)
    continued = None
    if asked.cursor:
        cursor = Cursor.decode(asked.cursor)
        kept = services.pages.find(cursor.query_id, index, binding)
        first = parse_request(kept.request, kept.source)
        # Pages stay as long as the first one, unless this call says otherwise.
        asked = replace(first, page_size=asked.page_size) if "page_size" in raw else first
        continued = Continued(cursor.query_id, cursor.start, kept.window)
    searcher = services.searcher(index)
    resolved = resolve(asked, searcher.schema, services.undeclared(index))
    response = searcher.search(resolved, continued=continued)
    if continued is None and response.next_cursor:
        try:
            services.pages.keep(response.query_id, KeptWindow(index, binding, raw, source, response.window))
        except StorageError as error:
            _log.error("later pages cannot be kept: %s", error)
            degraded = (*response.degraded, Degraded("pages", str(error)))
            response = replace(response, next_cursor="", degraded=degraded)
    return Response(response_to_json(response), mimetype="application/json")


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
