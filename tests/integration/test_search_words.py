"""Which products a query finds: words, phrases, corrections, relaxation and languages, read off small shops by eye."""

from __future__ import annotations

import pytest
from shops import Shop, ask, ids, titled

from indexer.encoders.hashing import HashingEncoder
from indexer.engines.query import In
from indexer.fields import Field, FieldType, Schema
from indexer.product import Product, Variant
from search.settings import Ranking


def test_quotes_inches_and_minus(shop: Shop) -> None:
    searcher = shop(
        *titled('Laptop 17" red', "Red case for laptop", "Case red laptop", "Green t-shirt", "T-bone and a shirt")
    )
    assert set(ids(ask(searcher, q='17" laptop'))) == {"p1"}
    assert set(ids(ask(searcher, q='"red case"'))) == {"p2"}
    assert set(ids(ask(searcher, q="laptop -case"))) == {"p1"}
    assert set(ids(ask(searcher, q='laptop -"red case"'))) == {"p1", "p3"}
    assert set(ids(ask(searcher, q="shirt -t-shirt"))) == {"p5"}
    assert set(ids(ask(searcher, q="-laptop"))) == {"p4", "p5"}


@pytest.mark.parametrize("q", ["hl2140", "HL-2140", "hl 2140", "Hl2140 printer", "printer hl-2140"])
def test_a_part_number_is_found_however_it_is_written(shop: Shop, q: str) -> None:
    searcher = shop(*titled("Printer HL2140", "Printer HL-2140", "Printer HL 2140", "Printer HL2150", "Printer DCP"))
    assert set(ids(ask(searcher, q=q))) == {"p1", "p2", "p3"}


def test_a_code_is_looked_for_in_every_identifier(shop: Shop) -> None:
    searcher = shop(
        Product("A/1", "Lamp", sku="LP-100", mpn="ZX81", gtins=("4006381333931",)),
        Product("B/2", "Lamp", variants=(Variant("LP-200-red", ("5901234123457",)),)),
    )
    assert (
        ids(ask(searcher, q="lp100"))
        == ids(ask(searcher, q="zx-81"))
        == ids(ask(searcher, q="4006381333931"))
        == ["A/1"]
    )
    assert ids(ask(searcher, q="lp-200")) == ids(ask(searcher, q="5901234123457")) == ["B/2"]


def test_joined_and_split_words_find_one_another(shop: Shop) -> None:
    searcher = shop(*titled("Smartwatch black", "Smart watch white", "Smart lamp", "Watch of gold"))
    assert (
        set(ids(ask(searcher, q="smartwatch"))) == set(ids(ask(searcher, q='"smart watch"'))) | {"p1"} == {"p1", "p2"}
    )
    found = ask(searcher, q="smart watch")
    assert ids(found)[:2] in (["p1", "p2"], ["p2", "p1"])
    assert found.matching["corrected"] == {}


def test_a_trademark_sign_is_no_part_of_a_word(shop: Shop) -> None:
    searcher = shop(*titled("Glow™ lamp", "Glow® candle"))
    assert set(ids(ask(searcher, q="glow"))) == {"p1", "p2"}


def test_a_misspelt_word_is_corrected_and_said(shop: Shop) -> None:
    searcher = shop(*titled("Wireless headphones", "Wired headphones", "Desk lamp"))
    found = ask(searcher, q='wireles headphones "wireless headphones" -lamp')
    assert ids(found) == ["p1"]
    assert found.corrected_query == 'wireless headphones "wireless headphones" -lamp'
    assert found.matching["corrected"] == {"wireles": "wireless"}


def test_an_inflected_word_is_no_mistake(shop: Shop) -> None:
    found = ask(shop(*titled("Desk lamp", "Floor lamp")), q="lamps desk")
    assert ids(found)[0] == "p1"
    assert found.corrected_query == ""


def test_two_words_of_the_shop_in_one_hide_no_mistake(shop: Shop) -> None:
    # `key` and `bord` are words here, but nothing is a `key bord`.
    found = ask(shop(*titled("Silent keyboard", "Brass key", "Bord game")), q="keybord")
    assert ids(found) == ["p1"]
    assert found.corrected_query == "keyboard"


@pytest.mark.parametrize("q", ["hl2141", "hl-2141", "canom200"])
def test_a_word_with_digits_is_never_corrected(shop: Shop, q: str) -> None:
    found = ask(shop(*titled("Printer HL2140", "Canon200 camera")), q=q)
    assert found.total == 0
    assert found.corrected_query == ""


def test_corrections_and_completions_know_only_what_the_caller_may_see(shop: Shop) -> None:
    searcher = shop(
        Product("p1", "Wireless speaker", brand="Secret"),
        Product("p2", "Wired speaker", brand="Open"),
        Product("p3", "Wirelace curtain", brand="Open"),
    )
    visible = In("brand", ("Open",))
    assert ask(searcher, q="wireles speaker").corrected_query == "wireless speaker"
    under = ask(searcher, visible, q="wireles speaker")
    assert "wireless" not in str(under.matching) + under.corrected_query
    assert ids(ask(searcher, q="speaker wirele")) == ["p1"]
    assert "p1" not in ids(ask(searcher, visible, q="speaker wirele"))


def test_an_unknown_last_word_is_a_beginning(shop: Shop) -> None:
    searcher = shop(*titled("Leather wallet", "Leather wallpaper", "Leather belt"))
    found = ask(searcher, q="leather wal")
    assert set(ids(found)[:2]) == {"p1", "p2"}
    assert found.corrected_query == ""
    # Only at the end of the query: in front it is no beginning, and too short to be corrected.
    assert ask(searcher, q="wal leather").matching["given_up"] == ["wal"]


LAMPS = titled(
    "Red desk lamp",
    *["Blue desk lamp"] * 3,
    *["Green floor lamp"] * 6,
    *["Steel chair"] * 2,
)


def test_words_that_nothing_has_go_first_then_the_most_frequent(shop: Shop) -> None:
    found = ask(shop(*LAMPS, ranking=Ranking(min_matches=4)), q="lamp xylophones desk red")
    # One product has the others; without lamp (10 products) it is still one, without desk (4) too; red is the last.
    assert found.matching["given_up"] == ["xylophones", "lamp", "desk"]
    assert found.total == 1


def test_a_corrected_word_is_given_up_as_it_was_searched(shop: Shop) -> None:
    found = ask(shop(*LAMPS, ranking=Ranking(min_matches=3)), q="greeen desk lamp")
    assert found.matching["corrected"] == {"greeen": "green"}
    assert found.matching["given_up"] == ["lamp", "green"]


def test_relaxing_stops_as_soon_as_enough_match(shop: Shop) -> None:
    searcher = shop(*LAMPS, ranking=Ranking(min_matches=3))
    assert ask(searcher, q="blue desk lamp").matching["given_up"] == []
    # lamp: 10 products, green: 6, desk: 4.
    found = ask(searcher, q="green desk lamp")
    assert found.matching["given_up"] == ["lamp", "green"]
    assert set(ids(found)) == {"p1", "p2", "p3", "p4"}


def test_full_matches_come_before_relaxed_ones(shop: Shop) -> None:
    products = [
        Product("full", "Oak table", description="A long text about many other things, among them a garden " * 5),
        *(Product(f"t{number}", "Oak oak oak") for number in range(4)),
        *(Product(f"g{number}", "Garden garden table") for number in range(6)),
    ]
    found = ask(shop(*products, ranking=Ranking(min_matches=3)), q="oak garden")
    assert found.matching["given_up"] == ["garden"]
    assert ids(found)[0] == "full"
    assert set(ids(found)[1:]) == {"t0", "t1", "t2", "t3"}


@pytest.mark.parametrize(
    ("q", "given_up"),
    [
        ("lamp", []),  # the last word
        ("lamp lamp", []),  # the same word twice is one word
        ("lamp 9999", ["lamp"]),  # a word with digits stays, though nothing has it
        ("xylophone zither", []),  # nothing has any of them
    ],
)
def test_what_is_never_given_up(shop: Shop, q: str, given_up: list[str]) -> None:
    found = ask(shop(*titled("Red lamp", "Blue lamp", "Chair 7")), q=q)
    assert found.matching["given_up"] == given_up
    assert found.total == (2 if set(q.split()) == {"lamp"} else 0)


def test_both_halves_of_a_part_number_are_kept(shop: Shop) -> None:
    found = ask(shop(*titled("Printer HL-2140", "HL stand", "Printer DCP")), q="printer hl-2140")
    assert found.matching["given_up"] == ["printer"]
    assert ids(found) == ["p1"]


def test_refinements_do_not_change_what_is_given_up(shop: Shop) -> None:
    schema = Schema(attributes=(Field("colour", FieldType.KEYWORD, "colour"),))
    products = [Product(f"p{n}", "Desk lamp", attributes={"colour": "red" if n < 3 else "blue"}) for n in range(12)]
    searcher = shop(*products, Product("chair", "Desk chair", attributes={"colour": "red"}), schema=schema)
    whole = ask(searcher, q="desk lamp", facets=["colour"])
    refined = ask(searcher, q="desk lamp", refine={"colour": ["red"]}, facets=["colour"])
    assert whole.matching == refined.matching
    assert dict(whole.facets["colour"])["red"] == refined.total == 3
    # As a filter the same condition is part of the question: 3 products are too few, so `desk` or `lamp` goes.
    assert ask(searcher, q="desk lamp", filters="colour:red").matching["given_up"] != []


TWO_LANGUAGES = Schema(languages=("de",))
SHOES = (
    Product("p1", {"en": "Winter shoes", "de": "Winterschuhe aus Leder"}),
    Product("p2", {"en": "Leather gloves", "de": "Handschuhe aus Leder"}),
)


def test_a_text_in_another_language_is_found_when_asked_in_it(shop: Shop) -> None:
    searcher = shop(*SHOES, schema=TWO_LANGUAGES)
    assert ids(ask(searcher, q="winterschuh", language="de")) == ["p1"]
    assert ids(ask(searcher, q="winter shoe", language="de")) == ["p1"]  # the index's own language is searched too
    assert ask(searcher, q="Handschuhe aus Leder für Herren", language="").matching["language"] == "de"


def test_a_language_that_the_encoder_does_not_cover_is_searched_by_words(shop: Shop) -> None:
    searcher = shop(*SHOES, schema=TWO_LANGUAGES, encoder=HashingEncoder(languages=("en",)))
    german = ask(searcher, q="leder", language="de", explain=True)
    assert all(hit.explain and hit.explain["vector"] is None for hit in german.hits)
    assert german.matching["lexical_only"] == "the encoder does not cover the language 'de'"
    assert german.degraded == ()
    assert "lexical_only" not in ask(searcher, q="leather").matching
