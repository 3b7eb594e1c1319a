"""The answer to a search, in plain records; `search.api` and the command line turn it into JSON and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from search.fuse import Fused


@dataclass(frozen=True, slots=True)
class ResultHit:
    """A product of the page.

    Args:
        id: the product's id.
        score: what it was ranked by; comparable within one answer only.
        document: the fields asked for; prices as amount, currency and formatted text.
        highlights: by field, the text with the matching words between `<em>` and `</em>`, all else HTML-escaped.
        matched_variant: sku of the variant that satisfies the filters, "" where there are no variants.
        explain: what each stage did to it, where asked for.
    """

    id: str
    score: float
    document: Mapping[str, Any]
    highlights: Mapping[str, str] = field(default_factory=dict)
    matched_variant: str = ""
    explain: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Degraded:
    """A part that could not be had: the answer is whole without it, and says so."""

    stage: str
    reason: str


@dataclass(frozen=True)
class SearchResponse:
    """The answer to a search.

    Args:
        query_id: names this answer; events and pages refer to it.
        total: products of the whole result set, exact.
        page: from 1; None where a later page has another size than the first, and begins where no page of it does.
        next_cursor: asks for the next page of this very answer, "" at the end.
        stable: the page comes from the window that was ranked once.
        facets: by field, (value, count), most frequent first.
        facet_stats: by field, least and greatest value, money in major units, times as ISO 8601 in UTC.
        matching: what the words of the query were taken for, and which were given up.
        corrected_query: the query as it was searched, "" where nothing was corrected.
        timings_ms: by stage, and "total".
        index: name, generation, change_number.
        window: the products that were ranked together, for later pages; not shown.
        missing: where `explain_id` asked after a product that is not on the page: why.
    """

    query_id: str
    hits: tuple[ResultHit, ...]
    total: int
    page: int | None
    page_size: int
    next_cursor: str
    stable: bool
    facets: Mapping[str, tuple[tuple[str, int], ...]]
    facet_stats: Mapping[str, Mapping[str, float | str]]
    matching: Mapping[str, Any]
    corrected_query: str
    timings_ms: Mapping[str, float]
    degraded: tuple[Degraded, ...]
    index: Mapping[str, Any]
    missing: Mapping[str, Any] | None = None
    window: tuple[Fused, ...] = ()
