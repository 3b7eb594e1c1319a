"""Facets as a response names them: by field, ranges and bounds as people write them."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.engines.query import Facet, FacetCounts
from indexer.fields import FieldType, Schema
from search.filters import range_text, value_text
from search.filters.columns import column_of
from search.money import major

Counts = dict[str, tuple[tuple[str, int], ...]]
Stats = dict[str, dict[str, float | str]]


def named_facets(found: Sequence[FacetCounts], asked: Sequence[Facet], schema: Schema) -> tuple[Counts, Stats]:
    """(counts, least and greatest value) by field name.

    Args:
        found: what the engine counted, position by position what was asked.
        asked: with the bounds of ranges, which the engine knows in minor units and seconds.
    """
    counts: Counts = {}
    stats: Stats = {}
    for facet, question in zip(found, asked, strict=True):
        name = schema.columns[facet.column].name
        if question.ranges:
            texts = [range_text(facet.column, lower, upper, schema) for lower, upper in question.ranges]
            counts[name] = tuple(zip(texts, (count for _, count in facet.counts), strict=True))
        else:
            counts[name] = facet.counts
        if facet.stats:
            stats[name] = {bound: _readable(facet.column, value, schema) for bound, value in facet.stats.items()}
    return counts, stats


def _readable(key: str, value: float, schema: Schema) -> float | str:
    """Money in major units, a time as ISO 8601 in UTC."""
    column = column_of(key, schema)
    if column.type is FieldType.DATE:
        return value_text(key, value, schema)
    return major(value, column.currency) if column.type is FieldType.MONEY else value
