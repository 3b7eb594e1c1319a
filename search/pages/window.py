"""The window that was ranked once, as later pages need it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from indexer.engines.query import Filter
from search.errors import ExpiredError
from search.fuse import Fused

_NOT_KEPT = frozenset({"user_id", "session_id", "page", "cursor"})
"""Of a request: who asked changes nothing in the pages of an answer, and the cursor says which page is meant."""


@dataclass(frozen=True, slots=True)
class KeptWindow:
    """What the next pages need.

    Args:
        index: that was searched.
        binding: of the caller, see `binding_of`; another caller's cursor is answered like an expired one.
        request: as it came, parsed anew for each page; who asked is not kept.
        source: "query" or "body", how the request came.
        window: the products that were ranked together, best first; empty under an explicit sort.
    """

    index: str
    binding: str
    request: Mapping[str, Any]
    source: Literal["query", "body"]
    window: tuple[Fused, ...]

    def encode(self) -> bytes:
        """As it is kept."""
        request = {name: value for name, value in self.request.items() if name not in _NOT_KEPT}
        window = [tuple(hit) for hit in self.window]
        return orjson.dumps([self.index, self.binding, request, self.source, window])

    @classmethod
    def decode(cls, data: bytes) -> KeptWindow:
        """The inverse of `encode`."""
        index, binding, request, source, window = orjson.loads(data)
        return cls(index, binding, request, source, tuple(Fused(*hit) for hit in window))


def binding_of(enforced: Filter | None, key: str = "") -> str:
    """What ties a cursor to a caller: the key and its enforced filter."""
    return hashlib.blake2b(f"{key}\0{enforced!r}".encode(), digest_size=16).hexdigest()


def bound_to(data: bytes | None, binding: str) -> KeptWindow:
    """What was kept, for the caller that it was kept for.

    Raises:
        ExpiredError: it is gone, or another caller's.
    """
    if data is not None:
        kept = KeptWindow.decode(data)
        if kept.binding == binding:
            return kept
    raise ExpiredError("the cursor has expired: send the query again and page from its first page")
