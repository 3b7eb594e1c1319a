"""The whole pipeline of one index over small shops: every answer here can be read off the products by eye."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shops import Broken, Meanings, ask, ids, open_shop

from indexer.encoders.hashing import HashingEncoder
from indexer.engines.query import In
from indexer.fields import Field, FieldType, Schema
from indexer.product import Availability, Offer, Product, Variant
from search.errors import NotFoundError
from search.searcher import IndexSearcher
from search.settings import Fusion, Ranking

Shop = Callable[..., IndexSearcher]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Opens a shop of these products in a folder of the test's own."""

    def build(*products: Product, **options: object) -> IndexSearcher:
        return open_shop(tmp_path, products, **options)  # type: ignore[arg-type]

    return build


def titled(*titles: str) -> list[Product]:
    """Products p1, p2, … with these titles."""
    return [Product(f"p{number}", title) for number, title in enumerate(titles, 1)]


def offered(id_: str, title: str, price: int, availability: Availability = Availability.IN_STOCK) -> Product:
    return Product(id_, title, offers={"default": Offer(price, "EUR", availability=availability)})


EUROS = Schema(currencies={"default": "EUR"})

# --- words -----------------------------------------------------------------------------------------------------------


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


# --- corrections and completions -------------------------------------------------------------------------------------


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


# --- relaxation ------------------------------------------------------------------------------------------------------

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


# --- languages -------------------------------------------------------------------------------------------------------

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


# --- modes, fusion, order --------------------------------------------------------------------------------------------

WEATHER = Meanings({"umbrella": 0, "rain": 0, "jacket": 1, "coat": 1, "lamp": 2, "light": 2})
RAINY = titled("Rain jacket", "Umbrella black", "Warm coat", "Desk lamp", "Umbrella stand", "Paper")
CUT = Ranking(min_cosine=0.5)


def test_each_mode_takes_its_side(shop: Shop) -> None:
    searcher = shop(*RAINY, encoder=WEATHER, ranking=CUT)
    assert set(ids(ask(searcher, q="umbrella", mode="lexical"))) == {"p2", "p5"}
    assert set(ids(ask(searcher, q="umbrella", mode="vector"))) == {"p1", "p2", "p5"}
    both = ask(searcher, q="umbrella")
    assert set(ids(both)) == {"p1", "p2", "p5"}
    assert both.total == 3
    assert ids(both)[2] == "p1"  # found by meaning alone


def test_under_an_order_the_words_come_first(shop: Shop) -> None:
    products = [replace(product, rating=float(rating)) for product, rating in zip(RAINY, (5, 1, 3, 4, 2, 0))]
    searcher = shop(*products, encoder=WEATHER, ranking=CUT)
    assert ids(ask(searcher, q="umbrella", sort=["rating:desc"])) == ["p5", "p2", "p1"]
    assert ids(ask(searcher, q="umbrella", sort=["rating:desc"], page=2, page_size=2)) == ["p1"]
    assert ids(ask(searcher, q="umbrella", mode="vector", sort=["rating:desc"])) == ["p1", "p5", "p2"]


def test_a_query_of_part_numbers_and_phrases_alone_asks_for_no_neighbours(shop: Shop) -> None:
    searcher = shop(*titled("Lamp ZX-81", "Light bulb"), encoder=WEATHER, ranking=CUT)
    for q in ("zx-81", '"lamp zx"'):
        found = ask(searcher, q=q)
        assert ids(found) == ["p1"]
        assert found.matching["lexical_only"] == "the query names part numbers, ids or phrases only"
    # A phrase that nothing has is looked for by its meaning.
    assert ask(searcher, q='"zx lamp"').matching.get("lexical_only") is None


def test_browsing_follows_the_tie_breakers_and_then_the_id(shop: Shop) -> None:
    products = [
        Product(id_, "Thing", popularity=popularity) for id_, popularity in (("b", 1), ("c", 9), ("a", 1), ("d", None))
    ]
    searcher = shop(*products)
    assert ids(ask(searcher)) == ["c", "a", "b", "d"]
    assert ids(ask(searcher, page=2, page_size=3)) == ["d"]


@pytest.mark.parametrize("q", ["", "lamp"])
@pytest.mark.parametrize("sort", [[], ["price:asc"]])
def test_sold_out_products_are_shown_last_or_hidden(shop: Shop, q: str, sort: list[str]) -> None:
    searcher = shop(
        offered("gone", "Lamp", 100, Availability.OUT_OF_STOCK),
        offered("cheap", "Lamp", 200),
        offered("dear", "Lamp", 300, Availability.PREORDER),
        schema=EUROS,
    )
    assert set(ids(ask(searcher, q=q, sort=sort))) == {"gone", "cheap", "dear"}
    assert ids(ask(searcher, q=q, sort=sort, sold_out="last"))[-1] == "gone"
    hidden = ask(searcher, q=q, sort=sort, sold_out="hide", facets=["in_stock"])
    assert set(ids(hidden)) == {"cheap", "dear"}
    assert hidden.total == 2
    assert hidden.facets["in_stock"] == (("true", 2),)


# --- the set never changes -------------------------------------------------------------------------------------------

_TITLES = st.lists(
    st.lists(st.sampled_from(("lamp", "light", "desk", "rain", "umbrella")), min_size=1, max_size=3).map(" ".join),
    min_size=1,
    max_size=30,
)


@settings(max_examples=15)
@given(
    titles=_TITLES,
    q=st.sampled_from(("lamp", "light rain", "desk", "")),
    window=st.integers(1, 12),
    page_size=st.integers(1, 7),
    vector_k=st.integers(1, 8),
    fusion=st.sampled_from(Fusion),
    mode=st.sampled_from(("hybrid", "lexical", "vector")),
    sold_out=st.sampled_from(("show", "last")),
    sort=st.sampled_from(([], ["rating:desc"])),
)
def test_paging_to_the_end_meets_every_product_of_one_set_once(
    tmp_path_factory: pytest.TempPathFactory,
    titles: list[str],
    q: str,
    window: int,
    page_size: int,
    vector_k: int,
    fusion: Fusion,
    mode: str,
    sold_out: str,
    sort: list[str],
) -> None:
    products = [
        Product(
            f"p{number}",
            title,
            rating=float(number % 3),
            popularity=float(number % 4),
            offers={"default": Offer(100, "EUR", availability=list(Availability)[number % 4])},
        )
        for number, title in enumerate(titles)
    ]
    ranking = Ranking(window=window, vector_k=vector_k, fusion=fusion, min_cosine=0.1)
    searcher = open_shop(tmp_path_factory.mktemp("shop"), products, schema=EUROS, encoder=WEATHER, ranking=ranking)
    asked = {"q": q, "mode": mode}
    whole = ask(searcher, **asked, page_size=200)
    met: list[str] = []
    for page in range(1, len(products) // page_size + 3):
        found = ask(searcher, **asked, page=page, page_size=page_size, sort=sort, sold_out=sold_out)
        assert found.total == whole.total
        met += ids(found)
    assert len(met) == len(set(met)) == whole.total
    assert set(met) == set(ids(whole))


def test_scores_fall_behind_the_window_too(shop: Shop) -> None:
    searcher = shop(*titled(*(f"lamp {'desk ' * n}" for n in range(9))), ranking=Ranking(window=3, fusion=Fusion.RRF))
    scores = [hit.score for page in (1, 2, 3) for hit in ask(searcher, q="lamp", page=page, page_size=3).hits]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 9


# --- similar_to ------------------------------------------------------------------------------------------------------


def test_similar_products_are_near_and_never_the_product_itself(shop: Shop) -> None:
    searcher = shop(*RAINY, encoder=WEATHER, ranking=CUT)
    found = ask(searcher, similar_to="p2", facets=["brand"], explain_id="p2")
    assert set(ids(found)) == {"p1", "p5"}
    assert found.total == 2
    assert found.missing is not None
    assert found.missing["dropped_by"] == "similar_to"
    with pytest.raises(NotFoundError, match="'p99'"):
        ask(searcher, similar_to="p99")


def test_a_product_without_a_vector_has_no_similar_ones_and_the_answer_says_so(shop: Shop) -> None:
    found = ask(shop(*RAINY, encoder=WEATHER, ranking=CUT), similar_to="p6")
    assert (found.total, ids(found)) == (0, [])
    assert [part.reason for part in found.degraded] == ["the product 'p6' has no vector"]


# --- degraded --------------------------------------------------------------------------------------------------------


def test_a_broken_encoder_leaves_the_words(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    searcher = shop(*RAINY, encoder=WEATHER, ranking=CUT)
    searcher.encoder = Broken(WEATHER)
    found = ask(searcher, q="umbrella")
    assert set(ids(found)) == {"p2", "p5"}
    assert [(part.stage, part.reason) for part in found.degraded] == [
        ("vector", "the encoder failed: the model is on fire")
    ]
    assert "the encoder failed" in caplog.text
    # The vector side alone has nothing to say then; it does not become "every product".
    alone = ask(searcher, q="umbrella", mode="vector", facets=["brand"])
    assert (alone.total, alone.facets) == (0, {"brand": ()})
    assert alone.degraded == found.degraded


def test_without_an_encoder_the_vector_side_is_empty_and_says_why(shop: Shop) -> None:
    searcher = shop(*RAINY)
    found = ask(searcher, q="umbrella", mode="vector")
    assert found.total == 0
    assert [part.reason for part in found.degraded] == ["the index has no vectors"]
    assert ask(searcher, q="umbrella").degraded == ()


def test_a_damaged_vector_file_leaves_the_words(tmp_path: Path) -> None:
    open_shop(tmp_path, RAINY, encoder=WEATHER)
    (vectors,) = tmp_path.rglob("vectors*")
    os.truncate(vectors, 4)
    from indexer.engines.embedded.engine import EmbeddedEngine

    searcher = IndexSearcher(EmbeddedEngine(tmp_path).reader("shop", 1), CUT, WEATHER)
    found = ask(searcher, q="umbrella")
    assert set(ids(found)) == {"p2", "p5"}
    assert [part.stage for part in found.degraded] == ["vector"]
    assert "shelfwise indexes rebuild" in found.degraded[0].reason
    similar = ask(searcher, similar_to="p2")
    assert similar.total == 0
    assert "shelfwise indexes rebuild" in similar.degraded[0].reason


# --- what a response shows -------------------------------------------------------------------------------------------


def test_facets_count_what_taking_a_choice_gives(shop: Shop) -> None:
    searcher = shop(
        *(offered(f"p{price}", "Lamp", price) for price in (500, 1000, 1999, 2000)),
        replace(offered("old", "Lamp", 700), released_at="2020-05-01T00:00:00Z"),
        schema=EUROS,
    )
    found = ask(searcher, q="lamp", facets=[{"field": "price", "ranges": ["..10", "10..20", "20.."]}, "released_at"])
    assert found.facets["price"] == (("..10", 2), ("10..20", 2), ("20..", 1))
    assert found.facet_stats["price"] == {"min": 5.0, "max": 20.0}
    assert found.facet_stats["released_at"] == {"min": "2020-05-01T00:00:00Z", "max": "2020-05-01T00:00:00Z"}
    for choice, count in found.facets["price"]:
        refined = ask(searcher, q="lamp", refine={"price": [choice]}, facets=[{"field": "price", "ranges": ["..10"]}])
        assert refined.total == count
        assert refined.facets["price"] == (("..10", 2),)


SHIRTS = Schema(
    attributes=(
        Field("colour", FieldType.KEYWORD, "colour", variant=True),
        Field("size", FieldType.KEYWORD, "size", variant=True),
    ),
    currencies={"default": "EUR"},
)


def _variant(colour: str, size: str, price: int) -> Variant:
    return Variant(
        f"{colour}-{size}", attributes={"colour": colour, "size": size}, offers={"default": Offer(price, "EUR")}
    )


def test_the_variant_that_is_meant_is_named(shop: Shop) -> None:
    shirt = Product(
        "shirt", "Shirt", variants=(_variant("red", "S", 900), _variant("red", "L", 1900), _variant("blue", "L", 2900))
    )
    searcher = shop(shirt, schema=SHIRTS)

    def named(**body: object) -> list[str]:
        return [hit.matched_variant for hit in ask(searcher, q="shirt", **body).hits]

    assert named() == [""]
    assert named(filters="colour:red AND size:L") == ["red-L"]
    assert named(filters="colour:blue AND size:S") == []
    assert named(refine={"price": ["15..20", "25..30"]}) == ["red-L"]
    assert named(filters="size:L AND NOT colour:red") == []  # some variant is red
    assert named(filters="size:L OR colour:blue") == ["red-L"]


def test_fields_choose_what_is_shown_and_money_is_readable(shop: Shop) -> None:
    searcher = shop(
        Product("p1", "Lamp", brand="Alma", attributes={"watts": 5}, offers={"default": Offer(1299, "EUR")}),
        schema=EUROS,
    )
    (hit,) = ask(searcher, fields=["title", "price", "watts"], language="de").hits
    assert hit.document == {
        "title": "Lamp",
        "price": {"amount": 12.99, "currency": "EUR", "text": "12,99\xa0€"},
        "attributes": {"watts": 5},
    }
    (hit,) = ask(searcher, fields=["title"]).hits
    assert hit.document == {"title": "Lamp"}


def test_highlights_escape_what_a_feed_brought(shop: Shop) -> None:
    searcher = shop(Product("p1", "<script>alert(1)</script> Lamps & more", description="A lamp <b>"))
    (hit,) = ask(searcher, q="lamp", highlight=True).hits
    assert hit.highlights == {
        "title": "&lt;script&gt;alert(1)&lt;/script&gt; <em>Lamps</em> &amp; more",
        "description": "A <em>lamp</em> &lt;b&gt;",
    }
    assert ask(searcher, q="lamp").hits[0].highlights == {}


# --- explain ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fusion", Fusion)
def test_the_parts_of_an_explanation_add_up_to_the_score(shop: Shop, fusion: Fusion) -> None:
    searcher = shop(*RAINY, encoder=WEATHER, ranking=replace(CUT, fusion=fusion, window=2))
    found = [ask(searcher, q="umbrella", explain=True, page_size=1, page=page).hits[0] for page in (1, 2, 3)]
    assert [hit.explain["place"] for hit in found if hit.explain] == [1, 2, 3]
    for hit in found:
        assert hit.explain is not None
        parts = [hit.explain[side]["part"] for side in ("lexical", "vector") if hit.explain[side]]
        assert parts
        assert sum(parts) == pytest.approx(hit.score) == pytest.approx(hit.explain["fusion"]["score"])


def test_each_reason_for_which_a_product_is_not_there(shop: Shop) -> None:
    searcher = shop(
        offered("rain", "Rain jacket", 500),
        offered("black", "Umbrella black", 1500),
        offered("stand", "Umbrella stand", 2500),
        offered("lamp", "Desk lamp", 500),
        schema=EUROS,
        encoder=WEATHER,
        ranking=CUT,
    )

    def why(id_: str, enforced: In | None = None, **body: object) -> str:
        missing = ask(searcher, enforced, explain_id=id_, **body).missing
        return "" if missing is None else f"{missing['dropped_by']}: {missing['detail']}"

    assert why("black", q="umbrella") == ""
    assert why("nowhere", q="umbrella") == "unknown: there is no product with this id in the index"
    assert why("black", In("id", ("lamp",)), q="umbrella") == why("nowhere").replace("nowhere", "black")
    assert why("black", q="umbrella", filters="price < 10 AND in_stock:true") == "filter: ['price < 10']"
    assert why("black", q="umbrella -black") == "phrase or exclusion: umbrella"
    assert why("black", q="umbrella", refine={"price": ["..10"]}) == "refinement: ['price < 10']"
    assert why("lamp", q="umbrella", mode="vector").startswith("cut-off: not among the nearest")
    assert why("rain", q="umbrella", page_size=1).startswith("depth: it is one of the 3 results")
    assert why("rain", q="umbrella", mode="lexical") == "word: ['umbrella']"
    assert why("stand", page_size=3).startswith("depth: it is one of the 4 results")


# --- the enforced filter ---------------------------------------------------------------------------------------------


def test_the_enforced_filter_holds_on_every_path(shop: Shop) -> None:
    secret = [replace(product, brand="Secret") for product in titled("Umbrella gold", "Rain coat", "Unicorn umbrella")]
    opened = [replace(product, id=f"o{n}", brand="Open") for n, product in enumerate(RAINY)]
    searcher = shop(*secret, *opened, encoder=WEATHER, ranking=CUT)
    only = In("brand", ("Open",))
    for body in (
        {"q": "umbrella"},
        {"q": "umbrella", "mode": "vector"},
        {"q": "umbrella", "mode": "lexical", "sort": ["id:asc"]},
        {},
        {"similar_to": "o1"},
        {"q": "-paper"},
        {"q": "umbrella gold"},
        {"filters": "brand:Secret OR brand:Open"},
    ):
        found = ask(searcher, only, **body, facets=["brand"], page_size=200)
        assert found.total == len(found.hits) > 0
        assert all(hit.document["brand"] == "Open" for hit in found.hits)
        assert found.facets["brand"] == (("Open", found.total),)
    assert ask(searcher, only, q="unicorns", explain_id="p3").missing == {
        "id": "p3", "dropped_by": "unknown", "detail": "there is no product with this id in the index",
    }  # fmt: skip
    with pytest.raises(NotFoundError, match="there is no product 'p1' in the index"):
        ask(searcher, only, similar_to="p1")
    assert "unicorn" not in str(ask(searcher, only, q="unicron umbrella").matching).replace("unicron", "")
