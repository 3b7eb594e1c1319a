"""Keys over HTTP: who may do what, and that no path shows what a key's filter hides."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from api_shop import ask, product, serve
from flask.testing import FlaskClient

from search.app import create_app
from search.keys import key_hash

MASTER = "master-key-of-the-tests"
SEARCH = "search-key-of-the-tests"
URL = "/v1/indexes/shop/search"
SEEN = [product(f"seen/{n}", f"Desk lamp {n}", "Alma", ["Home", "Lamps"], 100 * n) for n in range(1, 5)]
HIDDEN = [product(f"hidden/{n}", f"Zebra umbrella {n}", "Brod", ["Secret", "Zoo"], 99999) for n in range(1, 5)]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    config = serve(
        tmp_path_factory.mktemp("data"),
        SEEN + HIDDEN,
        master_key=key_hash(MASTER),
        search_key=key_hash(SEARCH),
        search_key_filter="brand:Alma",
    )
    app = create_app(config)
    yield app.test_client()
    app.extensions["shelfwise"].close()


@pytest.fixture
def window(client: FlaskClient) -> Callable[..., dict[str, Any]]:
    """Asks with the search key."""

    def send(url: str, status: int = 200, **more: Any) -> dict[str, Any]:
        return ask(client, url, SEARCH, status, **more)

    return send


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", f"Basic {MASTER}", MASTER])
def test_without_a_key_nothing_is_answered(client: FlaskClient, authorization: str) -> None:
    for url in (URL, "/v1/nothing"):
        answer = client.get(url, headers={"Authorization": authorization} if authorization else {})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="shelfwise"'
        assert "Authorization: Bearer KEY" in answer.get_json(force=True)["detail"]


@pytest.mark.parametrize("key", [MASTER[:-1], MASTER + "x", SEARCH.upper(), "ü" * 20, key_hash(MASTER).hex()])
def test_a_wrong_key_is_told_apart_from_none(client: FlaskClient, key: str) -> None:
    answer = client.get(URL, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_both_keys_search_and_the_scheme_is_in_any_case(client: FlaskClient) -> None:
    assert ask(client, URL, MASTER)["total"] == 8
    assert ask(client, URL, SEARCH)["total"] == 4
    assert client.get(URL, headers={"Authorization": f"bearer  {SEARCH}"}).status_code == 200


def test_a_search_key_searches_suggests_and_reads_facets(window: Callable[..., dict[str, Any]]) -> None:
    for url in (URL, "/v1/indexes/shop/suggest?q=la", "/v1/indexes/shop/facets/brand"):
        window(url)
    for url in ("/v1/indexes", "/v1/indexes/shop", "/v1/indexes/shop/settings", "/v1/indexes/shop/documents"):
        assert "search, suggest, read facets and send events" in window(url, 403)["detail"]


def test_a_search_key_learns_of_no_other_index(window: Callable[..., dict[str, Any]], client: FlaskClient) -> None:
    assert "there are: shop" in ask(client, "/v1/indexes/other/search", MASTER, 404)["detail"]
    assert "shop" not in window("/v1/indexes/other/search", 404)["detail"]


def same_but_for(id_: str, problem: dict[str, Any]) -> str:
    """An answer as text without the id that it speaks of."""
    for name in ("query_id", "timings_ms", "next_cursor"):
        problem.pop(name, None)
    return str(problem).replace(id_, "ID")


def test_similar_to_a_hidden_product_is_as_to_one_that_is_not_there(window: Callable[..., dict[str, Any]]) -> None:
    hidden, unknown = window(f"{URL}?similar_to=hidden/1", 404), window(f"{URL}?similar_to=nobody/1", 404)
    assert same_but_for("hidden/1", hidden) == same_but_for("nobody/1", unknown)


@pytest.mark.parametrize(
    "query", ["q=lamp", "q=zebra", "", "q=lamp&filters=brand:Brod", "q=lamp&mode=lexical", "refine.brand=Brod"]
)
def test_a_hidden_product_is_explained_like_an_unknown_one(window: Callable[..., dict[str, Any]], query: str) -> None:
    hidden, unknown = (window(f"{URL}?{query}&explain_id={id_}") for id_ in ("hidden/1", "nobody/1"))
    assert hidden["missing"]["dropped_by"] == "unknown"
    assert same_but_for("hidden/1", hidden) == same_but_for("nobody/1", unknown)


@pytest.mark.parametrize(
    "query",
    [
        "q=zebra",
        "q=zebra&mode=lexical",
        "q=-lamp",
        'q="zebra umbrella"',
        "q=hidden/1&mode=lexical",
        "filters=brand:Brod",
        "filters=id:hidden/1",
        "filters=price>900",
        "filters=NOT+brand:Alma",
        "filters=brand:Alma+OR+brand:Brod&refine.brand=Brod",
        "refine.brand=Brod",
    ],
)
def test_no_search_shows_a_hidden_product(window: Callable[..., dict[str, Any]], query: str) -> None:
    answer = window(f"{URL}?{query}&facets=brand,category,price&page_size=50&highlight=true")
    text = str(answer["hits"]) + str(answer["facets"]) + str(answer["facet_stats"])
    assert not [word for word in ("hidden", "Brod", "Zebra", "Zoo", "999") if word in text]
    assert answer["total"] <= 4


def test_by_meaning_only_what_is_visible_is_near(window: Callable[..., dict[str, Any]]) -> None:
    for query in ("q=zebra+umbrella&mode=vector", "similar_to=seen/1"):
        answer = window(f"{URL}?{query}&page_size=50")
        assert all(hit["id"].startswith("seen/") for hit in answer["hits"])
        assert answer["total"] <= 4


def test_facets_count_what_is_visible(window: Callable[..., dict[str, Any]]) -> None:
    answer = window(f"{URL}?facets=brand,category,price&refine.brand=Brod")
    assert answer["facets"]["brand"] == [{"value": "Alma", "count": 4}]
    assert answer["facets"]["category"] == []
    assert answer["total"] == 0
    assert window(f"{URL}?facets=price")["facet_stats"]["price"] == {"min": 1.0, "max": 4.0}


def test_words_of_hidden_products_correct_and_complete_nothing(
    client: FlaskClient, window: Callable[..., dict[str, Any]]
) -> None:
    for typed in ("zebr", "zebrra", "umbrela"):
        assert ask(client, f"{URL}?q={typed}&mode=lexical", MASTER)["total"] == 4
        answer = window(f"{URL}?q={typed}&mode=lexical")
        assert answer["total"] == 0
        assert answer["corrected_query"] is None
        assert answer["matching"]["corrected"] == {}


def test_a_cursor_belongs_to_its_key(client: FlaskClient) -> None:
    mine, other = (ask(client, f"{URL}?page_size=2", key)["next_cursor"] for key in (SEARCH, MASTER))
    assert len(ask(client, f"{URL}?cursor={mine}", SEARCH)["hits"]) == 2
    assert len(ask(client, f"{URL}?cursor={other}", MASTER)["hits"]) == 2
    ask(client, f"{URL}?cursor={other}", SEARCH, 410)
    ask(client, f"{URL}?cursor={mine}", MASTER, 410)


def test_a_cursor_belongs_to_the_filter_of_its_key(tmp_path: Path) -> None:
    config = serve(tmp_path, SEEN, search_key=key_hash(SEARCH), search_key_filter="brand:Alma")
    cursor = ask(create_app(config).test_client(), f"{URL}?page_size=2", SEARCH)["next_cursor"]
    other = create_app(serve(tmp_path, [], search_key=key_hash(SEARCH), search_key_filter="brand IN (Alma, Brod)"))
    ask(other.test_client(), f"{URL}?cursor={cursor}", SEARCH, 410)


def test_a_filter_that_does_not_fit_the_index_shows_nothing_and_gives_nothing_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = serve(tmp_path, SEEN, search_key=key_hash(SEARCH), search_key_filter="warehouse:secret")
    client = create_app(config).test_client()
    with caplog.at_level(logging.ERROR):
        problem = ask(client, URL, SEARCH, 500)
    assert "warehouse" not in str(problem)
    assert "warehouse" in caplog.text
    assert "search_key_filter" in caplog.text


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:5000", "[::1]", "[::1]:80", "LOCALHOST"])
def test_without_keys_the_machine_itself_is_answered(open_client: FlaskClient, host: str) -> None:
    assert open_client.get(URL, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["shop.example", "10.0.0.7:8000", "localhost.evil.example", "127.0.0.1.nip.io", "[::2]"]
)
def test_without_keys_nobody_else_is(open_client: FlaskClient, host: str) -> None:
    problem = ask(open_client, URL, status=403, base_url=f"http://{host}")
    assert "SHELFWISE_MASTER_KEY" in problem["detail"]


def test_a_service_without_keys_says_so_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = serve(tmp_path, SEEN)
    with caplog.at_level(logging.WARNING):
        client = create_app(config).test_client()
        client.get(URL)
        client.get(URL, headers={"Host": "shop.example"})
    assert len([record for record in caplog.records if "no key is set" in record.getMessage()]) == 1


@pytest.fixture(scope="module")
def open_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    app = create_app(serve(tmp_path_factory.mktemp("open"), SEEN))
    yield app.test_client()
    app.extensions["shelfwise"].close()
