"""`GET /v1/indexes/{index}/facets/{field}`: a value looked for among those of a facet."""

from __future__ import annotations

from flask import Blueprint, Response, current_app

from search.api.access import caller, for_search_key
from search.api.encode import counts_to_list, degraded_to_list
from search.api.reading import known_parameters, one, whole
from search.api.writing import json_response
from search.errors import RequestError, shown
from search.facet_values import facet_values
from search.filters.facets import DEFAULT_SIZE, MAX_SIZE
from search.request import parse_request
from search.request.characters import check_characters, clean
from search.services import Services

MAX_VALUE_CHARS = 200

facets = Blueprint("facets", __name__, url_prefix="/v1/indexes/<index>/facets")
_OF_THE_SEARCH = ("q", "similar_to", "mode", "filters", "sold_out", "language", "channel")


@facets.get("/<path:field>")
@for_search_key
def values(index: str, field: str) -> Response:
    """The values of a field that hold a text, with their counts in a search."""
    services: Services = current_app.extensions["shelfwise"]
    found = known_parameters(("value", "size", *_OF_THE_SEARCH), prefixes=("refine.",))
    size = whole(found, "size", DEFAULT_SIZE, MAX_SIZE)
    text = one(found, "value")
    check_characters({"value": text, "field": field})
    if len(text) > MAX_VALUE_CHARS:
        detail = f"it has {len(text):,} characters; at most {MAX_VALUE_CHARS} are looked for"
        raise RequestError("value", shown(text), detail)
    request = parse_request({name: given for name, given in found.items() if name not in ("value", "size")}, "query")
    searcher = services.searcher(index)
    enforced = caller().enforced(searcher.schema)
    answer = facet_values(searcher, request, field, clean(text), size, enforced, services.undeclared(index))
    return json_response(
        {
            "field": answer.field,
            "values": counts_to_list(answer.values),
            "total_values": answer.total_values,
            "timings_ms": answer.timings_ms,
            "degraded": degraded_to_list(answer.degraded),
            "index": answer.index,
        }
    )
