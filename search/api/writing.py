"""Answers as JSON."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, request

from search.errors import PreconditionError


def json_response(body: Any, status: int = 200) -> Response:
    """A JSON response.

    Args:
        body: plain JSON types; `orjson.Fragment` for what is JSON already.
    """
    return Response(orjson.dumps(body), status, mimetype="application/json")


def unless_unchanged(response: Response) -> Response:
    """A response with an ETag; without its body, as a 304, where the caller has it already (`If-None-Match`).

    Raises:
        PreconditionError: the caller wants another one (`If-Match`).
    """
    response.make_conditional(request)
    if response.status_code == 412:
        raise PreconditionError(
            f"what is here has the ETag {response.headers['ETag']} by now, which If-Match does not name: leave it out, "
            "and read it again"
        )
    return response
