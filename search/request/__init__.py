"""The request: read and checked at the edge, then resolved against the fields of an index."""

from search.request.parse import parse_request
from search.request.request import Mode, SearchRequest, SoldOut
from search.request.resolve import ResolvedRequest, resolve

__all__ = ["Mode", "ResolvedRequest", "SearchRequest", "SoldOut", "parse_request", "resolve"]
