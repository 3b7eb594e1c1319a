"""Errors over HTTP: one JSON shape (RFC 9457 problem details), one handler."""

from __future__ import annotations

import logging
from typing import Any

import orjson
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from indexer.errors import ConflictError, IndexerError, InputError, StorageError
from indexer.errors import NotFoundError as IndexerNotFoundError
from indexer.errors import UnavailableError as IndexerUnavailableError
from search.api.access import shows_insides
from search.api.request_id import request_id
from search.config import Config
from search.errors import (
    ExpiredError,
    ForbiddenError,
    KeyReusedError,
    NoIndexError,
    NotFoundError,
    PreconditionError,
    RequestError,
    SearchError,
    UnauthorizedError,
    UnavailableError,
)
from search.services import Services

_log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[Exception], int, str], ...] = (
    (RequestError, 400, "The request is wrong"),
    (InputError, 400, "The input is wrong"),
    (UnauthorizedError, 401, "A key is needed"),
    (ForbiddenError, 403, "Not allowed"),
    (NotFoundError, 404, "Not found"),
    (IndexerNotFoundError, 404, "Not found"),
    (ConflictError, 409, "Held or changed by another"),
    (ExpiredError, 410, "Gone"),
    (PreconditionError, 412, "Changed meanwhile"),
    (KeyReusedError, 422, "Key used before"),
    (UnavailableError, 503, "Not available at the moment"),
    (IndexerUnavailableError, 503, "Not available at the moment"),
    (StorageError, 503, "The storage refused"),
)

_BODY_LIMITS = ("max_body_bytes", "max_documents_bytes", "max_upload_bytes")
_IN_THE_LOG = "the error is in the service's log, under the id of this request"
_NO_INDEX = "there is no index of this name that could be searched"
_NOWHERE = "there is nothing at this address; searches are at /v1/indexes/{index}/search"
Problem = dict[str, Any]


def register_problems(app: Flask) -> None:
    """Makes every error of the app a problem document."""
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(Exception, _from_error)


def to_problem(error: Exception) -> Problem:
    """An error as the members of a problem document.

    What is no fault of the caller's goes to the log; its insides are told only to callers who may manage the service.
    """
    if not isinstance(error, (SearchError, IndexerError)):
        _log.error("request %s failed", request_id(), exc_info=error)
        return _members(500, "Internal error", _IN_THE_LOG)
    status, title = next(
        ((status, title) for kind, status, title in _STATUS if isinstance(error, kind)),
        (500, "The service is not set up right"),
    )
    detail = str(error)
    if status >= 500:
        _log.error("request %s: %s", request_id(), error)
        detail = detail if shows_insides() else _IN_THE_LOG
    elif isinstance(error, (NoIndexError, IndexerNotFoundError)) and not shows_insides():
        # It would list those that there are.
        detail = _NO_INDEX
    return _members(status, title, detail, **_more(error))


def problem_response(problem: Problem) -> Response:
    """The problem as a response."""
    return Response(orjson.dumps(problem), problem["status"], mimetype="application/problem+json")


def _members(status: int, title: str, detail: str, **more: Any) -> Problem:
    return {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}


def _more(error: Exception) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if isinstance(error, RequestError):
        more = {"parameter": error.parameter, "value": error.value}
        if error.column is not None:
            more["column"] = error.column
        if error.nearest:
            more["nearest"] = list(error.nearest)
    return more


def _from_error(error: Exception) -> Response:
    answer = problem_response(to_problem(error))
    if isinstance(error, UnauthorizedError):
        answer.headers["WWW-Authenticate"] = 'Bearer realm="shelfwise"' + ', error="invalid_token"' * error.is_wrong
    return answer


def _from_http(error: HTTPException) -> Response:
    status = error.code or 500
    detail = error.description or error.name
    if status == 404:
        detail = _NOWHERE
    elif isinstance(error, MethodNotAllowed):
        taken = sorted({*(error.valid_methods or ())} - {"HEAD", "OPTIONS"})
        detail = f"this address takes {' or '.join(taken)}, not {request.method[:20]}"
    elif status == 413:
        name = next((name for name in _BODY_LIMITS if getattr(_config(), name) == request.max_content_length), "")
        detail = f"the body is longer than {request.max_content_length:,} bytes, as sent or unpacked (setting {name})"
    answer = problem_response(_members(status, error.name, detail))
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            answer.headers[name] = value
    return answer


def _config() -> Config:
    services: Services = current_app.extensions["shelfwise"]
    return services.config
