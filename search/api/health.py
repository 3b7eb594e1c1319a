"""`GET /healthz`, `/readyz` and `/version`: for what watches over the service; none needs a key."""

from __future__ import annotations

from importlib.metadata import version

from flask import Blueprint, Response, current_app

from search.api.access import for_everyone
from search.api.reading import known_parameters
from search.api.writing import json_response
from search.readiness import check_ready

health = Blueprint("health", __name__)


@health.get("/healthz")
@for_everyone
def healthz() -> Response:
    """The process is alive; asks nothing else."""
    known_parameters()
    return json_response({"status": "alive"})


@health.get("/readyz")
@for_everyone
def readyz() -> Response:
    """Searches can be answered."""
    known_parameters()
    check_ready(current_app.extensions["shelfwise"])
    return json_response({"status": "ready"})


@health.get("/version")
@for_everyone
def version_of_the_program() -> Response:
    """Which program this is."""
    known_parameters()
    return json_response({"name": "shelfwise", "version": version("shelfwise"), "api": "v1"})
