"""The web application: `flask --app search.app run`, or `gunicorn 'search.app:create_app()'`."""

from __future__ import annotations

from flask import Flask

from search.api.access import register_access
from search.api.compressing import register_compression
from search.api.cors import register_cors
from search.api.describing import describing
from search.api.documents import ProductId, documents
from search.api.events import events
from search.api.facets import facets
from search.api.health import health
from search.api.idempotency import register_idempotency
from search.api.imports import imports
from search.api.indexes import indexes
from search.api.managing import managing
from search.api.observing import observing, register_observation
from search.api.page import page
from search.api.problems import register_problems
from search.api.reading import register_limits
from search.api.request_body import Request
from search.api.request_id import register_request_ids
from search.api.searching import searching
from search.api.storing import storing
from search.api.suggesting import suggesting
from search.api.tasks import tasks
from search.config import Config, load_config
from search.logs import set_up_logs
from search.services import Services


def create_app(config: Config | None = None) -> Flask:
    """Makes the application; what it needs is opened with the first request, in the process that serves it.

    Args:
        config: the process's settings; read from file and environment where None.
    """
    if config is None:
        config = load_config()
        set_up_logs(config)
    app = Flask("shelfwise", static_folder=None)
    app.request_class = Request
    app.config["MAX_CONTENT_LENGTH"] = config.max_body_bytes
    app.extensions["shelfwise"] = Services(config)
    register_request_ids(app)
    register_observation(app)
    register_cors(app, config)
    register_access(app, config)
    register_limits(app)
    # Answers go through these from the last to the first: they are kept before they are packed.
    register_compression(app)
    register_idempotency(app)
    # Ids may hold slashes, also several in a row, and are no folders.
    app.url_map.merge_slashes = False
    app.url_map.converters["product_id"] = ProductId
    for blueprint in (
        health,
        describing,
        indexes,
        managing,
        documents,
        storing,
        imports,
        tasks,
        searching,
        suggesting,
        facets,
        events,
        observing,
        page,
    ):
        app.register_blueprint(blueprint)
    register_problems(app)
    return app
