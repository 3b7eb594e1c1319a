"""A call as it is described: what it is for, who may make it, what it takes and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

JSON = "application/json"
LINES = "application/x-ndjson"
PROBLEM = "application/problem+json"

JsonSchema = Mapping[str, Any]


class Access(StrEnum):
    """Who may make a call."""

    EVERYONE = "everyone"
    SEARCH_KEY = "search key"
    MASTER_KEY = "master key"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value in the address, the query string or a header.

    Args:
        example: part of the example of its call, None where it stays away there.
        explode: whether a list is given by repeating the name, rather than with commas.
    """

    name: str
    place: Literal["path", "query", "header"]
    description: str
    schema: JsonSchema
    example: Any = None
    explode: bool = True


@dataclass(frozen=True, slots=True)
class Content:
    """A body in one media type, with an example: a JSON value, or the text of other types."""

    schema: JsonSchema
    example: Any = None
    type: str = JSON


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent, in one of these types; the example of the call is that of the first."""

    content: tuple[Content, ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back under one status.

    Args:
        headers: what they say, by name, beside `X-Request-Id`.
    """

    description: str
    content: tuple[Content, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """A call.

    Args:
        name: unique, as generated clients call it.
        path: with parameters in braces.
        answers: by status, those of success, and errors that say more than others do.
        errors: statuses beside those that follow from its access, parameters and body.
        script: a few lines of JavaScript for a page, "" where a page has no use for the call.
    """

    name: str
    method: str
    path: str
    summary: str
    access: Access
    answers: Mapping[int, Answer]
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    errors: tuple[int, ...] = ()
    script: str = ""

    @property
    def repeatable(self) -> bool:
        """Whether it is done once, however often it is sent under one `Idempotency-Key`."""
        return self.method != "GET" and self.access is Access.MASTER_KEY


@dataclass(frozen=True, slots=True)
class Topic:
    """The calls of one topic, with the schemas that they brought along.

    Args:
        schemas: by the name under which `ref` finds them.
    """

    name: str
    description: str
    operations: tuple[Operation, ...]
    schemas: Mapping[str, JsonSchema] = field(default_factory=dict)
