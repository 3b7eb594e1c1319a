"""Errors over HTTP: one JSON shape (RFC 9457 problem details), one handler."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from flask import Flask, Response, current_app
from werkzeug.exceptions import HTTPException

from indexer.errors import ConflictError, IndexerError, InputError, StorageError
from indexer.errors import NotFoundError as IndexerNotFoundError
from search.errors import ExpiredError, NotFoundError, RequestError, SearchError, UnavailableError

_log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[Exception], int, str], ...] = (
    (RequestError, 400, "The request is wrong"),
    (InputError, 400, "The input is wrong"),
    (NotFoundError, 404, "Not found"),
    (IndexerNotFoundError, 404, "Not found"),
    (ConflictError, 409, "Held or changed by another"),
    (ExpiredError, 410, "Gone"),
    (UnavailableError, 503, "Not available at the moment"),
    (StorageError, 503, "The storage refused"),
)


_DETAILS = {404: "there is nothing at this address: searches are at /v1/indexes/{index}/search"}


def register_problems(app: Flask) -> None:
    """Makes every error of the app a problem document."""
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(SearchError, _from_error)
    app.register_error_handler(IndexerError, _from_error)
    app.register_error_handler(Exception, _from_bug)


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """A problem document."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return Response(orjson.dumps(body), status, mimetype="application/problem+json")


def _from_http(error: HTTPException) -> Response:
    detail = _DETAILS.get(error.code or 500) or error.description or error.name
    if error.code == 413:
        detail = f"the body is longer than {current_app.config['MAX_CONTENT_LENGTH']:,} bytes (setting max_body_bytes)"
    answer = problem(error.code or 500, error.name, detail)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers[name] = value
    return answer


def _from_error(error: Exception) -> Response:
    for kind, status, title in _STATUS:
        if isinstance(error, kind):
            more: dict[str, Any] = {}
            if isinstance(error, RequestError):
                more = {"parameter": error.parameter, "value": error.value}
                if error.column is not None:
                    more["column"] = error.column
                if error.nearest:
                    more["nearest"] = list(error.nearest)
            return problem(status, title, str(error), **more)
    _log.error("a request failed: %s", error)
    return problem(500, "The service is not set up right", str(error))


def _from_bug(error: Exception) -> Response:
    _log.exception("a request failed", exc_info=error)
    return problem(500, "Internal error", "the error is in the service's log")
