"""What the service tells of itself: `GET /metrics`, and a log line for each request."""

from __future__ import annotations

import logging
import time

from flask import Blueprint, Flask, Response, current_app, g, request

from search.api.reading import known_parameters
from search.api.request_id import request_id
from search.metrics import Metrics
from search.services import Services

observing = Blueprint("observing", __name__)

_log = logging.getLogger("shelfwise.access")


def register_observation(app: Flask) -> None:
    """Counts, times and logs every request."""
    app.extensions["shelfwise.metrics"] = Metrics()
    app.before_request(_begin)
    app.after_request(_tell)


def metrics() -> Metrics:
    """Those of this process."""
    found: Metrics = current_app.extensions["shelfwise.metrics"]
    return found


@observing.get("/metrics")
def show_metrics() -> Response:
    """All numbers, in the text format of Prometheus."""
    known_parameters()
    services: Services = current_app.extensions["shelfwise"]
    text = metrics().text(services.catalogue.tasks, services.dropped())
    return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")


def _begin() -> None:
    g.began_at_s = time.perf_counter()


def _tell(response: Response) -> Response:
    seconds = time.perf_counter() - g.began_at_s if "began_at_s" in g else 0.0
    # Never the address itself: ids and queries are in it.
    endpoint = request.url_rule.rule if request.url_rule is not None else "none"
    metrics().answered(endpoint, request.method, response.status_code, seconds)
    if _log.isEnabledFor(logging.INFO):
        services: Services = current_app.extensions["shelfwise"]
        known = {
            "request_id": request_id(),
            "method": request.method,
            "endpoint": endpoint,
            "index": (request.view_args or {}).get("index", ""),
            "status": response.status_code,
            "ms": round(seconds * 1000, 2),
        }
        if services.config.log_queries == "on":
            known["address"] = request.full_path.rstrip("?")
        _log.info("%s %s %d", request.method, endpoint, response.status_code, extra={"fields": known})
    return response
