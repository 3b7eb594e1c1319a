"""Cursors: where an answer is gone on with."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import orjson

from search.errors import RequestError, shown
from search.request.body import MAX_DEPTH

_NO_CURSOR = "it is no cursor: pass on `next_cursor` of an answer as it is"


@dataclass(frozen=True, slots=True)
class Cursor:
    """query_id: of the answer that is paged through; start: the place of the next page's first hit, from 0."""

    query_id: str
    start: int

    def encode(self) -> str:
        """The text that a response carries."""
        return base64.urlsafe_b64encode(orjson.dumps([self.query_id, self.start])).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """The inverse of `encode`.

        Raises:
            RequestError: it is no cursor of ours.
        """
        try:
            query_id, start = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (binascii.Error, orjson.JSONDecodeError, ValueError, TypeError) as error:
            raise RequestError("cursor", shown(text), _NO_CURSOR) from error
        # None begins at the first hit, and `true` is a number to Python alone.
        if not isinstance(query_id, str) or type(start) is not int or not 0 < start < MAX_DEPTH:
            raise RequestError("cursor", shown(text), _NO_CURSOR)
        return cls(query_id, start)
