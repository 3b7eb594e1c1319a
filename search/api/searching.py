"""`GET|POST /v1/indexes/{index}/search`, and several searches at once by `POST /v1/search`."""

from __future__ import annotations

from typing import Any, Literal

from flask import Blueprint, Response, current_app, request

from search.answering import answer
from search.api.access import caller, for_search_key
from search.api.encode import response_to_dict, response_to_json
from search.api.observing import metrics
from search.api.problems import to_problem
from search.api.reading import json_body, parameters
from search.api.writing import json_response
from search.errors import RequestError, shown
from search.filters import nearest
from search.services import Services

MAX_SEARCHES = 10

searching = Blueprint("searching", __name__, url_prefix="/v1")


@searching.get("/indexes/<index>/search")
@searching.post("/indexes/<index>/search")
@for_search_key
def search(index: str) -> Response:
    """Answers one search."""
    services: Services = current_app.extensions["shelfwise"]
    source: Literal["query", "body"] = "body" if request.method == "POST" else "query"
    raw: dict[str, Any] = json_body() if source == "body" else parameters()
    response = answer(services, index, raw, source, caller(), services.records)
    metrics().searched(response)
    return Response(response_to_json(response), mimetype="application/json")


@searching.post("/search")
@for_search_key
def search_many() -> Response:
    """Answers several searches in their order, each by itself: a problem in one is told in its place."""
    services: Services = current_app.extensions["shelfwise"]
    answers = [_answered(services, entry, f"searches.{place}") for place, entry in enumerate(_searches(json_body()))]
    return json_response({"results": answers})


def _searches(body: dict[str, Any]) -> list[Any]:
    for name in body:
        if name != "searches":
            near = nearest(name, ("searches",))
            where = shown(name) or "body"
            raise RequestError(where, shown(body[name]), "the body has searches and nothing else", nearest=near)
    searches = body.get("searches")
    if not isinstance(searches, list) or not 1 <= len(searches) <= MAX_SEARCHES:
        seen = f"a list of {len(searches)}" if isinstance(searches, list) else shown(searches)
        raise RequestError("searches", seen, f"wanted is a list of 1 to {MAX_SEARCHES} searches")
    return searches


def _answered(services: Services, entry: Any, parameter: str) -> dict[str, Any]:
    try:
        index, raw = _taken_apart(entry, parameter)
        response = answer(services, index, raw, "body", caller(), services.records)
        metrics().searched(response)
        return response_to_dict(response)
    except Exception as error:  # noqa: BLE001 - it is logged, and told in the place of its answer
        return to_problem(error)


def _taken_apart(entry: Any, parameter: str) -> tuple[str, dict[str, Any]]:
    """(index, its request)."""
    if not isinstance(entry, dict):
        raise RequestError(parameter, shown(entry), "wanted is an object")
    index = entry.get("index")
    if not isinstance(index, str) or not index:
        raise RequestError("index", shown(index), "wanted is the name of an index")
    return index, {name: value for name, value in entry.items() if name != "index"}
