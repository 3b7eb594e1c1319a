"""Which products are in a result set, and in which order: modes, sorts, pages, similar products, enforced filters."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shops import CUT, EUROS, RAINY, WEATHER, Shop, ask, ids, offered, open_shop, titled

from indexer.engines.query import In
from indexer.product import Availability, Offer, Product
from search.errors import NotFoundError
from search.settings import Fusion, Ranking


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
