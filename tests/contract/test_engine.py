"""What every engine does. A further implementation is one more entry of ENGINES."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from engine_cases import DIM, IN_STOCK, PRICE, SCHEMA, SHOP, document, filters, holds, shops, unit, words
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.engines.protocol import Engine, EngineReader, GenerationSpec, IndexDocument
from indexer.engines.query import (
    Alternative,
    And,
    Facet,
    Filter,
    In,
    Not,
    Phrase,
    Range,
    Scope,
    SearchQuery,
    SortKey,
    TermGroup,
    Words,
)
from indexer.errors import ConflictError, NotFoundError

ENGINES: dict[str, Callable[[Path], Engine]] = {"embedded": EmbeddedEngine}

Shop = Callable[[Sequence[IndexDocument]], EngineReader]


@pytest.fixture(params=ENGINES, scope="module")
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return ENGINES[request.param](tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return iter(range(1, 1_000_000))


@pytest.fixture(scope="module")
def shop(engine: Engine, numbers: Iterator[int]) -> Shop:
    """Opens a new index with these products."""

    def build(documents: Sequence[IndexDocument]) -> EngineReader:
        spec = GenerationSpec(f"shop {next(numbers)}/ü", 1, SCHEMA, "v1", DIM)
        engine.create(spec)
        with engine.writer(spec.index, 1) as writer:
            writer.write(documents)
            writer.commit(max(doc.change_number for doc in documents))
        return engine.reader(spec.index, 1)

    return build


@pytest.fixture(scope="module")
def reader(shop: Shop) -> EngineReader:
    return shop(SHOP)


def found(reader: EngineReader, query: SearchQuery) -> set[str]:
    """The whole result set."""
    result = reader.search(replace(query, limit=10_000))
    ids = {hit.id for hit in result.lexical} | {hit.id for hit in result.neighbours}
    assert len(ids) == result.total
    return ids


# --- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        (words("wool"), {"p1", "p2"}),
        (words("scarfs"), {"p1"}),  # the stem, not the letters
        (words("red", "scarf"), {"p1"}),
        (words("red", "hat"), set()),
        (words(["hat", "scarf"]), {"p1", "p2"}),
        (words("creme"), {"p7"}),
        (words("six"), {"p7"}),
        (words("笔记"), {"p9"}),
        (words("记本", "电脑"), {"p9"}),
        (words("schuh"), set()),  # no word of the English text
        (words("winterschuh", languages=("de", "en")), {"p6"}),
        (words("winterschuhe", languages=("de", "en")), {"p6"}),
    ],
    ids=str,
)
def test_every_word_must_match_in_some_field(reader: EngineReader, asked: Words, ids: set[str]) -> None:
    assert found(reader, SearchQuery(asked)) == ids


@pytest.mark.parametrize("asked", [("hl2140",), ("hl", "2140")])
def test_a_part_number_is_found_however_it_is_written(reader: EngineReader, asked: tuple[str, ...]) -> None:
    assert found(reader, SearchQuery(words(*asked))) == {"p3", "p4", "p5"}


def test_several_words_of_an_alternative_stand_side_by_side(reader: EngineReader) -> None:
    def of(*side_by_side: str) -> SearchQuery:
        return SearchQuery(Words((TermGroup((Alternative(side_by_side),)),)))

    assert found(reader, of("wool", "scarf")) == {"p1"}
    assert found(reader, of("scarf", "wool")) == set()


def test_a_field_weight_of_zero_leaves_the_field_out(reader: EngineReader) -> None:
    titles_only = replace(words("six"), field_weights={"description": 0.0})
    assert found(reader, SearchQuery(titles_only)) == set()


def test_optional_groups_add_to_the_score_and_not_to_the_set(reader: EngineReader) -> None:
    plain = reader.search(SearchQuery(words("wool")))
    helped = reader.search(SearchQuery(replace(words("wool"), optional=words("hat").groups)))
    assert helped.total == plain.total
    assert helped.lexical[0].id == "p2"


def test_phrases_and_exclusions_hold_on_both_sides(reader: EngineReader) -> None:
    query = SearchQuery(vector=unit(1, 0), vector_k=9)
    assert "p2" in found(reader, query)
    assert found(reader, replace(query, scope=Scope(phrases=(Phrase(("wool", "hat")),)))) == {"p2"}
    assert "p2" not in found(reader, replace(query, scope=Scope(excluded=words("hat").groups)))
    assert "p2" not in found(reader, replace(query, scope=Scope(excluded_phrases=(Phrase(("wool", "hat")),))))
    assert found(reader, SearchQuery(words("wool"), scope=Scope(excluded=words("hat").groups))) == {"p1"}


# --- the set -------------------------------------------------------------------------------------------------------


def test_the_set_is_the_lexical_matches_and_the_nearest_neighbours(reader: EngineReader) -> None:
    result = reader.search(SearchQuery(words("scarf"), vector=unit(1, 0), vector_k=3))
    assert [hit.id for hit in result.lexical] == ["p1"]
    assert [hit.id for hit in result.neighbours] == ["p1", "p2", "p8"]
    assert result.neighbour_matches == (True, False, False)
    assert (result.lexical_total, result.total) == (1, 3)
    assert result.neighbours[0].score == pytest.approx(1.0, abs=1e-3)


def test_neighbours_below_the_cut_off_are_none(reader: EngineReader) -> None:
    result = reader.search(SearchQuery(vector=unit(1, 0), min_cosine=0.85))
    assert [hit.id for hit in result.neighbours] == ["p1", "p2"]


def test_the_vector_search_is_filtered_before_it_is_cut(reader: EngineReader) -> None:
    only = Scope(filter=In("brand", ("Brod",)))
    result = reader.search(SearchQuery(vector=unit(1, 0), vector_k=1, scope=only))
    assert [hit.id for hit in result.neighbours] in (["p3"], ["p4"])  # as near as each other


def test_without_words_and_vector_everything_in_scope_comes_in_the_order_of_the_tie_breakers(
    reader: EngineReader,
) -> None:
    result = reader.search(SearchQuery(tie_break=(SortKey(PRICE, descending=True),), limit=3))
    assert result.total == len(SHOP)
    assert [hit.id for hit in result.lexical] == ["p3", "p5", "p4"]


def test_the_enforced_filter_holds_on_every_path(reader: EngineReader) -> None:
    scope = Scope(enforced=In("brand", ("Alma",)))
    everything = SearchQuery(words("wool"), vector=unit(0, 0, 1), vector_k=9, scope=scope, facets=(Facet("brand"),))
    result = reader.search(everything)
    assert found(reader, everything) <= {"p1", "p2", "p8"}
    assert dict(result.facets[0].counts) == {"Alma": result.total}
    assert reader.count(words("printer"), scope) == 0
    assert reader.matching(None, scope, ["p1", "p3"]) == {"p1"}
    assert reader.vocabulary(scope).count("printer") == 0
    assert reader.vocabulary(scope).starting_with("print", 5) == []
    assert reader.vocabulary(scope).near("printr", 2, 5) == []


# --- filters -------------------------------------------------------------------------------------------------------


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
    ids=str,
)  # fmt: skip
def test_filters(reader: EngineReader, condition: Filter, ids: set[str]) -> None:
    assert found(reader, SearchQuery(scope=Scope(filter=condition))) == ids
    assert {doc.id for doc in SHOP if holds(condition, doc)} == ids


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=shops, condition=filters)
def test_any_filter_is_read_alike_by_words_by_vectors_and_by_browsing(
    shop: Shop, documents: tuple[IndexDocument, ...], condition: Filter
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


# --- facets and order ----------------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    documents=shops,
    brands=st.sets(st.sampled_from(("Alma", "Brod", "Cato"))),
    colours=st.sets(st.sampled_from(("red", "blue"))),
    hybrid=st.booleans(),
    least=st.integers(0, 4),
)
def test_the_number_beside_a_choice_is_the_total_after_taking_it(
    shop: Shop, documents: tuple[IndexDocument, ...], brands: set[str], colours: set[str], hybrid: bool, least: int
) -> None:
    reader = shop(documents)
    refine: dict[str, Filter] = {}
    if brands:
        refine["brand"] = In("brand", tuple(brands))
    if colours:
        refine["colour"] = In("colour", tuple(colours))
    facets = (Facet("brand"), Facet("colour"), Facet("organic"), Facet(PRICE, ranges=((least, None), (None, least))))
    query = SearchQuery(
        words("red") if hybrid else words("item"),
        vector=unit(1, 0.2, 0.1) if hybrid else None,
        vector_k=4,
        refine=refine,
        facets=facets,
    )
    for facet, counts in zip(facets, reader.search(query).facets, strict=True):
        for at, (value, count) in enumerate(counts.counts):
            if facet.ranges:
                lower, upper = facet.ranges[at]
                choice: Filter = Range(facet.column, lower, upper, True, False)
            else:
                choice = In(facet.column, (value == "true" if facet.column == "organic" else value,))
            taken = replace(query, refine={**refine, facet.column: choice})
            assert reader.search(taken).total == count, (facet, value)
            assert count > 0 or facet.ranges


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=shops, descending=st.booleans(), size=st.integers(1, 4))
def test_sorting_and_paging_never_change_the_set(
    shop: Shop, documents: tuple[IndexDocument, ...], descending: bool, size: int
) -> None:
    reader = shop(documents)
    query = SearchQuery(words("red"), vector=unit(1, 0, 0.3), vector_k=4)
    whole = found(reader, query)
    ordered = replace(query, sort=(SortKey("weight", descending), SortKey("brand")), tie_break=(SortKey(PRICE),))
    assert found(reader, ordered) == whole
    pages: list[str] = []
    total = reader.search(ordered).lexical_total
    for offset in range(0, total, size):
        pages += [hit.id for hit in reader.search(replace(ordered, offset=offset, limit=size)).lexical]
    assert pages == [hit.id for hit in reader.search(ordered).lexical]
    assert len(set(pages)) == len(pages) == total


def test_products_without_a_value_come_last_in_both_directions(reader: EngineReader) -> None:
    for descending, best in ((False, ["p2", "p1"]), (True, ["p1", "p2"])):
        result = reader.search(SearchQuery(sort=(SortKey("weight", descending),)))
        ids = [hit.id for hit in result.lexical]
        assert ids[:2] == best
        assert ids[2:] == sorted(ids[2:])


def test_equals_come_in_the_order_of_the_tie_breakers_then_of_the_ids(shop: Shop) -> None:
    reader = shop([document(number, "desk lamp", weight=float(weight)) for number, weight in ((3, 1), (1, 2), (2, 2))])
    plain = reader.search(SearchQuery(words("lamp")))
    assert [hit.id for hit in plain.lexical] == ["p1", "p2", "p3"]
    lighter_first = reader.search(SearchQuery(words("lamp"), tie_break=(SortKey("weight"),)))
    assert [hit.id for hit in lighter_first.lexical] == ["p3", "p1", "p2"]


def test_numeric_facets_have_the_least_and_the_greatest_value(reader: EngineReader) -> None:
    result = reader.search(SearchQuery(words("wool"), facets=(Facet(PRICE, ranges=((None, 2000), (2000, None))),)))
    assert result.facets[0].stats == {"min": 1999, "max": 2499}
    assert [count for _, count in result.facets[0].counts] == [1, 1]


def test_a_path_facet_can_be_asked_below_a_category(reader: EngineReader) -> None:
    everything = SearchQuery(facets=(Facet("category"), Facet("category", under="Office")))
    top, below = reader.search(everything).facets
    assert dict(top.counts) == {"Office": 2, "Office > Printers": 1}
    assert dict(below.counts) == {"Office > Printers": 1}


# --- writing -------------------------------------------------------------------------------------------------------


def test_an_older_change_never_replaces_a_newer_one(engine: Engine, shop: Shop) -> None:
    reader = shop([document(1, "lamp", change=5)])
    name = reader.spec.index
    with engine.writer(name, 1) as writer:
        assert writer.write([document(1, "desk", change=4)]).skipped == 1
        assert writer.write([document(1, "desk", change=5)]).skipped == 1
        assert writer.delete({"p1": 6}).written == 1
        assert writer.write([document(1, "desk", change=6)]).skipped == 1
        writer.commit(6)
    reader.refresh()
    assert reader.document_count() == 0
    with engine.writer(name, 1) as writer:
        assert writer.change_number == 6
        assert writer.write([document(1, "desk", change=5)]).skipped == 1
        assert writer.write([document(1, "desk", change=7)]).written == 1
        writer.commit(7)
    reader.refresh()
    assert found(reader, SearchQuery(words("desk"))) == {"p1"}
    assert reader.change_number == 7


def test_a_deletion_of_an_unknown_id_is_remembered(engine: Engine, shop: Shop) -> None:
    reader = shop([document(1, "lamp", change=1)])
    with engine.writer(reader.spec.index, 1) as writer:
        writer.delete({"p2": 9})
        writer.commit(9)
    with engine.writer(reader.spec.index, 1) as writer:
        assert writer.write([document(2, "late", change=8)]).skipped == 1


def test_what_is_not_committed_is_not_there(engine: Engine, shop: Shop) -> None:
    reader = shop([document(1, "lamp")])
    with engine.writer(reader.spec.index, 1) as writer:
        writer.write([document(2, "lamp")])
        assert reader.refresh() is False
    reader.refresh()
    assert found(reader, SearchQuery(words("lamp"))) == {"p1"}
    with engine.writer(reader.spec.index, 1) as writer:
        writer.write([document(3, "lamp")])
        writer.commit(3)
    assert reader.refresh() is True
    assert found(reader, SearchQuery(words("lamp"))) == {"p1", "p3"}


def test_a_reader_keeps_its_snapshot_while_a_writer_works(engine: Engine, shop: Shop) -> None:
    reader = shop([document(1, "lamp", vector=unit(1))])
    with engine.writer(reader.spec.index, 1) as writer:
        for number in range(2, 30):
            writer.write([document(number, "lamp", vector=unit(1, 0.01 * number))])
            writer.commit(number)
    assert found(reader, SearchQuery(words("lamp"))) == {"p1"}
    reader.refresh()
    assert len(found(reader, SearchQuery(words("lamp")))) == 29
    assert len(found(reader, SearchQuery(vector=unit(1), vector_k=100))) == 29


def test_rewriting_replaces_text_vector_and_values(engine: Engine, shop: Shop) -> None:
    reader = shop([document(1, "lamp", vector=unit(1), brand="Alma"), document(2, "lamp", vector=unit(0, 1))])
    with engine.writer(reader.spec.index, 1) as writer:
        writer.write([document(1, "desk", change=3, vector=unit(0, 0, 1), brand="Brod")])
        writer.commit(3)
    reader.refresh()
    assert found(reader, SearchQuery(words("lamp"))) == {"p2"}
    assert found(reader, SearchQuery(scope=Scope(filter=In("brand", ("Alma",))))) == set()
    nearest = reader.search(SearchQuery(vector=unit(0, 0, 1), vector_k=1)).neighbours
    assert nearest[0].id == "p1"
    assert nearest[0].score == pytest.approx(1.0, abs=1e-3)
    assert reader.document_count() == 2


def test_a_product_twice_in_one_batch_counts_once(engine: Engine, shop: Shop) -> None:
    reader = shop([document(1, "lamp", change=1), document(1, "desk", change=2)])
    assert found(reader, SearchQuery()) == {"p1"}
    assert found(reader, SearchQuery(words("desk"))) == {"p1"}


def test_sources_and_vectors_come_back(reader: EngineReader) -> None:
    assert reader.sources(["p3", "none", "p1"]) == [b'{"id":"p3"}', None, b'{"id":"p1"}']
    there, without, missing = reader.vectors(["p1", "p7", "none"])
    assert there is not None
    np.testing.assert_allclose(there, unit(1), atol=1e-3)
    assert without is None
    assert missing is None


def test_the_vocabulary_counts_completes_and_corrects(reader: EngineReader) -> None:
    vocabulary = reader.vocabulary(Scope())
    assert vocabulary.count("wool") == 2
    assert vocabulary.count("nothing") == 0
    assert vocabulary.starting_with("print", 5) == [("printer", 2), ("printers", 1)]
    assert vocabulary.near("scraf", 1, 3) == [("scarf", 1, 1)]
    assert vocabulary.near("hl2141", 2, 3) == []


# --- generations ---------------------------------------------------------------------------------------------------


def test_generations_switch_and_drop(engine: Engine) -> None:
    assert engine.live("none") is None
    assert engine.generations("none") == []
    for number in (1, 2):
        engine.create(GenerationSpec("switching", number, SCHEMA, "v1", DIM))
    with pytest.raises(ConflictError, match="exists already"):
        engine.create(GenerationSpec("switching", 2, SCHEMA, "v1", DIM))
    engine.switch("switching", 1)
    assert engine.live("switching") == 1
    with pytest.raises(ConflictError, match="live"):
        engine.drop("switching", 1)
    with pytest.raises(NotFoundError, match="no generation 9"):
        engine.switch("switching", 9)
    engine.switch("switching", 2)
    engine.drop("switching", 1)
    assert engine.generations("switching") == [2]
    assert engine.spec("switching", 2).schema == SCHEMA


def test_an_empty_generation_answers(engine: Engine) -> None:
    engine.create(GenerationSpec("empty", 1, SCHEMA, "v1", DIM))
    reader = engine.reader("empty", 1)
    everything = SearchQuery(words("lamp"), vector=unit(1), facets=(Facet("brand"), Facet(PRICE)))
    assert reader.search(everything).total == 0
    assert reader.search(SearchQuery(sort=(SortKey(PRICE),))).total == 0
    assert reader.document_count() == 0
