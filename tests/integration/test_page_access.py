"""The page at `/` and whom it is for: hostile products, keys, other hosts, and services with no or several indexes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from api_shop import fill, product, serve
from flask.testing import FlaskClient
from page_reader import Reader

from indexer.product import Offer, Product
from search.app import create_app
from search.config import Config
from search.keys import key_hash
from search.services import Services

MASTER = "master-key-of-the-tests"
Open = Callable[[Config], Reader]


@pytest.fixture
def open_page() -> Iterator[Open]:
    """Opens the page of a service that is closed after the test."""
    opened: list[Services] = []

    def open_(config: Config) -> Reader:
        app = create_app(config)
        opened.append(app.extensions["shelfwise"])
        return Reader(app.test_client())

    yield open_
    for services in opened:
        services.close()


@pytest.fixture
def client(tmp_path: Path, open_page: Open) -> FlaskClient:
    return open_page(serve(tmp_path, [product("1", "Desk lamp")])).client


def test_a_part_that_is_missing_is_said(tmp_path: Path, open_page: Open) -> None:
    config = serve(tmp_path / "data", [product("1", "Desk lamp")])
    page = open_page(config)
    services: Services = page.client.application.extensions["shelfwise"]
    searcher = services.searcher("shop")
    searcher.encoder, searcher._no_encoder_reason = None, "the model is on fire"
    page.get("/", q="lamp")
    assert "Without vector: the model is on fire" in page.tree.one("p", class_="warning").text
    assert page.titles == ["Desk lamp"]


HOSTILE = "<script>alert(1)</script> lamp"


def test_texts_of_products_are_never_html(tmp_path: Path, open_page: Open) -> None:
    evil = Product(
        "<b>id</b>'\"",
        HOSTILE,
        '"><img src=x onerror=alert(1)> lamp',
        brand="<i>Brand</i>",
        categories=(("<u>Home</u>", "'\" onclick=alert(1)"),),
        url="javascript://shop.example/%0aalert(1)",
        images=(
            "javascript:alert(1)",
            "javascript://shop.example/%0aalert(1)",
            "data:text/html,<script>alert(1)</script>",
            " JaVaScRiPt:alert(1)",
        ),
        offers={"default": Offer(100, "EUR")},
        attributes={"<s>name</s>": "<em>value</em>"},
    )
    other = Product("2", "Other lamp", url="//shop.example/2", images=('https://shop.example/"onerror="alert(1)',))
    config = Config(data_dir=tmp_path, text_model="hashing", threads=1, refresh_ms=0)
    with Services(config) as services:
        fill(services, [evil, other])
    page = open_page(config)
    query = '<script>alert(2)</script>" lamp'
    for url in (
        {"q": "lamp"},
        {"q": query},
        {"q": query, "view": "compare"},
        {"q": ""},
        {"q": "lamp", "refine.brand": HOSTILE},
    ):
        page.get("/", **url)
        assert [script.attributes for script in page.tree.all("script")] == [
            {"type": "module", "src": "/static/page/page.js"}
        ]
        for element in page.tree.all():
            assert element.tag not in ("b", "i", "u", "iframe")
            assert not any(name.startswith("on") or name == "style" for name in element.attributes), element.attributes
            for name in ("href", "src", "action"):
                address = element.attributes.get(name, "/")
                assert address.startswith(("/", "#", "https://shop.example/")), address
    page.get("/", q="lamp")
    assert HOSTILE in page.titles
    marks = page.tree.one("main").all("em")
    assert {mark.text for mark in marks} == {"lamp"}
    assert not any(mark.all() for mark in marks)
    images = [image.attributes["src"] for image in page.tree.all("img")]
    assert images == ['https://shop.example/"onerror="alert(1)']
    links = {link.attributes["href"] for card in page.tree.all("article") for link in card.all("a")}
    assert links == {"https://shop.example/2"}


@pytest.mark.parametrize("url", ["/", "/?sort=wrong", "/?q=lamp&view=compare", "/static/page/page.css"])
def test_headers_leave_hostile_texts_no_way(client: FlaskClient, url: str) -> None:
    with client.get(url) as answer:
        headers = answer.headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "* data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_without_an_index_it_says_how_to_begin(tmp_path: Path, open_page: Open) -> None:
    page = open_page(Config(data_dir=tmp_path, text_model="hashing")).get("/")
    assert page.heading == "There are no products yet"
    commands = [command.text for command in page.tree.all("pre")]
    assert commands[0] == "shelfwise import products.csv --index shop --currency EUR"
    assert commands[1] == ("curl --data-binary @products.csv 'http://localhost/v1/indexes/shop/imports?currency=EUR'")
    page.client.put("/v1/indexes/lamps")
    assert "“lamps” has no products yet" in page.get("/").heading


def test_several_indexes_can_be_chosen_from(tmp_path: Path, open_page: Open) -> None:
    config = serve(tmp_path, [product("1", "Desk lamp")], "shop")
    with Services(config) as services:
        fill(services, [product("2", "Garden lamp")], "a b&c")
    page = open_page(config)
    assert page.get("/").titles == ["Garden lamp"]
    assert [option.text for option in page.tree.one("select", id="index").all("option")] == ["a b&c", "shop"]
    assert page.submit(index="shop", q="lamp").titles == ["Desk lamp"]
    link = page.tree.one("nav", class_="views").all("a")[1].attributes["href"]
    assert parse_qs(urlsplit(link).query) == {"index": ["shop"], "q": ["lamp"], "view": ["compare"]}
    page.get("/", 404, index="nowhere")
    assert "there are a b&c, shop" in page.tree.one("pre").text


def test_another_host_is_refused(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 403
    assert answer.mimetype == "text/html"
    assert "localhost" in answer.text
    assert "lamp" not in answer.text


def test_with_keys_the_page_is_off_and_says_so(tmp_path: Path, open_page: Open) -> None:
    config = serve(tmp_path, [product("1", "Desk lamp")], master_key=key_hash(MASTER), search_key=key_hash("s" * 20))
    page = open_page(config).get("/", 401)
    assert page.heading == "This service has keys, so the page is off"
    assert page.answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "shop" not in page.tree.one("main").text.replace("shop pages", "")
    with page.client.get("/static/page/page.css") as style:
        assert style.status_code == 200
    # A proxy may send the master key; the search key is not enough, since the page tells of all indexes.
    assert page.client.get("/", headers={"Authorization": f"Bearer {MASTER}"}).status_code == 200
    assert page.client.get("/", headers={"Authorization": f"Bearer {'s' * 20}"}).status_code == 403


def test_it_leaves_no_records_and_no_cookies(tmp_path: Path, open_page: Open) -> None:
    page = open_page(serve(tmp_path, [product("1", "Desk lamp")]))
    assert "Set-Cookie" not in page.get("/", q="lamp").answer.headers
    services: Services = page.client.application.extensions["shelfwise"]
    services.records.close()
    assert not [path for path in (tmp_path / "records").rglob("*") if path.is_file()]
