"""Counts of facets: the number beside a choice is the total after taking it."""

from __future__ import annotations

from dataclasses import replace

from engine_cases import (
    PRICE,
    OpenShop,
    filters,
    refinements,
    shops,
    unit,
    words,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.engines.protocol import EngineReader, IndexDocument
from indexer.engines.query import Exists, Facet, Filter, In, Range, Scope, SearchQuery

FACETS = (
    Facet("brand"),
    Facet("colour"),
    Facet("size"),
    Facet("organic"),
    Facet(PRICE, ranges=((0, 1), (1, 3), (2, None), (None, 2), (None, None))),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    documents=shops,
    condition=st.none() | filters,
    refine=refinements,
    side=st.sampled_from(("all", "words", "hybrid")),
)
def test_the_number_beside_a_choice_is_the_total_after_taking_it(
    shop: OpenShop, documents: tuple[IndexDocument, ...], condition: Filter | None, refine: dict[str, Filter], side: str
) -> None:
    reader = shop(documents)
    query = SearchQuery(
        {"all": None, "words": words("item"), "hybrid": words("red")}[side],
        vector=unit(1, 0.2, 0.1) if side == "hybrid" else None,
        vector_k=4,
        scope=Scope(filter=condition),
        refine=refine,
        facets=FACETS,
    )
    for facet, counts in zip(FACETS, reader.search(query).facets, strict=True):
        for at, (value, count) in enumerate(counts.counts):
            if facet.ranges:
                lower, upper = facet.ranges[at]
                choice: Filter = Range(facet.column, lower, upper, True, False)
            else:
                choice = In(facet.column, (value == "true" if facet.column == "organic" else value,))
            taken = replace(query, facets=(), refine={**refine, facet.column: choice})
            assert reader.search(taken).total == count, (facet, value)
            assert count > 0 or facet.ranges
        listed = {value for value, _ in counts.counts}
        for value in {"brand": ("Alma",), "colour": ("red", "blue"), "size": ("S", "L")}.get(facet.column, ()):
            taken = replace(query, facets=(), refine={**refine, facet.column: In(facet.column, (value,))})
            assert value in listed or reader.search(taken).total == 0, (facet, value)


def test_a_variant_facet_counts_the_variants_that_the_other_conditions_leave(reader: EngineReader) -> None:
    facets = (Facet("colour"), Facet("size"), Facet(PRICE, ranges=((None, 1000), (1000, None))))
    for asked in (None, words("shirt")):
        query = SearchQuery(asked, refine={"colour": In("colour", ("blue",)), "brand": In("brand", ("Alma",))})
        colour, size, price = reader.search(
            replace(query, scope=Scope(filter=Exists("size")), facets=facets)
        ).facets  # only the shirt has sizes
        assert colour.counts == (("blue", 1), ("red", 1))
        assert size.counts == (("S", 1),)
        assert [count for _, count in price.counts] == [1, 0]
        assert price.stats == {"min": 900, "max": 900}


def test_numeric_facets_have_the_least_and_the_greatest_value(reader: EngineReader) -> None:
    result = reader.search(SearchQuery(words("wool"), facets=(Facet(PRICE, ranges=((None, 2000), (2000, None))),)))
    assert result.facets[0].stats == {"min": 1999, "max": 2499}
    assert [count for _, count in result.facets[0].counts] == [1, 1]


def test_a_path_facet_can_be_asked_below_a_category(reader: EngineReader) -> None:
    everything = SearchQuery(facets=(Facet("category"), Facet("category", under="Office")))
    top, below = reader.search(everything).facets
    assert dict(top.counts) == {"Office": 2, "Office > Printers": 1}
    assert dict(below.counts) == {"Office > Printers": 1}
