"""Requests of pages that come from elsewhere (CORS): which may ask, and what a browser lets them read."""

from __future__ import annotations

from flask import Flask, Response, request

from search.config import Config
from search.errors import ForbiddenError, shown
from search.origins import ANY, read_origins

ALLOWED_METHODS = "GET, POST, PUT, PATCH, DELETE"
ALLOWED_HEADERS = (
    "Authorization, Content-Type, Content-Encoding, Idempotency-Key, If-Match, If-None-Match, X-Request-Id"
)
EXPOSED_HEADERS = "X-Request-Id, ETag, Retry-After"
MAX_AGE_S = 7_200
"""So long may a browser keep what a preflight said; none keeps it longer."""


def register_cors(app: Flask, config: Config) -> None:
    """Lets the pages of `cors_origins` ask, and answers the preflights of browsers; does nothing where it is empty.

    To be registered before what checks keys: a preflight never has one.
    """
    origins = read_origins(config.cors_origins)
    if not origins:
        return

    def preflight() -> Response | None:
        origin = request.headers.get("Origin", "")
        if request.method != "OPTIONS" or not origin or "Access-Control-Request-Method" not in request.headers:
            return None
        if not _allowed(origin, origins):
            raise ForbiddenError(
                f"pages of {shown(origin)!r} may not ask here: add it to cors_origins (SHELFWISE_CORS_ORIGINS)"
            )
        answer = Response(status=204)
        del answer.headers["Content-Type"]
        answer.headers["Access-Control-Allow-Methods"] = ALLOWED_METHODS
        answer.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
        answer.headers["Access-Control-Max-Age"] = str(MAX_AGE_S)
        return answer

    def mark(response: Response) -> Response:
        origin = request.headers.get("Origin", "")
        if ANY in origins:
            response.headers["Access-Control-Allow-Origin"] = ANY
        else:
            # Also without one: a cache between must not give this answer to a page.
            response.vary.add("Origin")
            if not _allowed(origin, origins):
                return response
            response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
        return response

    app.before_request(preflight)
    app.after_request(mark)


def _allowed(origin: str, origins: frozenset[str]) -> bool:
    return ANY in origins or origin.lower() in origins
