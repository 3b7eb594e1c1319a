"""Errors as they are described: one shape, and what each status says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from search.api.openapi.json_schema import TEXT, described, list_of, record, ref, whole
from search.api.openapi.operation import PROBLEM, Access, JsonSchema, Operation

_ALWAYS: Mapping[str, JsonSchema] = {
    "type": described(TEXT, "about:blank: the status says it all."),
    "title": described(TEXT, "The kind of error."),
    "status": whole(400, 599),
    "detail": described(TEXT, "What is wrong, what was seen, what is wanted, and the remedy; for people."),
}
_SOMETIMES: Mapping[str, JsonSchema] = {
    "parameter": described(TEXT, "The parameter that is to blame, with dots inside a structure."),
    "value": described(TEXT, "What was seen, shortened."),
    "column": described({"type": "integer", "minimum": 1}, "Where in the value, in characters from 1."),
    "nearest": described(list_of(TEXT), "Known names that may have been meant, the likeliest first."),
}


def problem_schema(
    always: Mapping[str, JsonSchema] | None = None, sometimes: Mapping[str, JsonSchema] | None = None
) -> JsonSchema:
    """A problem document, and what else there is in it."""
    return record(
        {**_ALWAYS, **(always or {})},
        {**_SOMETIMES, **(sometimes or {})},
        description="A problem document (RFC 9457).",
    )


ERRORS: dict[int, tuple[str, str, str]] = {
    400: (
        "The request is wrong",
        "A parameter or the body is wrong; `parameter` names it.",
        'page_siz: there is no such parameter; did you mean "page_size" or "page"?',
    ),
    401: (
        "A key is needed",
        "A key is needed, or the one that was sent is not known.",
        "a key is needed: send it as `Authorization: Bearer KEY`",
    ),
    403: (
        "Not allowed",
        "The key may not do this; or the service has no keys, and was asked from elsewhere.",
        "a search key may search and nothing else: send the master key for this",
    ),
    404: (
        "Not found",
        "There is no such index, product, task or address.",
        "there is no index 'sohp'; there are shop",
    ),
    405: (
        "Method Not Allowed",
        "The address takes other methods, which `Allow` names.",
        "this address takes GET or POST, not DELETE",
    ),
    408: (
        "Request Timeout",
        "The body came too slowly.",
        "the body did not come in time: send it faster, or in parts",
    ),
    409: (
        "Held or changed by another",
        "Another process holds what is asked for, or it is there already.",
        "index 'shop' exists with other settings; change them by PATCH /v1/indexes/shop/settings",
    ),
    410: (
        "Gone",
        "The cursor has expired: ask for the first page again.",
        "the cursor has expired: send the query again and page from its first page",
    ),
    412: (
        "Changed meanwhile",
        "Something was changed meanwhile: read it again, and make the change anew.",
        "the settings of 'shop' are of version 3 by now: read them again, and make the change anew",
    ),
    413: (
        "Request Entity Too Large",
        "The body is too long.",
        "the body is longer than 1,000,000 bytes (setting max_body_bytes)",
    ),
    414: (
        "Request URI Too Long",
        "The query string is too long.",
        "the query string has 20,000 bytes; at most 16,384 are read (setting max_query_bytes): ask by POST",
    ),
    415: (
        "Unsupported Media Type",
        "The body has another `Content-Encoding` than gzip.",
        "the body is encoded as 'br'; wanted is gzip, or no Content-Encoding",
    ),
    422: (
        "Key used before",
        "The `Idempotency-Key` was sent with another request before.",
        "Idempotency-Key '7f3a' was sent with another request before; use a new key for each request",
    ),
    500: (
        "Internal error",
        "A fault of the service, which its log tells under the id of the request.",
        "the error is in the service's log, under the id of this request",
    ),
    503: (
        "Not available at the moment",
        "Nothing can answer at the moment: try again later.",
        "the catalogue cannot be read",
    ),
}
"""By status: title, when it comes, and such a detail."""


def error_statuses(operation: Operation) -> Iterator[int]:
    """The errors that a call can end with, in their order."""
    found = {400, 405, 414, 500, *operation.errors}
    if operation.access is not Access.EVERYONE:
        found |= {401, 403, 503}
    if any(parameter.place == "path" for parameter in operation.parameters):
        found.add(404)
    if operation.body is not None or operation.repeatable:
        found |= {408, 413, 415}
    if operation.repeatable:
        found.add(422)
    yield from sorted(found)


def error_name(status: int) -> str:
    """The name that an error's description has among the components."""
    return f"Error{status}"


def error_responses() -> dict[str, Any]:
    """What errors answer, by name, for the components of the document."""
    return {
        error_name(status): {
            "description": when,
            "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}},
            "content": {PROBLEM: {"schema": ref("Problem"), "example": _example(status, title, detail)}},
        }
        for status, (title, when, detail) in ERRORS.items()
    }


def _example(status: int, title: str, detail: str) -> dict[str, Any]:
    example: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if status == 400:
        example |= {"parameter": "page_siz", "value": "5", "nearest": ["page_size", "page"]}
    return example
