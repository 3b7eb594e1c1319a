"""Errors over HTTP have one shape, and an id that leads to the log."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from api_shop import PROBLEM, ask, product, read, serve
from flask.testing import FlaskClient

from search.app import create_app

URL = "/v1/indexes/shop/search"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    app = create_app(serve(tmp_path_factory.mktemp("data"), [product("p1", "Desk lamp")], max_query_bytes=1000))
    yield app.test_client()
    app.extensions["shelfwise"].close()


def test_a_callers_request_id_comes_back(client: FlaskClient) -> None:
    for url in (f"{URL}?q=lamp", f"{URL}?qq=lamp", "/v1/nothing"):
        assert client.get(url, headers={"X-Request-Id": "web-17/a.b:c"}).headers["X-Request-Id"] == "web-17/a.b:c"


@pytest.mark.parametrize("sent", ["", "two words", "a" * 129, "<script>", "a\tb", "ü"])
def test_an_id_that_is_no_token_is_replaced(client: FlaskClient, sent: str) -> None:
    made = client.get(f"{URL}?q=lamp", headers={"X-Request-Id": sent}).headers["X-Request-Id"]
    assert made != sent
    assert len(made) == 32


def test_each_request_has_its_own_id(client: FlaskClient) -> None:
    assert len({client.get(URL).headers["X-Request-Id"] for _ in range(3)}) == 3


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/v1/indexes/shop/searches", 404),
        ("PATCH", URL, 405),
        ("GET", f"{URL}?q={'x' * 1000}", 414),
    ],
)
def test_what_the_server_itself_refuses_is_a_problem(client: FlaskClient, method: str, url: str, status: int) -> None:
    ask(client, url, status=status, method=method)


def test_a_query_string_that_is_too_long_names_the_setting_and_the_way_out(client: FlaskClient) -> None:
    detail = ask(client, f"{URL}?q={'x' * 999}", status=414)["detail"]
    assert "max_query_bytes" in detail
    assert "POST" in detail
    ask(client, URL, query_string="q=lamp&" + "&" * 993)


def test_a_bug_is_told_to_the_log_under_the_id_of_the_request(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("the insides")

    monkeypatch.setattr("search.api.searching.answer", broken)
    with caplog.at_level(logging.ERROR):
        answer = client.get(URL, headers={"X-Request-Id": "trace-me"})
    assert "insides" not in answer.text
    read(answer, 500)
    (record,) = caplog.records
    assert "trace-me" in record.getMessage()
    assert record.exc_info
    assert "ZeroDivisionError: the insides" in caplog.text


def test_an_error_without_a_body_of_its_own_keeps_its_type(client: FlaskClient) -> None:
    assert client.head("/nothing").content_type == PROBLEM
