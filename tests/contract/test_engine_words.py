"""What every engine finds by words, and the words that it knows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from engine_cases import (
    OpenShop,
    document,
    found,
    unit,
    words,
)

from indexer.engines.protocol import EngineReader
from indexer.engines.query import (
    Alternative,
    In,
    Phrase,
    Scope,
    SearchQuery,
    TermGroup,
    Words,
)


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
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value),
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


def test_the_vocabulary_counts_completes_and_corrects(reader: EngineReader) -> None:
    vocabulary = reader.vocabulary(Scope())
    assert vocabulary.count("wool") == 2
    assert vocabulary.count("nothing") == 0
    assert vocabulary.starting_with("print", 5) == [("printer", 2), ("printers", 1)]
    assert vocabulary.near("scraf", 1, 3) == [("scarf", 1, 1)]
    assert vocabulary.near("hl2141", 2, 3) == []


def test_words_are_completed_beside_others(reader: EngineReader) -> None:
    vocabulary = reader.vocabulary(Scope())
    assert vocabulary.beside(None, Scope(), "print", 5) == ["printer", "printers"]
    assert vocabulary.beside(words("toner"), Scope(), "print", 5) == ["printers"]
    assert vocabulary.beside(words("wool"), Scope(), "print", 5) == []
    assert vocabulary.beside(words("wool"), Scope(), "", 3) == ["wool", "blue", "hat"]
    assert vocabulary.beside(None, Scope(filter=In("brand", ("Cato",))), "r", 5) == ["refurbished"]
    assert vocabulary.beside(None, Scope(enforced=In("brand", ("Alma",))), "print", 5) == []


def test_of_many_words_those_are_found_that_few_products_have(shop: OpenShop) -> None:
    many = [document(number, f"word{number:04} plenty") for number in range(1, 1001)]
    reader = shop([*many, document(1001, "word9999 rare", brand="Alma")])
    vocabulary = reader.vocabulary(Scope())
    assert vocabulary.beside(words("rare"), Scope(), "w", 5) == ["word9999"]
    assert vocabulary.beside(None, Scope(filter=In("brand", ("Alma",))), "w", 5) == ["word9999"]
    assert len(vocabulary.beside(words("plenty"), Scope(), "w", 5)) == 5


def test_a_beginning_may_be_misspelt(reader: EngineReader, shop: OpenShop) -> None:
    vocabulary = reader.vocabulary(Scope())
    assert vocabulary.near_beginning("scarfx", 1, 3) == []  # it goes on otherwise than any word does
    with_codes = shop([document(1, "Printer printer500")]).vocabulary(Scope())
    assert with_codes.near_beginning("pirnt", 1, 3) == [("printer", 1, 1)]
    assert vocabulary.near_beginning("pirnt", 1, 3) == [("printer", 1, 2), ("printers", 1, 1)]
    assert vocabulary.near_beginning("prinz", 1, 1) == [("printer", 1, 2)]
    assert vocabulary.near_beginning("hl214", 2, 3) == []  # another part number is another part
    seen = reader.vocabulary(Scope(enforced=In("brand", ("Alma",))))
    assert seen.near_beginning("pirnt", 1, 3) == []
    assert seen.near_beginning("scraf", 1, 3) == [("scarf", 1, 1)]
