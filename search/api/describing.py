"""`GET /openapi.json` and `/docs`: how the service is asked, for programs and for people. Neither needs a key."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response

from search.api.access import for_everyone
from search.api.reading import known_parameters
from search.api.writing import unless_unchanged

describing = Blueprint("describing", __name__)

# What describes is imported where it is asked for: searches have no use for it.


@describing.get("/openapi.json")
@for_everyone
def show_description() -> Response:
    """All calls as a document of OpenAPI 3.1."""
    from search.api.openapi.document import openapi_document

    known_parameters()
    return _kept(Response(orjson.dumps(openapi_document()), mimetype="application/json"))


@describing.get("/docs")
@for_everyone
def show_docs() -> Response:
    """All calls as a page that needs nothing from elsewhere, and no JavaScript."""
    from search.api.docs_page import docs_page

    known_parameters()
    page = docs_page()
    response = Response(page.html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = page.policy
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return _kept(response)


def _kept(response: Response) -> Response:
    """Asked for again it is not sent again, unless it has changed."""
    response.add_etag()
    response.cache_control.no_cache = True
    return unless_unchanged(response)
