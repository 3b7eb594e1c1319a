"""The description of the HTTP API as a document of OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from search.api.openapi import (
    documents,
    events,
    facets,
    imports,
    indexes,
    problem,
    searches,
    service,
    settings,
    suggest,
    tasks,
)
from search.api.openapi.operation import Access, Answer, Content, Operation, Parameter, Topic
from search.api.openapi.parameters import IDEMPOTENCY_KEY

TOPICS: tuple[Topic, ...] = (
    searches.TOPIC,
    suggest.TOPIC,
    facets.TOPIC,
    events.TOPIC,
    documents.TOPIC,
    imports.TOPIC,
    tasks.TOPIC,
    indexes.TOPIC,
    settings.TOPIC,
    service.TOPIC,
)
"""All topics, in the order in which they are told. A new one is written in a file of its own, and listed here."""

MASTER_KEY = "masterKey"
SEARCH_KEY = "searchKey"

_ABOUT = (
    "Product search that a shop can own. Everything is JSON under `/v1`. Every error is a problem document (RFC 9457), "
    "and every answer has an `X-Request-Id`, by which the log names it."
)
_REQUEST_ID = "#/components/headers/X-Request-Id"
_SECURITY: Mapping[Access, list[dict[str, list[str]]]] = {
    Access.EVERYONE: [],
    Access.SEARCH_KEY: [{SEARCH_KEY: []}, {MASTER_KEY: []}],
    Access.MASTER_KEY: [{MASTER_KEY: []}],
}


@cache
def openapi_document() -> dict[str, Any]:
    """The description of all calls; made once, and not to be changed."""
    return document_of(TOPICS)


def document_of(topics: Iterable[Topic]) -> dict[str, Any]:
    """A description of the calls of these topics."""
    topics = tuple(topics)
    paths: dict[str, dict[str, Any]] = {}
    for topic in topics:
        for operation in topic.operations:
            paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, topic.name)
    schemas = {"Problem": problem.problem_schema()}
    for topic in topics:
        schemas |= topic.schemas
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Shelfwise",
            "version": version("shelfwise"),
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": topic.name, "description": topic.description} for topic in topics],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": problem.error_responses(),
            "headers": {
                "X-Request-Id": {
                    "description": "The id of the request: its own, where it sent a sane one.",
                    "schema": {"type": "string"},
                }
            },
            "securitySchemes": {
                MASTER_KEY: _bearer("The master key, which may do everything."),
                SEARCH_KEY: _bearer(
                    "The search key, for shop pages: it may search, suggest, read facets and tell of events."
                ),
            },
        },
    }


def _operation(operation: Operation, topic: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [topic],
        "summary": operation.summary,
        "security": _SECURITY[operation.access],
    }
    if operation.description:
        told["description"] = operation.description
    parameters = (*operation.parameters, *((IDEMPOTENCY_KEY,) if operation.repeatable else ()))
    if parameters:
        told["parameters"] = [_parameter(parameter) for parameter in parameters]
    if operation.body is not None:
        told["requestBody"] = {"required": operation.body.required, "content": _content(operation.body.content)}
    told["responses"] = {str(status): _answer(answer) for status, answer in operation.answers.items()}
    for status in problem.error_statuses(operation):
        shared = {"$ref": f"#/components/responses/{problem.error_name(status)}"}
        told["responses"].setdefault(str(status), shared)
    if operation.script:
        told["x-codeSamples"] = [{"lang": "JavaScript", "label": "Search box", "source": operation.script}]
    return told


def _parameter(parameter: Parameter) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": parameter.description,
        "schema": parameter.schema,
    }
    if not parameter.explode:
        told |= {"style": "form", "explode": False}
    if parameter.example is not None:
        told["example"] = parameter.example
    return told


def _answer(answer: Answer) -> dict[str, Any]:
    headers: dict[str, Any] = {
        name: {"description": says, "schema": {"type": "string"}} for name, says in answer.headers.items()
    }
    told: dict[str, Any] = {
        "description": answer.description,
        "headers": {"X-Request-Id": {"$ref": _REQUEST_ID}, **headers},
    }
    if answer.content:
        told["content"] = _content(answer.content)
    return told


def _content(contents: Iterable[Content]) -> dict[str, Any]:
    return {
        content.type: {"schema": content.schema, **({} if content.example is None else {"example": content.example})}
        for content in contents
    }


def _bearer(description: str) -> dict[str, str]:
    return {"type": "http", "scheme": "bearer", "description": f"{description} Sent as `Authorization: Bearer KEY`."}
