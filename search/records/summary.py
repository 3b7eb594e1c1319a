"""What was searched for, counted by query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Which(StrEnum):
    """Which searches are counted."""

    ALL = "all"
    ZERO_RESULTS = "zero results"
    RELAXED = "relaxed"


@dataclass(frozen=True, slots=True)
class QueryCount:
    """How often a query was searched for.

    Args:
        query: in lower case, with single spaces.
        index: in which it was.
        searches: how many, later pages not counted.
        zero_results: so many of them found nothing.
        relaxed: in so many of them words were given up.
        given_up: the words that were given up at last, in the order in which they went.
        total: the products that the last of them found.
        last: when that was, as ISO 8601 in UTC.
    """

    query: str
    index: str
    searches: int
    zero_results: int
    relaxed: int
    given_up: tuple[str, ...]
    total: int
    last: str


@dataclass(slots=True)
class _Count:
    searches: int = 0
    zero_results: int = 0
    relaxed: int = 0
    given_up: list[str] = field(default_factory=list)
    total: int = 0
    last: str = ""


def count_queries(records: Iterable[Mapping[str, Any]], which: Which, limit: int) -> list[QueryCount]:
    """The queries that were searched for most often, the most frequent first.

    Browsing without a query, products like another, and pages after the first are no queries.

    Args:
        records: as read back, in any order.
        limit: so many at most.
    """
    counts: dict[tuple[str, str], _Count] = {}
    for record in records:
        if record["kind"] != "search" or record["request"]["page"] > 1:
            continue
        query = " ".join(record["request"]["q"].lower().split())
        given_up = record["matching"]["given_up"]
        if not query or not _is_meant(which, record["total"], given_up):
            continue
        count = counts.setdefault((query, record["index"]["name"]), _Count())
        count.searches += 1
        count.zero_results += not record["total"]
        count.relaxed += bool(given_up)
        if record["time"] >= count.last:
            count.total, count.last = record["total"], record["time"]
            count.given_up = given_up or count.given_up
    ordered = sorted(counts.items(), key=lambda item: (-item[1].searches, item[0]))[:limit]
    return [
        QueryCount(query, index, c.searches, c.zero_results, c.relaxed, tuple(c.given_up), c.total, c.last)
        for (query, index), c in ordered
    ]


def _is_meant(which: Which, total: int, given_up: object) -> bool:
    match which:
        case Which.ZERO_RESULTS:
            return not total
        case Which.RELAXED:
            return bool(given_up)
        case Which.ALL:
            return True
