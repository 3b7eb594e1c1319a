"""Products over HTTP as the catalogue has them: by id, and all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from api_shop import ask, fill, product, serve
from click.testing import CliRunner
from flask.testing import FlaskClient

from indexer.product import Availability, Offer, Product, Variant, to_document
from search.app import create_app
from search.cli.main import shelfwise
from search.config import Config
from search.keys import key_hash

MASTER = "master-key-of-the-tests"
SEARCH = "search-key-of-the-tests"
URL = "/v1/indexes/shop/documents"
LINES = {"Accept": "application/x-ndjson"}
ODD = [
    "a b",
    "lamp/21",
    "/leading",
    "two//slashes",
    "trailing/",
    "100%",
    "q?x=1&y#z",
    "ünï/çødé",
    "a+b",
    "..",
    "日本/語",
]
RICH = Product(
    "rich",
    {"en": "Shirt", "de": "Hemd"},
    brand="Alma",
    categories=(("Clothes", "Shirts"),),
    offers={"default": Offer(1299, "EUR", 1999, Availability.PREORDER), "us": Offer(5, "JPY")},
    attributes={"colour": ("red", "blue"), "weight": 1.5, "new": True},
    variants=(Variant("rich-1", ("4006381333931",), {"size": "L"}, {"default": Offer(1, "EUR")}),),
)
PRODUCTS = [RICH, *(product(id_, f"Product {id_}") for id_ in ODD)]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("data")
    return serve(folder, PRODUCTS, master_key=key_hash(MASTER), search_key=key_hash(SEARCH))


@pytest.fixture(scope="module")
def client(config: Config) -> Iterator[FlaskClient]:
    app = create_app(config)
    yield app.test_client()
    app.extensions["shelfwise"].close()


def get(client: FlaskClient, query: str = "", status: int = 200) -> dict[str, Any]:
    return ask(client, f"{URL}{query}", MASTER, status)


@pytest.mark.parametrize("id_", ODD)
def test_any_id_can_be_an_address(client: FlaskClient, id_: str) -> None:
    wanted = {"id": id_, "document": to_document(product(id_, f"Product {id_}"))}
    found = [
        get(client, f"/{quote(id_, safe='')}"),
        get(client, f"/{quote(id_, safe='/')}"),
        get(client, f"?id={quote(id_, safe='')}"),
    ]
    for one in found:
        assert {name: one[name] for name in wanted} == wanted
    assert found[0] == found[1] == found[2]


def test_a_product_tells_its_change(client: FlaskClient) -> None:
    found = get(client, "/rich")
    assert found["document"] == to_document(RICH)
    assert found["change_number"] == 1
    assert found["updated_at"].endswith("+00:00")


@pytest.mark.parametrize("query", ["/nobody", "?id=nobody", "/lamp", "/lamp/21/", "/%ff", f"/{'x' * 600}", "/a%00b"])
def test_a_product_that_is_not_there_is_not_found(client: FlaskClient, query: str) -> None:
    assert "there is no product" in get(client, query, 404)["detail"]


def test_some_products_come_in_the_order_asked_for(client: FlaskClient) -> None:
    found = get(client, "?ids=rich&ids=nobody&ids=lamp/21&ids=rich&ids=a%20b&ids=else")
    assert [one["id"] for one in found["documents"]] == ["rich", "lamp/21", "a b"]
    assert [one["id"] for one in found["versions"]] == ["rich", "lamp/21", "a b"]
    assert found["missing"] == ["nobody", "else"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("?id=a&id=b", "id"),
        ("?id=rich&ids=rich", "ids"),
        ("?ids=rich&limit=5", "limit"),
        ("?limit=0", "limit"),
        ("?limit=1001", "limit"),
        ("?limit=ten", "limit"),
        ("?cursor=nonsense", "cursor"),
        ("?cursor=WyJkb2N1bWVudHMiXQ", "cursor"),
        ("?curser=x", "curser"),
        ("?" + "&".join(f"ids={n}" for n in range(1001)), "ids"),
        ("/rich?fields=id", "fields"),
    ],
)
def test_a_wrong_parameter_is_named(client: FlaskClient, query: str, parameter: str) -> None:
    assert get(client, query, 400)["parameter"] == parameter


def test_the_pages_of_an_export_have_every_product_once_in_order(client: FlaskClient) -> None:
    ids: list[str] = []
    cursor, pages = "", 0
    while True:
        page = get(client, f"?limit=5&cursor={cursor}")
        ids += [one["id"] for one in page["documents"]]
        pages += 1
        if page["next_cursor"] is None:
            break
        assert len(page["documents"]) == 5
        cursor = page["next_cursor"]
    assert ids == sorted((one.id for one in PRODUCTS), key=str.encode)
    assert pages == 3
    assert get(client, "?limit=12")["next_cursor"] is None


def test_a_stream_has_every_product_on_a_line(client: FlaskClient) -> None:
    answer = client.get(URL, headers={**LINES, "Authorization": f"Bearer {MASTER}"})
    assert answer.content_type == "application/x-ndjson"
    found = [orjson.loads(line) for line in answer.data.splitlines()]
    assert found == get(client)["documents"]
    after = get(client, "?limit=5")["next_cursor"]
    rest = client.get(f"{URL}?cursor={after}", headers={**LINES, "Authorization": f"Bearer {MASTER}"})
    assert [orjson.loads(line) for line in rest.data.splitlines()] == found[5:]


def test_a_stream_of_an_index_that_is_not_there_is_an_error_and_no_empty_stream(client: FlaskClient) -> None:
    ask(client, "/v1/indexes/nowhere/documents", MASTER, 404)
    answer = client.get("/v1/indexes/nowhere/documents", headers={**LINES, "Authorization": f"Bearer {MASTER}"})
    assert answer.status_code == 404


def test_an_export_can_be_imported_again(client: FlaskClient, config: Config, tmp_path: Path) -> None:
    stream = client.get(URL, headers={**LINES, "Authorization": f"Bearer {MASTER}"}).data
    page = client.get(URL, headers={"Authorization": f"Bearer {MASTER}"}).data
    for name, data in (("stream", stream), ("page", page)):
        (tmp_path / name).write_bytes(data)
        done = CliRunner().invoke(
            shelfwise,
            ["--data-dir", str(config.data_dir), "import", str(tmp_path / name), "--index", name, "--encoder", "none"],
        )
        assert done.exit_code == 0, done.output
        again = client.get(f"/v1/indexes/{name}/documents", headers={**LINES, "Authorization": f"Bearer {MASTER}"})
        assert again.data == stream


def test_a_long_page_ends_early_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.export._MAX_PAGE_BYTES", 1000)
    monkeypatch.setattr("search.export._BATCH", 3)
    app = create_app(serve(tmp_path, [product(f"p{number:02}", "lamp " * 100) for number in range(10)]))
    first = ask(app.test_client(), URL)
    assert [one["id"] for one in first["documents"]] == ["p00", "p01"]
    second = ask(app.test_client(), f"{URL}?cursor={first['next_cursor']}")
    assert [one["id"] for one in second["documents"]] == ["p02", "p03"]
    lines = app.test_client().get(URL, headers=LINES).data.splitlines()
    assert len(lines) == 10
    app.extensions["shelfwise"].close()


def test_an_empty_index_has_no_products(tmp_path: Path) -> None:
    config = serve(tmp_path, [product("p1", "lamp")])
    app = create_app(config)
    fill(app.extensions["shelfwise"], [], "other")
    assert ask(app.test_client(), "/v1/indexes/other/documents") == {
        "documents": [], "versions": [], "next_cursor": None
    }  # fmt: skip
    assert app.test_client().get("/v1/indexes/other/documents", headers=LINES).data == b""


def test_documents_are_the_master_keys(client: FlaskClient) -> None:
    for query in ("", "/rich", "?id=rich", "?ids=rich"):
        ask(client, URL + query, SEARCH, 403)
