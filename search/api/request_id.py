"""The id of each request: in the response, and in the log beside what went wrong."""

from __future__ import annotations

import re
import uuid

from flask import Flask, Response, g, request

HEADER = "X-Request-Id"
_SANE = re.compile(r"[A-Za-z0-9._:+=@/-]{1,128}", re.ASCII)
"""What can stand in a log line and a header without meaning anything there."""


def register_request_ids(app: Flask) -> None:
    """Gives every request an id, its caller's own where that is a sane token, and every response the same one."""
    app.before_request(_begin)
    app.after_request(_tell)


def request_id() -> str:
    """Of the request that is being answered."""
    if "request_id" not in g:
        sent = request.headers.get(HEADER, "")
        g.request_id = sent if _SANE.fullmatch(sent) else uuid.uuid4().hex
    return str(g.request_id)


def _begin() -> None:
    request_id()


def _tell(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    return response
