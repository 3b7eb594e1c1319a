"""Suggestions over HTTP: completions, products and categories for the beginning of a query."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from api_shop import ask, product, serve
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st

from search.app import create_app
from search.keys import key_hash

MASTER = "master-key-of-the-tests"
SEARCH = "search-key-of-the-tests"
URL = "/v1/indexes/shop/suggest"
PRODUCTS = [
    *(product(f"lamp/{n}", f"Black desk lamp {n}", "Alma", ["Home", "Lamps"], 100 * n) for n in range(12)),
    *(product(f"laptop/{n}", f"Black laptop {n}", "Alma", ["Office", "Computers"]) for n in range(20)),
    *(product(f"sleeve/{n}", f"Laptop sleeve {n}", "Alma", ["Office", "Bags"]) for n in range(3)),
    product("office", "Swivel chair", "Alma", ["Office"]),
    product("print/1", "Printer HL-2140", "Alma", ["Office", "Printers"]),
    product("print/2", "Toner DR3000X", "Alma", ["Office", "Printers"]),
    product("cjk", "笔记本电脑", "Alma", ["Office", "Computers"]),
    product("clock", "Smartwatch", "Alma", ["Sport"]),
    product("white", "Blask paper", "Brod", ["Secret", "Zoo"]),
    product("paper", "Paper zebra", "Brod", ["Secret", "Zoo"]),
    product("roll", "DR 30 roller", "Brod", ["Secret", "Zoo"]),
    product("cart", "Toner cart, tonercart", "Brod", ["Secret", "Zoo"]),
    product("s", "Sleeve S", "Brod", ["Secret", "Zoo"]),
    product("slogan", "Slevin poster, slaptick", "Brod", ["Secret", "Zoo"]),
    replace(product("star", "Umbrella", "Alma", ["Sport"]), popularity=9.0),
    *(product(f"zebra/{n}", f"Black lava zebra {n}", "Brod", ["Secret", "Zoo"]) for n in range(40)),
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    config = serve(
        tmp_path_factory.mktemp("data"),
        PRODUCTS,
        master_key=key_hash(MASTER),
        search_key=key_hash(SEARCH),
        search_key_filter="brand:Alma",
    )
    app = create_app(config)
    yield app.test_client()
    app.extensions["shelfwise"].close()


Suggest = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def suggest(client: FlaskClient) -> Suggest:
    """Asks with the search key."""

    def send(q: str, more: str = "", key: str = SEARCH) -> dict[str, Any]:
        return ask(client, f"{URL}?q={quote(q)}{more}", key)

    return send


def texts(answer: dict[str, Any]) -> list[str]:
    return [completion["text"] for completion in answer["completions"]]


def test_the_last_word_becomes_what_most_products_have(suggest: Suggest) -> None:
    answer = suggest("la")
    assert [(one["text"], one["count"]) for one in answer["completions"]] == [("laptop", 23), ("lamp", 12)]
    assert answer["query"] == "laptop"
    assert answer["total"] == 23
    assert answer["corrected"] == {}
    assert len(answer["products"]) == 5
    assert {hit["id"].partition("/")[0] for hit in answer["products"]} <= {"laptop", "sleeve"}


def test_products_are_shown_as_hits_are(suggest: Suggest) -> None:
    (hit,) = suggest("umbr")["products"]
    assert hit["id"] == "star"
    assert hit["document"] == {
        "id": "star",
        "title": "Umbrella",
        "images": ["https://shop.example/star.jpg"],
        "price": {"amount": 10.0, "currency": "EUR", "text": "€10.00"},
    }


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("l", ["laptop", "lamp"]),
        ("black la", ["black laptop", "black lamp"]),
        ("sleeve la", ["sleeve laptop"]),
        ("desk sl", []),
        ("LAP", ["laptop"]),
        ("lamp", ["lamp"]),
        ("lamps", ["lamps"]),
        ("blakc la", ["black laptop", "black lamp"]),
        ("lpato", ["laptop"]),
        ("sleevr", ["sleeve"]),
        ("hl", ["hl"]),
        ("hl-21", ["hl-2140"]),
        ("hl 21", ["hl 2140"]),
        ("hl21", ["hl2140"]),
        ("hl2140", ["hl2140"]),
        ("hl2141", []),
        ("dr3", ["dr3000x"]),
        ("dr 30", ["dr3000x"]),
        ("smart watc", ["smartwatch"]),
        ("lap top", ["laptop"]),
        ("black bl", []),
        ("black blac", []),
        ("笔", ["笔记"]),
        ("笔记本", ["笔记本", "笔记本电"]),
        ("电脑", ["电脑"]),
        ('"desk lamp" bl', ['"desk lamp" black']),
        ("black -lamp la", ["black -lamp laptop"]),
        ("-lamp", []),
        ("xyzzy la", []),
    ],
)
def test_completions(suggest: Suggest, q: str, expected: list[str]) -> None:
    assert texts(suggest(q)) == expected


@pytest.mark.parametrize(
    ("q", "query", "corrected"),
    [
        ("lpato", "laptop", {"lpato": "laptop"}),
        ("blakc sleev", "blakc sleev", {}),  # no black sleeves
        ("blakc lapt", "black laptop", {"blakc": "black"}),
        ("blakc lpato", "black laptop", {"blakc": "black", "lpato": "laptop"}),
    ],
)
def test_what_was_corrected_is_told(suggest: Suggest, q: str, query: str, corrected: dict[str, str]) -> None:
    answer = suggest(q)
    if answer["completions"]:
        assert answer["completions"][0]["corrected"] == corrected
        assert (answer["query"], answer["corrected"]) == (query, corrected)


def test_what_is_spelt_right_comes_first(client: FlaskClient, suggest: Suggest) -> None:
    assert texts(suggest("zebr", key=MASTER)) == ["zebra"]
    assert texts(suggest("tonre", key=MASTER)) == ["toner", "tonercart"]
    both = suggest("slev", key=MASTER)["completions"]
    assert [(one["text"], one["corrected"]) for one in both] == [("slevin", {}), ("sleeve", {"slev": "sleeve"})]
    assert texts(suggest("slevin", key=MASTER)) == ["slevin"]
    assert texts(suggest("lapt", key=MASTER)) == ["laptop"]  # enough products have it


def test_words_in_one_are_suggested_where_they_are_something_else(suggest: Suggest) -> None:
    assert texts(suggest("toner car", key=MASTER)) == ["toner cart"]
    assert texts(suggest("dr 30", key=MASTER)) == ["dr 30", "dr3000x"]


def test_one_letter_is_no_completion(suggest: Suggest) -> None:
    assert "s" not in texts(suggest("s", "&limit=20", MASTER))
    assert texts(suggest("s ", key=MASTER)) == ["s"]


def test_behind_white_space_the_word_is_finished(suggest: Suggest) -> None:
    assert texts(suggest("la ")) == []
    assert texts(suggest("black lamp ")) == ["black lamp"]
    answer = suggest("blakc ")
    assert texts(answer) == ["black"]
    assert answer["corrected"] == {"blakc": "black"}


def test_categories_are_those_that_products_are_in_themselves(suggest: Suggest) -> None:
    categories = [(one["value"], one["count"]) for one in suggest("", "&limit=20")["categories"]]
    assert categories == [
        ("Office", 27),
        ("Office > Computers", 21),
        ("Home > Lamps", 12),
        ("Office > Bags", 3),
        ("Office > Printers", 2),
        ("Sport", 2),
    ]


def test_while_nothing_is_typed_the_most_popular_is_suggested(suggest: Suggest) -> None:
    for q in ("", "   "):
        answer = suggest(q)
        assert answer["completions"] == []
        assert answer["products"][0]["id"] == "star"
        assert answer["total"] == 41
        assert answer["categories"][0] == {"value": "Office", "count": 27}


def test_filters_and_limit_hold_for_all_three(suggest: Suggest) -> None:
    answer = suggest("la", "&filters=category:Home")
    assert [(one["text"], one["count"]) for one in answer["completions"]] == [("lamp", 12)]
    assert answer["categories"] == [{"value": "Home > Lamps", "count": 12}]
    assert len(answer["products"]) == 5
    answer = suggest("lamp", "&filters=price<3")
    assert [(one["text"], one["count"]) for one in answer["completions"]] == [("lamp", 3)]
    assert answer["total"] == len(answer["products"]) == 3
    assert answer["categories"] == [{"value": "Home > Lamps", "count": 3}]
    answer = suggest("", "&limit=1")
    assert [len(answer[kind]) for kind in ("products", "categories")] == [1, 1]
    assert texts(suggest("la", "&limit=1")) == ["laptop"]


def test_products_are_those_of_the_search_also_where_it_gives_up_words(client: FlaskClient, suggest: Suggest) -> None:
    answer = suggest("zebra pap", key=MASTER)
    assert [(one["text"], one["count"]) for one in answer["completions"]] == [("zebra paper", 1)]
    found = ask(client, "/v1/indexes/shop/search?mode=lexical&q=zebra+paper", MASTER)
    assert found["matching"]["given_up"] == ["zebra"]
    assert answer["total"] == found["total"] == 2
    assert [hit["id"] for hit in answer["products"]] == [hit["id"] for hit in found["hits"]]


@example(q="sleeve la")
@example(q="black la")
@example(q="blakc la")
@given(q=st.text('blacklmptopsevn 21-"hHéz', max_size=12))
def test_a_choice_leads_to_what_was_promised(client: FlaskClient, q: str) -> None:
    answer = ask(client, f"{URL}?q={quote(q)}&limit=20", SEARCH)
    search = f"/v1/indexes/shop/search?mode=lexical&q={quote(answer['query'])}"
    assert ask(client, search, SEARCH)["total"] == answer["total"]
    for category in answer["categories"]:
        chosen = ask(client, f"{search}&refine.category={quote(category['value'])}", SEARCH)
        assert chosen["total"] == category["count"]
    for completion in answer["completions"]:
        found = ask(client, f"/v1/indexes/shop/search?mode=lexical&q={quote(completion['text'])}", SEARCH)
        assert found["matching"]["corrected"] == {}
        assert completion["count"] > 0
        if completion["count"] >= 10:  # with fewer, the search gives up words
            assert found["total"] == completion["count"]


@pytest.mark.parametrize("q", ["z", "zeb", "zebra", "zebar", "black z", "black lav", "lava", "blck zeb", "", "s"])
def test_what_a_key_hides_is_in_no_suggestion(suggest: Suggest, q: str) -> None:
    answer = suggest(q, "&limit=20")
    shown = str([answer[name] for name in ("query", "corrected", "completions", "products", "categories")])
    hidden = [word for word in ("zebra", "lava", "Secret", "Brod") if word in shown.replace(f"'{q}'", "")]
    assert not hidden
    assert answer["total"] <= 41
    assert "Secret" in str(suggest("black", key=MASTER)["categories"])


def test_counts_and_corrections_know_of_visible_products_only(suggest: Suggest) -> None:
    assert [suggest("blac", key=key)["completions"][0]["count"] for key in (SEARCH, MASTER)] == [32, 72]
    assert texts(suggest("blask ")) == ["black"]
    assert suggest("blask ")["corrected"] == {"blask": "black"}
    assert suggest("blask ", key=MASTER)["corrected"] == {}


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("q=la&limt=5", "limt"),
        ("q=la&limit=0", "limit"),
        ("q=la&limit=21", "limit"),
        ("q=la&q=lb", "q"),
        (f"q={'x' * 513}", "q"),
        ("q=la&filters=brnd:Alma", "filters"),
        ("q=la&channel=nowhere", "channel"),
        ("q=la&language=%21", "language"),
        ("q=la&page_size=5", "page_size"),
    ],
)
def test_a_wrong_parameter_is_named(client: FlaskClient, query: str, parameter: str) -> None:
    assert ask(client, f"{URL}?{query}", SEARCH, 400)["parameter"] == parameter
