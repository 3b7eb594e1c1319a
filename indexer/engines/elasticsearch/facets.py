"""Facets: what is asked of Elasticsearch for their counts, and the counts out of its answer. Pure functions.

The main query is the set before any refinement, so each facet stands under a filter of its own. A column of variants
under a condition on variants is counted case by case (see `conditions`): of products with several variants the nested
ones are counted that meet it, and then their products. No product is in two cases, so the counts add up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from indexer.engines.elasticsearch.conditions import SINGLE, Body, Conditions, all_of
from indexer.engines.elasticsearch.fields import VARIANTS, Fields
from indexer.engines.query import MAX_VALUES, Facet, FacetCounts, Filter, Range, SearchQuery, range_name
from indexer.fields import PATH_SEPARATOR, FieldType

_PRODUCTS: Body = {"products": {"reverse_nested": {}}}
_REGEXP_SIGNS = re.compile(r'([.?+*|{}\[\]()"\\#@&<>~^$-])')


class Facets:
    """Compiles and reads the facets of one generation.

    Args:
        shards: of the generation; with a single one the most frequent values can be left to it.
    """

    def __init__(self, fields: Fields, conditions: Conditions, shards: int) -> None:
        self._fields = fields
        self._conditions = conditions
        self._shards = shards

    def body(self, query: SearchQuery) -> Body:
        """The aggregations of all facets of a query."""
        result: Body = {}
        for name, condition, members in self._groups(query):
            plain = {number: facet for number, facet in members.items() if not self._by_variant(facet, condition)}
            asked: Body = {}
            for number, facet in plain.items():
                asked.update(self._plain(number, facet))
            if asked:
                # What is in the scope's own filter is in the main query already.
                refined = condition is not None and condition != query.scope.filter
                under = self._conditions.query(condition) if refined and condition is not None else {"match_all": {}}
                result[name] = {"filter": under, "aggs": asked}
            by_variant = {number: facet for number, facet in members.items() if number not in plain}
            if condition is not None and by_variant:
                for place, case in enumerate(self._conditions.cases(condition)):
                    result[f"{name}.{place}"] = self._case(case.unit, self._conditions.products(case), by_variant)
        return result

    def read(self, query: SearchQuery, aggregations: Mapping[str, Any]) -> tuple[FacetCounts, ...]:
        """The counts of all facets of a query, in its order.

        Args:
            aggregations: of the answer to `body`.
        """
        result: dict[int, FacetCounts] = {}
        for name, condition, members in self._groups(query):
            for number, facet in members.items():
                if self._by_variant(facet, condition):
                    found = list(_under(aggregations, f"{name}.", number))
                else:
                    found = [_parts(aggregations[name], number)]
                result[number] = self._counts(facet, found)
        return tuple(result[number] for number in range(len(query.facets)))

    def _groups(self, query: SearchQuery) -> Iterator[tuple[str, Filter | None, dict[int, Facet]]]:
        """(name, condition, facets by number) for each set of refinements that facets stand under."""
        groups: dict[frozenset[str], dict[int, Facet]] = {}
        for number, facet in enumerate(query.facets):
            groups.setdefault(frozenset(query.refine) - {facet.column}, {})[number] = facet
        for place, (applied, members) in enumerate(groups.items()):
            yield f"g{place}", query.scope.narrowed(query.refine[key] for key in sorted(applied)).filter, members

    def _by_variant(self, facet: Facet, condition: Filter | None) -> bool:
        is_variant = self._fields.is_variant(facet.column)
        return condition is not None and is_variant and self._conditions.of_variants(condition)

    def _plain(self, number: int, facet: Facet) -> Body:
        """The aggregations of a facet by name; products are counted."""
        field = self._fields.column(facet.column)
        if self._fields.is_numeric(facet.column):
            return self._numeric(number, facet, of_variant=False)
        exact = self._shards > 1
        return {f"{number}": _terms(field, facet, facet.size, MAX_VALUES if exact else facet.size)}

    def _case(self, unit: Filter | None, products: list[Body], members: Mapping[int, Facet]) -> Body:
        single = all_of([SINGLE, *([] if unit is None else [self._conditions.single(unit)])])
        several = {"match_all": {}} if unit is None else self._conditions.unit(unit)
        asked: Body = {}
        nested: Body = {}
        for number, facet in members.items():
            if self._fields.is_numeric(facet.column):
                asked.update(self._numeric(number, facet, of_variant=False))
                nested.update(self._numeric(number, facet, of_variant=True))
            else:
                asked[f"{number}"] = _terms(self._fields.column(facet.column), facet, MAX_VALUES, MAX_VALUES)
                field = self._fields.column(facet.column, of_variant=True)
                nested[f"{number}"] = {**_terms(field, facet, MAX_VALUES, MAX_VALUES), "aggs": _PRODUCTS}
        return {
            "filter": all_of(products),
            "aggs": {
                "single": {"filter": single, "aggs": asked},
                "several": {"nested": {"path": VARIANTS}, "aggs": {"fitting": {"filter": several, "aggs": nested}}},
            },
        }

    def _numeric(self, number: int, facet: Facet, *, of_variant: bool) -> Body:
        field = self._fields.column(facet.column, of_variant=of_variant)
        result: Body = {f"{number}.min": {"min": {"field": field}}, f"{number}.max": {"max": {"field": field}}}
        for place, (lower, upper) in enumerate(facet.ranges):
            within = self._conditions.range(Range(facet.column, lower, upper, True, False), of_variant=of_variant)
            result[f"{number}.{place}"] = {"filter": within, **({"aggs": _PRODUCTS} if of_variant else {})}
        return result

    def _counts(self, facet: Facet, found: list[dict[str, Any]]) -> FacetCounts:
        """Args:
        found: aggregations of the facet by the rest of their names, of disjoint sets of products.
        """
        if not self._fields.is_numeric(facet.column):
            counts: Counter[str] = Counter()
            for parts in found:
                for bucket in parts[""]["buckets"]:
                    counts[str(bucket.get("key_as_string", bucket["key"]))] += _products(bucket)
            ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
            return FacetCounts(facet.column, tuple(ordered[: facet.size]))
        scale = 1000 if self._fields.type(facet.column) is FieldType.DATE else 1
        least = [parts["min"]["value"] / scale for parts in found if parts["min"]["value"] is not None]
        greatest = [parts["max"]["value"] / scale for parts in found if parts["max"]["value"] is not None]
        stats = {"min": min(least), "max": max(greatest)} if least else {}
        ranges = tuple(
            (range_name(*bounds), sum(_products(parts[f"{place}"]) for parts in found))
            for place, bounds in enumerate(facet.ranges)
        )
        return FacetCounts(facet.column, ranges, stats)


def literal(text: str) -> str:
    """A text as a regular expression of Lucene's that only it matches."""
    return _REGEXP_SIGNS.sub(r"\\\1", text)


def _terms(field: str, facet: Facet, size: int, shard_size: int) -> Body:
    asked: Body = {
        "field": field,
        "size": max(1, size),
        "shard_size": max(1, shard_size),
        "order": [{"_count": "desc"}, {"_key": "asc"}],
    }
    if facet.under:
        asked["include"] = f"{literal(facet.under + PATH_SEPARATOR)}.*"
    return {"terms": asked}


def _products(bucket: Mapping[str, Any]) -> int:
    """How many products a bucket has, be it one of products or of variants."""
    return int(bucket.get("products", bucket)["doc_count"])


def _parts(group: Mapping[str, Any], number: int) -> dict[str, Any]:
    """A facet's aggregations by what stands behind its number: "" for values."""
    return {name.partition(".")[2]: part for name, part in group.items() if name.partition(".")[0] == str(number)}


def _under(aggregations: Mapping[str, Any], prefix: str, number: int) -> Iterator[dict[str, Any]]:
    for name, case in aggregations.items():
        if name.startswith(prefix):
            yield _parts(case["single"], number)
            yield _parts(case["several"]["fitting"], number)
