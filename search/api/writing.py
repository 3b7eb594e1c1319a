"""Answers as JSON."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response


def json_response(body: Any, status: int = 200) -> Response:
    """A JSON response.

    Args:
        body: plain JSON types; `orjson.Fragment` for what is JSON already.
    """
    return Response(orjson.dumps(body), status, mimetype="application/json")
