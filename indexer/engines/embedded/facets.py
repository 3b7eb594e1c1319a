"""Facets: counts over the lexical matches by tantivy, plus the few neighbours that do not match lexically, by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import tantivy
from numpy.typing import NDArray

from indexer.engines.embedded.masks import value_mask
from indexer.engines.embedded.snapshot import Snapshot
from indexer.engines.query import Facet, FacetCounts, Filter, Range, Scope
from indexer.fields import PATH_SEPARATOR

MAX_VALUES = 65_000
"""A facet column with more distinct values is refused: its counts could not be exact."""


def count_facets(
    snapshot: Snapshot,
    facets: tuple[Facet, ...],
    words: tantivy.Query,
    scope: Scope,
    refine: Mapping[str, Filter],
    neighbours: NDArray[np.int64],
) -> tuple[FacetCounts, ...]:
    """Each facet under all refinements but its own.

    Args:
        neighbours: int64, rows of the neighbours that do not match lexically, before any refinement.
    """
    results: dict[Facet, FacetCounts] = {}
    groups: dict[frozenset[str], list[Facet]] = {}
    for facet in facets:
        groups.setdefault(frozenset(refine) - {facet.column}, []).append(facet)
    for applied, members in groups.items():
        chosen = [refine[key] for key in sorted(applied)]
        query = snapshot.compiler.scoped(words, scope, chosen)
        extra = neighbours
        for condition in chosen:
            extra = extra[snapshot.mask(condition)[extra]]
        results.update(_count(snapshot, members, query, extra))
    return tuple(results[facet] for facet in facets)


def _count(
    snapshot: Snapshot, facets: list[Facet], query: tantivy.Query, extra: NDArray[np.int64]
) -> dict[Facet, FacetCounts]:
    asked: dict[str, dict[str, object]] = {}
    for number, facet in enumerate(facets):
        name = snapshot.schema.column(facet.column)
        if snapshot.schema.is_numeric(facet.column):
            asked[f"{number}min"] = {"min": {"field": name}}
            asked[f"{number}max"] = {"max": {"field": name}}
        else:
            # As many buckets as there can be, in each segment too: only then are all counts exact.
            asked[f"{number}"] = {"terms": {"field": name, "size": MAX_VALUES, "segment_size": MAX_VALUES}}
    answer = snapshot.searcher.aggregate(query, asked)
    results: dict[Facet, FacetCounts] = {}
    for number, facet in enumerate(facets):
        if snapshot.schema.is_numeric(facet.column):
            results[facet] = _numeric(
                snapshot, facet, query, extra, answer[f"{number}min"]["value"], answer[f"{number}max"]["value"]
            )
        else:
            counts = Counter({bucket["key"]: bucket["doc_count"] for bucket in answer[f"{number}"]["buckets"]})
            results[facet] = _terms(snapshot, facet, counts, extra)
    return results


def _terms(snapshot: Snapshot, facet: Facet, counts: Counter[str], extra: NDArray[np.int64]) -> FacetCounts:
    column = snapshot.column(facet.column)
    positions = column.of_rows(extra)
    if len(positions):
        # A row counts once for a value, however many of its variants have it.
        pairs = np.unique(np.stack([column.rows[positions], column.values[positions]]), axis=1)
        codes, numbers = np.unique(pairs[1], return_counts=True)
        for code, count in zip(codes.tolist(), numbers.tolist(), strict=True):
            counts[column.strings[code]] += count
    found = counts.items()
    if facet.under:
        below = facet.under + PATH_SEPARATOR
        found = {value: count for value, count in found if value.startswith(below)}.items()
    ordered = sorted(found, key=lambda entry: (-entry[1], entry[0]))
    return FacetCounts(facet.column, tuple(ordered[: facet.size]))


def _numeric(
    snapshot: Snapshot,
    facet: Facet,
    query: tantivy.Query,
    extra: NDArray[np.int64],
    least: float | None,
    greatest: float | None,
) -> FacetCounts:
    column = snapshot.column(facet.column)
    values = column.values[column.of_rows(extra)].tolist()
    bounds = [value for value in (least, greatest) if value is not None] + values
    stats = {"min": float(min(bounds)), "max": float(max(bounds))} if bounds else {}
    counts: list[tuple[str, int]] = []
    for lower, upper in facet.ranges:
        within = Range(facet.column, lower, upper, True, False)
        lexical = snapshot.count_of(snapshot.compiler.scoped(query, Scope(filter=within)))
        positions = column.of_rows(extra)
        rows = column.rows[positions][value_mask(within, column)[positions]] if len(positions) else positions
        counts.append((_range_name(lower, upper), lexical + len(np.unique(rows))))
    return FacetCounts(facet.column, tuple(counts), stats)


def _range_name(lower: float | None, upper: float | None) -> str:
    return f"{'' if lower is None else f'{lower:g}'}..{'' if upper is None else f'{upper:g}'}"
