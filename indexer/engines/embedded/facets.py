"""Facets: counts over the lexical matches by tantivy, plus the few neighbours that do not match lexically, by row.

tantivy knows the values of a product and not which variant has which. So where the filter or other refinements speak
of variants too, the values of a variant column are counted by row, from the columns.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import tantivy
from numpy.typing import NDArray

from indexer.engines.embedded.columns import Column
from indexer.engines.embedded.masks import Variants, of_variants, value_mask
from indexer.engines.embedded.snapshot import Snapshot
from indexer.engines.query import MAX_VALUES, Facet, FacetCounts, Range, Scope, SearchQuery, range_name
from indexer.fields import PATH_SEPARATOR

_MAX_CELLS = 32_000_000
"""Bytes that may be taken for a moment to count a column by row."""
_CELLS_A_PAIR = 100


def count_facets(
    snapshot: Snapshot, query: SearchQuery, words: tantivy.Query, neighbours: NDArray[np.int64]
) -> tuple[FacetCounts, ...]:
    """Each facet of the query under all refinements but its own.

    Args:
        words: the lexical side, compiled.
        neighbours: int64, rows of the neighbours that do not match lexically, before any refinement.
    """
    results: dict[Facet, FacetCounts] = {}
    groups: dict[frozenset[str], list[Facet]] = {}
    for facet in query.facets:
        groups.setdefault(frozenset(query.refine) - {facet.column}, []).append(facet)
    for applied, members in groups.items():
        scope = query.scope.narrowed(query.refine[key] for key in sorted(applied))
        extra = neighbours if scope.filter is None else neighbours[snapshot.mask(scope.filter)[neighbours]]
        scoped = snapshot.compiler.scoped(words, scope)
        by_variant: list[Facet] = []
        if scope.filter is not None and of_variants(scope.filter, snapshot.is_variant):
            by_variant = [facet for facet in members if snapshot.is_variant(facet.column)]
        if scope.filter is not None and by_variant:
            browsing = query.words is None and query.vector is None
            inside = snapshot.in_scope(scope) if browsing else np.zeros(snapshot.rows.count, np.bool_)
            if not browsing:
                inside[snapshot.rows_of(scoped)] = inside[extra] = True
            fitting = snapshot.variant_mask(scope.filter)
            for facet in by_variant:
                column = snapshot.column(facet.column)
                results[facet] = _of_variants(column, facet, _positions(column, inside, snapshot.variants(), fitting))
        of_products = [facet for facet in members if facet not in by_variant]
        if of_products:
            results.update(_count(snapshot, of_products, scoped, extra))
    return tuple(results[facet] for facet in query.facets)


def _positions(
    column: Column, inside: NDArray[np.bool_], variants: Variants, fitting: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """int64 (n,): where a column's values of the rows `inside` stand that belong to fitting variants."""
    # Few rows are looked up one by one; of many, all values are gone through at once.
    rows = np.flatnonzero(inside)
    positions = column.of_rows(rows) if len(rows) < len(inside) // 8 else np.flatnonzero(inside[column.rows])
    return positions[fitting[variants.numbers(column, positions)]]


def _of_variants(column: Column, facet: Facet, positions: NDArray[np.int64]) -> FacetCounts:
    """Counts of the products that have the values at `positions`."""
    if column.is_text:
        return FacetCounts(facet.column, _listed(facet, Counter(_products_by_value(column, positions))))
    values = column.values[positions]
    stats = {"min": float(values.min()), "max": float(values.max())} if len(values) else {}
    counts = [(range_name(*bounds), _products_within(column, facet, bounds, positions)) for bounds in facet.ranges]
    return FacetCounts(facet.column, tuple(counts), stats)


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
    counts.update(_products_by_value(column, column.of_rows(extra)))
    return FacetCounts(facet.column, _listed(facet, counts))


def _listed(facet: Facet, counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    below = facet.under + PATH_SEPARATOR if facet.under else ""
    found = [entry for entry in counts.items() if entry[0].startswith(below)]
    return tuple(sorted(found, key=lambda entry: (-entry[1], entry[0]))[: facet.size])


def _numeric(
    snapshot: Snapshot,
    facet: Facet,
    query: tantivy.Query,
    extra: NDArray[np.int64],
    least: float | None,
    greatest: float | None,
) -> FacetCounts:
    column = snapshot.column(facet.column)
    positions = column.of_rows(extra)
    bounds = [value for value in (least, greatest) if value is not None] + column.values[positions].tolist()
    stats = {"min": float(min(bounds)), "max": float(max(bounds))} if bounds else {}
    counts: list[tuple[str, int]] = []
    for lower, upper in facet.ranges:
        within = Range(facet.column, lower, upper, True, False)
        lexical = snapshot.count_of(snapshot.compiler.scoped(query, Scope(filter=within)))
        counts.append((range_name(lower, upper), lexical + _products_within(column, facet, (lower, upper), positions)))
    return FacetCounts(facet.column, tuple(counts), stats)


def _products_by_value(column: Column, positions: NDArray[np.int64]) -> dict[str, int]:
    """How many rows have each of the values at `positions`; a row counts once, however many of its variants have it."""
    if not len(positions):
        return {}
    rows, codes, distinct = column.rows[positions], column.values[positions], len(column.strings)
    first = int(rows.min())
    cells = (int(rows.max()) - first + 1) * distinct
    pairs = (rows - first) * distinct + codes
    if cells <= min(_MAX_CELLS, _CELLS_A_PAIR * len(pairs)):
        # Marking is faster than sorting, where there is room for it and the room is not mostly empty.
        marked = np.zeros(cells, np.bool_)
        marked[pairs] = True
        pairs = np.flatnonzero(marked)
    else:
        pairs = np.unique(pairs)
    numbers = np.bincount(pairs % distinct, minlength=distinct)
    return {column.strings[code]: int(numbers[code]) for code in np.flatnonzero(numbers).tolist()}


def _products_within(
    column: Column, facet: Facet, bounds: tuple[float | None, float | None], positions: NDArray[np.int64]
) -> int:
    """How many rows have one of the values at `positions` within the bounds."""
    rows = column.rows[positions][value_mask(Range(facet.column, *bounds, True, False), column)[positions]]
    # A row's values stand side by side.
    return int((np.diff(rows, prepend=-1) != 0).sum())
