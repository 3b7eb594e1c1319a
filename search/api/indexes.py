"""`GET /v1/indexes`, `/v1/indexes/{index}` and `/v1/indexes/{index}/settings`: what operators want to know."""

from __future__ import annotations

from flask import Blueprint, Response, current_app

from search.api.reading import known_parameters
from search.api.writing import json_response, unless_unchanged
from search.describe import describe
from search.services import Services
from search.settings import settings_to_json

indexes = Blueprint("indexes", __name__, url_prefix="/v1/indexes")

_DETAILS = frozenset({"settings", "undeclared"})


@indexes.get("")
def list_indexes() -> Response:
    """All indexes, without their settings."""
    known_parameters()
    services = _services()
    described = [describe(services, record.name) for record in services.catalogue.list_indexes()]
    shown = [{name: value for name, value in one.items() if name not in _DETAILS} for one in described]
    return json_response({"indexes": shown})


@indexes.get("/<index>")
def show_index(index: str) -> Response:
    """Everything that is known of an index."""
    known_parameters()
    return json_response(describe(_services(), index))


@indexes.get("/<index>/settings")
def show_settings(index: str) -> Response:
    """The settings of an index; their version is the ETag."""
    known_parameters()
    settings, version = _services().settings(index)
    response = json_response({"settings": settings_to_json(settings), "settings_version": version})
    response.set_etag(str(version))
    return unless_unchanged(response)


def _services() -> Services:
    services: Services = current_app.extensions["shelfwise"]
    return services
