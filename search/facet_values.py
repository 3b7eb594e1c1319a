"""Looking for a value among those of a facet: for fields with more values than a list can show."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import regex

from indexer.analysis.folding import fold
from indexer.engines.query import MAX_VALUES, Facet, Filter
from indexer.fields import RANGED
from search.errors import Place, shown
from search.filters.columns import Columns
from search.request import SearchRequest, resolve
from search.response import Degraded
from search.searcher import IndexSearcher


@dataclass(frozen=True, slots=True)
class FacetValues:
    """Values of a facet that hold a text.

    Args:
        field: whose values they are.
        values: (value, count); first those in which a word begins so, each with most products first. A count is the
            total of the search after taking the value.
        total_values: how many values hold the text, listed or not.
    """

    field: str
    values: tuple[tuple[str, int], ...]
    total_values: int
    timings_ms: Mapping[str, float]
    degraded: tuple[Degraded, ...]
    index: Mapping[str, Any]


def facet_values(
    searcher: IndexSearcher,
    request: SearchRequest,
    field: str,
    text: str,
    size: int,
    enforced: Filter | None,
    undeclared: Collection[str] = (),
) -> FacetValues:
    """The values of a field that hold a text, counted as the facets of a search are.

    Args:
        request: the search that the facet belongs to.
        field: a keyword, boolean or path field.
        text: looked for in any case and without accents, at the beginning of words or inside them; "" for all values.
        size: how many are listed.
        enforced: the filter of the caller's key.
        undeclared: see `resolve`.

    Raises:
        RequestError: see `resolve`; or the field is unknown or lists no values, or has too many in this search.
    """
    resolved = resolve(replace(request, page_size=1), searcher.schema, undeclared)
    place = Place("field", shown(field))
    column = Columns(searcher.schema, request.channel, undeclared).find(field, place)
    if column.type in RANGED:
        raise place.error(f'"{column.name}" is a {column.type} field: it lists no values; ask for its ranges by facets')
    answer = searcher.search(replace(resolved, facets=(Facet(column.key, MAX_VALUES),)), enforced)
    counts = answer.facets[column.name]
    if len(counts) >= MAX_VALUES:
        detail = (
            f'"{column.name}" has {MAX_VALUES:,} values and more in this search; narrow it, so that all are counted'
        )
        raise place.error(detail)
    found = _holding(counts, text)
    return FacetValues(
        field=column.name,
        values=tuple(found[:size]),
        total_values=len(found),
        timings_ms=answer.timings_ms,
        degraded=answer.degraded,
        index=answer.index,
    )


def _holding(counts: Sequence[tuple[str, int]], text: str) -> list[tuple[str, int]]:
    wanted = fold(text).strip()
    begins = regex.compile(rf"(?<![\p{{L}}\p{{N}}]){regex.escape(wanted)}")
    first: list[tuple[str, int]] = []
    behind: list[tuple[str, int]] = []
    for entry in counts:
        value = fold(entry[0])
        if wanted in value:
            (first if begins.search(value) else behind).append(entry)
    return first + behind
