"""What a browser is told about pages that come from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from api_shop import PROBLEM, product, serve
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from search.app import create_app
from search.keys import key_hash

SEARCH = "search-key-of-the-tests"
URL = "/v1/indexes/shop/search"
SHOP, OTHER = "https://shop.example", "https://evil.example"
ALLOW = "Access-Control-Allow-Origin"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


def opened(folder: Path, **settings: str) -> FlaskClient:
    return create_app(
        serve(folder, [product("p1", "Desk lamp")], search_key=key_hash(SEARCH), **settings)
    ).test_client()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    client = opened(tmp_path_factory.mktemp("data"), cors_origins=f"{SHOP}, http://localhost:5173")
    yield client
    client.application.extensions["shelfwise"].close()


@pytest.mark.parametrize("origin", [SHOP, "http://localhost:5173", "HTTPS://shop.example"])
@pytest.mark.parametrize("url", [URL, "/v1/indexes/shop/suggest", "/v1/nothing"])
def test_a_preflight_is_answered_without_a_key(client: FlaskClient, origin: str, url: str) -> None:
    answer = client.options(url, headers={"Origin": origin, **PREFLIGHT})
    assert answer.status_code == 204
    assert answer.data == b""
    assert "Content-Type" not in answer.headers
    assert answer.headers[ALLOW] == origin
    assert "Origin" in answer.headers["Vary"]
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    allowed = {name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
    assert {"authorization", "content-type", "idempotency-key", "if-match"} <= allowed
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_another_page_is_refused_by_name(client: FlaskClient) -> None:
    answer = client.options(URL, headers={"Origin": OTHER, **PREFLIGHT})
    assert answer.status_code == 403
    assert ALLOW not in answer.headers
    detail = answer.get_json(force=True)["detail"]
    assert OTHER in detail
    assert "cors_origins" in detail


def asked(client: FlaskClient, url: str, key: str = SEARCH, origin: str = SHOP) -> TestResponse:
    headers = {"Authorization": f"Bearer {key}", "Origin": origin}
    return client.get(url, headers={name: value for name, value in headers.items() if value})


@pytest.mark.parametrize(
    ("url", "key", "status"),
    [
        (f"{URL}?q=lamp", SEARCH, 200),
        (f"{URL}?q=lamp&pagesize=1", SEARCH, 400),
        (URL, "a wrong key", 401),
        ("/v1/indexes", SEARCH, 403),
        ("/v1/nothing", SEARCH, 404),
        (f"{URL}?q={'x' * 20_000}", SEARCH, 414),
        ("/healthz", "", 200),
    ],
)
def test_a_page_can_read_answers_and_problems(client: FlaskClient, url: str, key: str, status: int) -> None:
    answer = asked(client, url, key)
    assert answer.status_code == status
    assert (answer.content_type == PROBLEM) == (status >= 400)
    assert answer.headers[ALLOW] == SHOP
    assert answer.vary.as_set() >= {"origin"}
    exposed = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"X-Request-Id", "ETag", "Retry-After"} <= exposed


def test_a_page_can_read_a_fault_of_the_service(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.api.searching.answer", lambda *_: 1 / 0)
    answer = asked(client, URL)
    assert answer.status_code == 500
    assert answer.headers[ALLOW] == SHOP


@pytest.mark.parametrize(
    "origin", [OTHER, "null", "https://shop.example.evil.example", "https://shop.example:8443", ""]
)
def test_others_and_no_page_are_told_nothing(client: FlaskClient, origin: str) -> None:
    answer = asked(client, f"{URL}?q=lamp", origin=origin)
    assert answer.status_code == 200
    assert ALLOW not in answer.headers
    assert answer.vary.as_set() >= {"origin"}


def test_an_options_request_that_is_no_preflight_needs_a_key(client: FlaskClient) -> None:
    assert client.options(URL, headers={"Origin": SHOP}).status_code == 401


def test_every_page_may_be_let_in(tmp_path: Path) -> None:
    client = opened(tmp_path, cors_origins="*")
    for origin in (OTHER, "null"):
        assert client.options(URL, headers={"Origin": origin, **PREFLIGHT}).headers[ALLOW] == "*"
        answer = asked(client, URL, origin=origin)
        assert answer.headers[ALLOW] == "*"
        assert "Origin" not in answer.headers.get("Vary", "")


def test_without_the_setting_nothing_is_said(tmp_path: Path) -> None:
    client = opened(tmp_path)
    assert client.options(URL, headers={"Origin": SHOP, **PREFLIGHT}).status_code == 401
    answer = asked(client, URL)
    assert answer.status_code == 200
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    assert "Origin" not in answer.headers.get("Vary", "")
