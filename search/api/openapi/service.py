"""What watches over the service, and what it says of itself."""

from __future__ import annotations

from search.api.openapi.json_schema import TEXT, list_of, record
from search.api.openapi.operation import Access, Answer, Content, Operation, Parameter, Topic

_HTML = "text/html"


def _state(word: str) -> Content:
    return Content(record({"status": {"const": word}}), {"status": word})


_ETAG = {"ETag": "What was sent, for `If-None-Match`."}
_UNCHANGED = Answer("It is still what `If-None-Match` names.", headers=_ETAG)
_IF_NONE_MATCH = Parameter(
    "If-None-Match", "header", "An `ETag`: what is still the same is a 304 without a body.", TEXT
)

TOPIC = Topic(
    "Service",
    "For what watches over the service, and for who wants to know how it is asked. All but the numbers need no key.",
    (
        Operation(
            "isAlive",
            "GET",
            "/healthz",
            "Whether the process is alive",
            Access.EVERYONE,
            {200: Answer("It is.", (_state("alive"),))},
        ),
        Operation(
            "isReady",
            "GET",
            "/readyz",
            "Whether searches can be answered",
            Access.EVERYONE,
            {200: Answer("They can.", (_state("ready"),))},
            description="Opens catalogue, indexes and models, so that the first search need not wait.",
            errors=(503,),
        ),
        Operation(
            "showVersion",
            "GET",
            "/version",
            "Which program this is",
            Access.EVERYONE,
            {
                200: Answer(
                    "Name and version.",
                    (
                        Content(
                            record({"name": TEXT, "version": TEXT, "api": {"const": "v1"}}),
                            {"name": "shelfwise", "version": "0.2.0", "api": "v1"},
                        ),
                    ),
                )
            },
        ),
        Operation(
            "showMetrics",
            "GET",
            "/metrics",
            "Numbers of the service",
            Access.MASTER_KEY,
            {200: Answer("In the text format of Prometheus.", (Content(TEXT, type="text/plain"),))},
            description="Requests by endpoint, searches by stage, tasks by state. With the master key.",
        ),
        Operation(
            "showDescription",
            "GET",
            "/openapi.json",
            "This description, for programs",
            Access.EVERYONE,
            {
                200: Answer(
                    "A document of OpenAPI 3.1.",
                    (
                        Content(
                            record(
                                {
                                    "openapi": TEXT,
                                    "info": {"type": "object"},
                                    "paths": {"type": "object"},
                                    "components": {"type": "object"},
                                },
                                {"servers": list_of({"type": "object"}), "tags": list_of({"type": "object"})},
                            )
                        ),
                    ),
                    _ETAG,
                ),
                304: _UNCHANGED,
            },
            parameters=(_IF_NONE_MATCH,),
            errors=(412,),
        ),
        Operation(
            "showDocs",
            "GET",
            "/docs",
            "This description, for people",
            Access.EVERYONE,
            {
                200: Answer("A page that needs nothing from elsewhere.", (Content(TEXT, type=_HTML),), _ETAG),
                304: _UNCHANGED,
            },
            parameters=(_IF_NONE_MATCH,),
            errors=(412,),
        ),
    ),
)
