"""A search response as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from search.response import Degraded, ResultHit, SearchResponse


def response_to_json(response: SearchResponse) -> bytes:
    """The response as UTF-8 JSON, in the shape that the API documents."""
    return orjson.dumps(response_to_dict(response))


def response_to_dict(response: SearchResponse) -> dict[str, Any]:
    """The response as plain JSON types."""
    result: dict[str, Any] = {
        "query_id": response.query_id,
        "hits": [hit_to_dict(hit) for hit in response.hits],
        "total": response.total,
        "page": response.page,
        "page_size": response.page_size,
        "next_cursor": response.next_cursor or None,
        "stable": response.stable,
        "facets": {name: counts_to_list(counts) for name, counts in response.facets.items()},
        "facet_stats": response.facet_stats,
        "matching": response.matching,
        "corrected_query": response.corrected_query or None,
        "timings_ms": response.timings_ms,
        "degraded": degraded_to_list(response.degraded),
        "index": response.index,
    }
    if response.missing is not None:
        result["missing"] = response.missing
    return result


def counts_to_list(counts: Sequence[tuple[str, int]]) -> list[dict[str, Any]]:
    """The values of a facet with their counts as plain JSON types."""
    return [{"value": value, "count": count} for value, count in counts]


def degraded_to_list(parts: Sequence[Degraded]) -> list[dict[str, str]]:
    """What an answer had to do without as plain JSON types."""
    return [{"stage": part.stage, "reason": part.reason} for part in parts]


def hit_to_dict(hit: ResultHit) -> dict[str, Any]:
    """A product of an answer as plain JSON types."""
    result: dict[str, Any] = {"id": hit.id, "score": hit.score, "document": hit.document}
    if hit.highlights:
        result["highlights"] = hit.highlights
    if hit.matched_variant:
        result["matched_variant"] = hit.matched_variant
    if hit.explain is not None:
        result["explain"] = hit.explain
    return result
