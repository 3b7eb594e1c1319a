"""`GET /v1/indexes/{index}/suggest`: what a shopper may mean while typing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app

from search.api.access import caller, for_search_key
from search.api.encode import counts_to_list, hit_to_dict
from search.api.reading import known_parameters, one, whole
from search.api.writing import json_response
from search.request import parse_request, resolve
from search.services import Services
from search.suggest.completions import Completion
from search.suggest.suggesting import suggest

DEFAULT_LIMIT = 5
MAX_LIMIT = 20

suggesting = Blueprint("suggesting", __name__, url_prefix="/v1/indexes/<index>/suggest")
_OF_THE_SEARCH = ("q", "filters", "language", "channel")


@suggesting.get("")
@for_search_key
def suggestions(index: str) -> Response:
    """Completions, products and categories for the beginning of a query."""
    services: Services = current_app.extensions["shelfwise"]
    found = known_parameters((*_OF_THE_SEARCH, "limit"))
    limit = whole(found, "limit", DEFAULT_LIMIT, MAX_LIMIT)
    request = parse_request({name: found[name] for name in _OF_THE_SEARCH if name in found}, "query")
    searcher = services.searcher(index)
    resolved = resolve(request, searcher.schema, services.undeclared(index))
    # Reading a request strips the white space that says that the last word is finished.
    is_finished = one(found, "q")[-1:].isspace()
    answer = suggest(searcher, resolved, is_finished, limit, caller().enforced(searcher.schema))
    return json_response(
        {
            "q": request.q,
            "query": answer.query,
            "corrected": answer.corrected,
            "completions": [_completion(completion) for completion in answer.completions],
            "products": [hit_to_dict(hit) for hit in answer.products],
            "categories": counts_to_list(answer.categories),
            "total": answer.total,
            "timings_ms": answer.timings_ms,
            "index": answer.index,
        }
    )


def _completion(completion: Completion) -> dict[str, Any]:
    return {"text": completion.text, "count": completion.count, "corrected": completion.corrected}
