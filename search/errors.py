"""Errors of the search side, cut by what the caller can do about them.

    SearchError
    ├── RequestError          fix the request: a parameter, a filter                   (HTTP 400)
    ├── UnauthorizedError     send a key, or the right one                             (HTTP 401)
    ├── ForbiddenError        ask with a key that may do this                          (HTTP 403)
    ├── NotFoundError         ask for what exists: a product                           (HTTP 404)
    │   └── NoIndexError      … an index                                               (HTTP 404)
    ├── KeyReusedError        send another idempotency key                             (HTTP 422)
    ├── PreconditionError     what the caller has seen has changed: read it again      (HTTP 412)
    ├── ExpiredError          what a cursor pointed at is gone: start at page one      (HTTP 410)
    ├── UnavailableError      nothing can answer at the moment: retry                  (HTTP 503)
    └── ConfigurationError    fix a setting of the index or of the process             (HTTP 500)

A message names the thing, the value seen, the value wanted and the remedy. All survive pickling.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

MAX_SHOWN_CHARS = 200
_EXCERPT_CHARS = 60
"""So much of a long text is shown before the column that is pointed at, and half as much after it."""


class SearchError(Exception):
    """Base of all errors that the search side raises on purpose."""


class RequestError(SearchError):
    """Something in a request is wrong.

    Args:
        parameter: the name in the request, with dots inside a structure: "page_size", "refine.brand", "facets.0.size".
        value: what was seen, as text; a filter as a whole.
        detail: what is wrong and what was wanted, without the parameter's name.
        column: where in `value` it is wrong, counted in characters from 1; None where the whole value is.
        nearest: known names that may have been meant, the likeliest first.
    """

    def __init__(
        self, parameter: str, value: str, detail: str, column: int | None = None, nearest: tuple[str, ...] = ()
    ) -> None:
        super().__init__(parameter, value, detail, column, nearest)
        self.parameter = parameter
        self.value = value
        self.detail = detail
        self.column = column
        self.nearest = nearest

    @property
    def excerpt(self) -> str:
        """Two lines: the text around `column`, and a caret under it; "" without a column."""
        if self.column is None:
            return ""
        at = self.column - 1
        start, end = max(0, at - _EXCERPT_CHARS), at + _EXCERPT_CHARS // 2
        before = "…" if start else ""
        after = "…" if end < len(self.value) else ""
        # A line break or a tab would put the caret under another character.
        line = "".join(char if char.isprintable() else " " for char in self.value[start:end])
        return f"  {before}{line}{after}\n  {' ' * (len(before) + at - start)}^"

    def __str__(self) -> str:
        where = self.parameter if self.column is None else f"{self.parameter}, column {self.column}"
        message = f"{where}: {self.detail}"
        if self.nearest:
            message += "; did you mean " + " or ".join(f'"{name}"' for name in self.nearest) + "?"
        return f"{message}\n{self.excerpt}" if self.excerpt else message


class UnauthorizedError(SearchError):
    """No key was sent where one is needed, or one that is not known.

    Args:
        is_wrong: a key was sent.
    """

    def __init__(self, message: str, is_wrong: bool = False) -> None:
        super().__init__(message, is_wrong)
        self.is_wrong = is_wrong

    def __str__(self) -> str:
        return str(self.args[0])


class ForbiddenError(SearchError):
    """The caller is known, and may not do this."""


class NotFoundError(SearchError):
    """What was named does not exist; the message lists what does."""


class NoIndexError(NotFoundError):
    """There is no such index, or nothing in it that could be searched; the message may name other indexes."""


class KeyReusedError(SearchError):
    """An idempotency key came with another request than the one that it was first sent with."""


class PreconditionError(SearchError):
    """The caller made a change to something that is not as they saw it any more."""


class ExpiredError(SearchError):
    """What was kept for the caller is gone; starting over is right."""


class UnavailableError(SearchError):
    """No part that could answer is up; retrying is right."""


class ConfigurationError(SearchError):
    """A setting is wrong; the message says which and the remedy."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a request something stands, so that an error can point at it.

    Args:
        parameter: see `RequestError`.
        value: see `RequestError`.
        column: see `RequestError`.
    """

    parameter: str
    value: str
    column: int | None = None

    def error(self, detail: str, nearest: tuple[str, ...] = ()) -> RequestError:
        """The error that points here."""
        return RequestError(self.parameter, self.value, detail, self.column, nearest)


def shown(value: object) -> str:
    """A value as an error can carry it: as JSON where it is no text, shortened, and valid as UTF-8."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= MAX_SHOWN_CHARS else text[: MAX_SHOWN_CHARS - 1] + "…"
