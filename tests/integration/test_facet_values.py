"""A value looked for among those of a facet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from api_shop import ask, product, serve
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from search.app import create_app
from search.keys import key_hash

MASTER = "master-key-of-the-tests"
SEARCH = "search-key-of-the-tests"
URL = "/v1/indexes/shop/facets"
BRANDS = ("Sony", "Söhne & Co", "Samsung", "Masona", "HP", "AT&T")
PLACES = (("Home",), ("Home", "Lamps"), ("Office", "Home office"))
COLOURS = ("red", "blue", "Dark red")


def build() -> Iterator[Any]:
    for number in range(60):
        one = product(
            f"p{number}",
            f"{'Desk' if number % 3 else 'Floor'} lamp {number}",
            BRANDS[(0, 1, 2, 3, 3, 3, 4, 5)[number % 8]],
            PLACES[number % 3],
            100 * number,
        )
        yield replace(
            one, attributes={"colour": COLOURS[number % 5 % 3], "a/b": f"v{number % 2}", "new": number % 4 == 0}
        )
    yield product("hidden", "Lamp", "Sonderbar", price=1_000_000)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    config = serve(
        tmp_path_factory.mktemp("data"),
        list(build()),
        master_key=key_hash(MASTER),
        search_key=key_hash(SEARCH),
        search_key_filter="price < 5000",
    )
    app = create_app(config)
    yield app.test_client()
    app.extensions["shelfwise"].close()


Values = Callable[[str], list[tuple[str, int]]]


@pytest.fixture(scope="module")
def values(client: FlaskClient) -> Values:
    """Asks with the search key."""

    def send(rest: str) -> list[tuple[str, int]]:
        return [(one["value"], one["count"]) for one in ask(client, f"{URL}/{rest}", SEARCH)["values"]]

    return send


def names(found: list[tuple[str, int]]) -> list[str]:
    return [value for value, _ in found]


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("brand?value=so", {"Sony", "Söhne & Co", "Masona"}),
        ("brand?value=SON", {"Sony", "Masona"}),
        ("brand?value=söh", {"Söhne & Co"}),
        ("brand?value=co", {"Söhne & Co"}),
        ("brand?value=%26", {"Söhne & Co", "AT&T"}),
        ("brand?value=zzz", set()),
        ("brand?value=.*", set()),
        ("colour?value=red", {"red", "Dark red"}),
        ("category?value=home", {"Home", "Home > Lamps", "Office > Home office"}),
        ("new?value=t", {"true"}),
        ("a/b?value=1", {"v1"}),
        ("brand", set(BRANDS)),
    ],
)
def test_a_value_is_found_in_any_case_and_without_accents(values: Values, rest: str, expected: set[str]) -> None:
    assert set(names(values(rest))) == expected


def test_where_a_word_begins_so_comes_first_and_then_what_most_products_have(client: FlaskClient) -> None:
    found = ask(client, f"{URL}/brand?value=so", SEARCH)
    assert found["field"] == "brand"
    assert [one["value"] for one in found["values"]][-1] == "Masona"
    counts = [one["count"] for one in found["values"][:-1]]
    assert counts == sorted(counts, reverse=True)
    assert found["values"][-1]["count"] > counts[-1]
    assert found["total_values"] == 3
    short = ask(client, f"{URL}/brand?value=so&size=1", SEARCH)
    assert short["values"] == found["values"][:1]
    assert short["total_values"] == 3


SEARCHES = st.fixed_dictionaries(
    {},
    optional={
        "q": st.sampled_from(["lamp", "desk lamp", "flor lamp", "2", '"desk lamp"']),
        "mode": st.sampled_from(["hybrid", "lexical", "vector"]),
        "filters": st.sampled_from(["price < 30", "NOT colour:blue", "new:true"]),
        "refine.brand": st.sampled_from(BRANDS),
        "refine.colour": st.sampled_from(COLOURS),
        "refine.price": st.sampled_from(["..20", "10..40"]),
        "refine.category": st.sampled_from(["Home", "Home > Lamps"]),
    },
)


@given(
    search=SEARCHES, field=st.sampled_from(["brand", "colour", "category", "new"]), text=st.sampled_from(["", "o", "r"])
)
def test_the_number_beside_a_value_is_the_total_after_taking_it(
    client: FlaskClient, search: dict[str, str], field: str, text: str
) -> None:
    asked = "&".join(f"{name}={quote(value)}" for name, value in search.items())
    found = ask(client, f"{URL}/{field}?value={text}&{asked}", SEARCH)["values"]
    facet = ask(client, f"/v1/indexes/shop/search?facets={field}&{asked}", SEARCH)["facets"][field]
    assert sorted(map(str, found)) == sorted(str(one) for one in facet if text in one["value"].lower())
    others = {name: value for name, value in search.items() if name != f"refine.{field}"}
    for one in found:
        taken = {**others, f"refine.{field}": one["value"]}
        rest = "&".join(f"{name}={quote(value)}" for name, value in taken.items())
        assert ask(client, f"/v1/indexes/shop/search?{rest}", SEARCH)["total"] == one["count"] > 0


def test_a_key_finds_no_value_that_its_filter_hides(client: FlaskClient, values: Values) -> None:
    assert names(values("brand?value=sonder")) == []
    assert ask(client, f"{URL}/brand?value=sonder", MASTER)["values"] == [{"value": "Sonderbar", "count": 1}]


@pytest.mark.parametrize(
    ("rest", "parameter", "words"),
    [
        ("brnd", "field", "brand"),
        ("price", "field", "ranges"),
        ("title", "field", "text"),
        ("brand?query=lamp", "query", "no such"),
        ("brand?size=0", "size", "1,000"),
        ("brand?size=1001", "size", "1,000"),
        ("brand?value=a&value=b", "value", "once"),
        (f"brand?value={'x' * 201}", "value", "201"),
        ("brand?filters=brnd:x", "filters", "brand"),
        ("brand?refine.brnd=x", "refine.brnd", "brand"),
        ("brand?page=2", "page", "no such"),
        ("brand?mode=both", "mode", "lexical"),
    ],
)
def test_what_is_wrong_is_named(client: FlaskClient, rest: str, parameter: str, words: str) -> None:
    problem = ask(client, f"{URL}/{rest}", SEARCH, 400)
    assert problem["parameter"] == parameter
    assert words in problem["detail"]


def test_too_many_values_to_count_all_are_refused(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.facet_values.MAX_VALUES", 6)
    problem = ask(client, f"{URL}/brand", SEARCH, 400)
    assert "narrow" in problem["detail"]
    assert len(ask(client, f"{URL}/brand?filters=price<1", SEARCH)["values"]) == 1
