"""What filters mean to every engine: the plainest reading of them, on every path."""

from __future__ import annotations

from dataclasses import replace

import pytest
from engine_cases import (
    DIM,
    IN_STOCK,
    PRICE,
    SCHEMA,
    SHOP,
    OpenShop,
    document,
    filters,
    found,
    holds,
    refinements,
    shops,
    unit,
    words,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.engines.protocol import Engine, EngineReader, GenerationSpec, IndexDocument
from indexer.engines.query import And, Exists, Facet, Filter, In, Not, Or, Range, Scope, SearchQuery, SortKey
from indexer.fields import Field, FieldType


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        (In("brand", ("Alma", "Cato")), {"p1", "p2", "p5", "p8"}),
        (In("organic", (True,)), {"p1"}),
        (In("category", ("Office",)), {"p3", "p4"}),
        (In("category", ("Office > Printers",)), {"p3"}),
        (In(PRICE, (2499,)), {"p2"}),
        (Range(PRICE, 2000, 5000), {"p2", "p4", "p7"}),
        (Range(PRICE, 2499, 4900, False, False), {"p7"}),
        (And((In("brand", ("Alma",)), Not(In("colour", ("red",))))), {"p2"}),
        (And((In("colour", ("red",)), In("size", ("S",)))), {"p8"}),
        (And((In("colour", ("blue",)), In("size", ("L",)))), set()),  # blue and L, but no one variant is both
        (And((In("colour", ("red",)), Range(PRICE, None, 900))), set()),
        (And((In("size", ("L",)), In(IN_STOCK, (True,)))), set()),
    ],
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value),
)  # fmt: skip
def test_filters(reader: EngineReader, condition: Filter, ids: set[str]) -> None:
    assert found(reader, SearchQuery(scope=Scope(filter=condition))) == ids
    assert {doc.id for doc in SHOP if holds(condition, doc)} == ids


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=shops, condition=filters)
def test_any_filter_is_read_alike_by_words_by_vectors_and_by_browsing(
    shop: OpenShop, documents: tuple[IndexDocument, ...], condition: Filter
) -> None:
    reader = shop(documents)
    scope = Scope(filter=condition)
    wanted = {doc.id for doc in documents if holds(condition, doc)}
    assert found(reader, SearchQuery(scope=scope)) == wanted
    assert found(reader, SearchQuery(words("item"), scope=scope)) == wanted
    assert reader.count(words("item"), scope) == reader.count(None, scope) == len(wanted)
    assert reader.matching(None, scope, [doc.id for doc in documents]) == wanted
    embedded = {doc.id for doc in documents if doc.vector is not None}
    assert found(reader, SearchQuery(vector=unit(1, 1, 1, 1), scope=scope)) == wanted & embedded


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=shops, condition=st.none() | filters, refine=refinements)
def test_filter_and_refinements_together_are_met_by_one_variant(
    shop: OpenShop, documents: tuple[IndexDocument, ...], condition: Filter | None, refine: dict[str, Filter]
) -> None:
    reader = shop(documents)
    together = And((*(() if condition is None else (condition,)), *refine.values()))
    wanted = {doc.id for doc in documents if holds(together, doc)}
    query = SearchQuery(scope=Scope(filter=condition), refine=refine)
    assert found(reader, query) == wanted
    assert found(reader, replace(query, words=words("item"))) == wanted
    assert found(reader, replace(query, words=words("item"), sort=(SortKey(PRICE),))) == wanted
    embedded = {doc.id for doc in documents if doc.vector is not None}
    assert found(reader, replace(query, vector=unit(1, 1, 1, 1))) == wanted & embedded
    lexical = {doc.id for doc in documents if "red" in doc.texts["title"]["en"].split()}
    assert found(reader, replace(query, words=words("red"), vector=unit(1, 1, 1, 1))) == wanted & (lexical | embedded)


ODD_NAMES = (
    "a", "a.b", "a.b.c", ".", "..", " x", "x ", " ", "%", "%2e", "*", "a*", "größe", "_id", "_source", "id", "source",
    "variants", "terms", "vector", "price@default", "{x}", '"', "\\", "x\ty", "x\ny", "笔记", "🦊", "A", "x" * 300,
)  # fmt: skip


def test_attributes_may_be_called_anything(engine: Engine) -> None:
    names = [name for name in ODD_NAMES if name not in SCHEMA.columns]
    fields = [Field(name, FieldType.KEYWORD, name, variant=bool(place % 2)) for place, name in enumerate(names)]
    schema = replace(SCHEMA, attributes=(*SCHEMA.attributes, *fields))
    engine.create(GenerationSpec("odd names", 1, schema, "v1", DIM))
    documents = [
        replace(document(place, "item"), values={"id": (f"p{place}",), name: (f"v{place}",)})
        for place, name in enumerate(names)
    ]
    with engine.writer("odd names", 1) as writer:
        assert writer.write(documents).written == len(names)
        assert not writer.commit(len(names))
    reader = engine.reader("odd names", 1)
    for place, name in enumerate(names):
        query = SearchQuery(scope=Scope(filter=In(name, (f"v{place}",))), facets=(Facet(name),), sort=(SortKey(name),))
        result = reader.search(query)
        assert [hit.id for hit in result.lexical] == [f"p{place}"], name
        assert result.facets[0].counts == ((f"v{place}", 1),), name
        assert reader.count(None, Scope(filter=Exists(name))) == 1


def test_choices_of_a_shopper_and_the_filter_speak_of_one_variant(reader: EngineReader) -> None:
    blue, large, buyable = In("colour", ("blue",)), In("size", ("L",)), In(IN_STOCK, (True,))
    red = In("colour", ("red",))
    for refine, condition, ids in (
        ({"colour": red, "size": large}, None, {"p8"}),
        ({"colour": blue, "size": large}, None, set[str]()),
        ({"size": large}, blue, set[str]()),
        ({"size": large}, And((In("brand", ("Alma",)), Or((blue, buyable)))), set[str]()),
        ({"size": large}, Or((And((buyable, blue)), red)), {"p8"}),
        ({"size": large}, Not(And((blue, large))), {"p8"}),  # no variant of it is both
    ):
        assert found(reader, SearchQuery(scope=Scope(filter=condition), refine=refine)) == ids
        assert found(reader, SearchQuery(words("shirt"), scope=Scope(filter=condition), refine=refine)) == ids


def test_the_enforced_filter_speaks_of_the_product_not_of_the_variant_that_is_asked_for(reader: EngineReader) -> None:
    buyable, large = In(IN_STOCK, (True,)), In("size", ("L",))
    assert found(reader, SearchQuery(scope=Scope(filter=large, enforced=buyable))) == {"p8"}
    assert found(reader, SearchQuery(scope=Scope(filter=And((large, buyable))))) == set()
