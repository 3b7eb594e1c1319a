"""What an answer shows of its products: facets, variants, money, highlights, explanations, and what is degraded."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from shops import CUT, EUROS, RAINY, WEATHER, Broken, Meanings, Shop, ask, ids, offered, open_shop, titled

from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.engines.query import In
from indexer.fields import Field, FieldType, Schema
from indexer.product import Offer, Product, Variant
from search.searcher import IndexSearcher
from search.settings import Fusion


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
    assert named(filters="colour:blue", refine={"size": ["L"]}) == ["blue-L"]
    assert named(filters="colour:blue", refine={"size": ["S"]}) == []
    assert named(refine={"colour": ["blue"], "price": ["9..10"]}) == []
    answer = ask(searcher, q="shirt", refine={"colour": ["blue"], "size": ["S"]}, explain_id="shirt")
    assert answer.missing is not None
    assert answer.missing["dropped_by"] == "refinement"
    assert answer.missing["detail"] == ["no single variant satisfies all conditions"]


def test_fields_choose_what_is_shown_and_money_is_readable(shop: Shop) -> None:
    searcher = shop(
        Product("p1", "Lamp", brand="Alma", attributes={"watts": 5}, offers={"default": Offer(1299, "EUR")}),
        schema=EUROS.with_attributes([Field("watts", FieldType.NUMBER, "watts")]),
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
    searcher = IndexSearcher(EmbeddedEngine(tmp_path).reader("shop", 1), CUT, WEATHER)
    found = ask(searcher, q="umbrella")
    assert set(ids(found)) == {"p2", "p5"}
    assert [part.stage for part in found.degraded] == ["vector"]
    assert "shelfwise indexes rebuild" in found.degraded[0].reason
    similar = ask(searcher, similar_to="p2")
    assert similar.total == 0
    assert "shelfwise indexes rebuild" in similar.degraded[0].reason


def test_meaning_counts_more_in_a_sentence_than_in_a_name(shop: Shop) -> None:
    encoder = Meanings({"boil": 0, "kettle": 0, "water": 1})
    searcher = shop(*titled("Kettle", "Water bottle", "Something of glass to hold water"), encoder=encoder)

    def weight(q: str) -> float:
        explained = ask(searcher, q=q, explain=True).hits[0].explain
        assert explained is not None
        return float(explained["fusion"]["vector_weight"])

    assert weight("boil") == weight("boil water") == weight("something boil water") == 0.5
    assert weight("something to boil water") == 1.5
