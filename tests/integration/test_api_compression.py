"""Bodies that come as gzip, and answers that go as gzip."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from api_shop import PROBLEM, product, read, serve
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from search.app import create_app

URL = "/v1/indexes/shop/search"
LIMIT = 100_000
BODY = json.dumps({"q": "lamp", "page_size": 50, "mode": "lexical"}).encode()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    products = [product(f"p{number}", f"Desk lamp {number}") for number in range(50)]
    app = create_app(serve(tmp_path_factory.mktemp("data"), products, max_body_bytes=LIMIT))
    yield app.test_client()
    app.extensions["shelfwise"].close()


def sent(client: FlaskClient, data: bytes, encoding: str = "gzip", **more: Any) -> TestResponse:
    headers = {"Content-Encoding": encoding} if encoding else {}
    return client.post(URL, data=data, headers=headers, content_type="application/json", **more)


def in_chunks(client: FlaskClient, data: bytes, encoding: str = "") -> TestResponse:
    """Sent without a length, as chunked requests are."""
    environ = {"wsgi.input": io.BytesIO(data), "wsgi.input_terminated": True}
    headers = {"Content-Encoding": encoding} if encoding else {}
    return client.post(URL, headers=headers, content_type="application/json", environ_overrides=environ)


def members(data: bytes) -> bytes:
    return gzip.compress(data[:10]) + gzip.compress(data[10:])


@pytest.mark.parametrize("packed", [gzip.compress(BODY), gzip.compress(BODY, 0), members(BODY)])
@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
def test_a_body_may_be_gzip(client: FlaskClient, packed: bytes, encoding: str) -> None:
    assert read(sent(client, packed, encoding))["total"] == 50
    assert read(in_chunks(client, packed, encoding))["total"] == 50


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_a_body_may_come_as_it_is(client: FlaskClient, encoding: str) -> None:
    assert read(sent(client, BODY, encoding))["total"] == 50
    assert read(in_chunks(client, BODY, encoding))["total"] == 50


@pytest.mark.parametrize(
    ("packed", "says"),
    [
        (gzip.compress(BODY)[:-1], "whole"),
        (gzip.compress(BODY)[:5], "whole"),
        (gzip.compress(BODY)[:-8] + bytes(8), "no gzip"),
        (gzip.compress(BODY)[:10] + b"\x07" * 20, "no gzip"),
        (gzip.compress(BODY) + b"more", "no gzip"),
        (BODY, "no gzip"),
        (zlib.compress(BODY), "no gzip"),
        (gzip.compress(b"no json"), "no JSON"),
        (b"", "it is empty"),
    ],
)
def test_what_is_no_gzip_is_told_so(client: FlaskClient, packed: bytes, says: str) -> None:
    problem = read(sent(client, packed), 400)
    assert problem["parameter"] == "body"
    assert says in problem["detail"]


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "gzip, br"])
def test_another_encoding_is_named(client: FlaskClient, encoding: str) -> None:
    answer = sent(client, gzip.compress(BODY), encoding)
    problem = read(answer, 415)
    assert encoding in problem["detail"]
    assert answer.headers["Accept-Encoding"] == "gzip"


def of_length(length: int) -> bytes:
    """A body that asks for nothing that there is, of this length."""
    empty = json.dumps({"q": "lamp", "filters": ""}).encode()
    return json.dumps({"q": "lamp", "filters": " " * (length - len(empty))}).encode()


def test_the_limit_holds_for_what_a_body_unpacks_to(client: FlaskClient) -> None:
    for ask in (lambda data: sent(client, gzip.compress(data)), lambda data: in_chunks(client, data)):
        assert read(ask(of_length(LIMIT)))["total"] >= 50
        problem = read(ask(of_length(LIMIT + 1)), 413)
        assert "100,000" in problem["detail"]
        assert "max_body_bytes" in problem["detail"]
    read(sent(client, of_length(LIMIT + 1), ""), 413)
    read(in_chunks(client, b"".join(gzip.compress(b"") for _ in range(6_000)), "gzip"), 413)


def test_a_bomb_takes_no_memory(client: FlaskClient) -> None:
    bomb = gzip.compress(bytes(60_000_000), 9)
    assert len(bomb) < LIMIT
    tracemalloc.start()
    try:
        read(sent(client, bomb), 413)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 5_000_000


def got(client: FlaskClient, url: str, encoding: str | None, **headers: str) -> TestResponse:
    if encoding is not None:
        headers["Accept-Encoding"] = encoding
    return client.get(url, headers=headers)


@pytest.mark.parametrize("encoding", ["gzip", "deflate, gzip;q=0.5, br", "*"])
def test_a_long_answer_is_packed_for_who_takes_it(client: FlaskClient, encoding: str) -> None:
    plain, packed = (got(client, f"{URL}?q=lamp", one) for one in (None, encoding))
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.content_type == "application/json"
    assert packed.content_length == len(packed.data) < len(plain.data) / 2
    unpacked = json.loads(gzip.decompress(packed.data))
    assert unpacked["hits"] == plain.get_json(force=True)["hits"]
    assert "Content-Encoding" not in plain.headers
    assert all("accept-encoding" in answer.vary.as_set() for answer in (plain, packed))


@pytest.mark.parametrize("encoding", ["", "identity", "br", "gzip;q=0", "*;q=0", "identity, *;q=0"])
def test_who_does_not_take_it_has_it_as_it_is(client: FlaskClient, encoding: str) -> None:
    answer = got(client, f"{URL}?q=lamp", encoding)
    assert "Content-Encoding" not in answer.headers
    assert answer.get_json(force=True)["total"] == 50


def test_a_short_answer_is_not_packed(client: FlaskClient) -> None:
    answer = got(client, "/healthz", "gzip")
    assert "Content-Encoding" not in answer.headers
    assert "Vary" not in answer.headers


def test_a_problem_is_packed_too(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.api.compressing.MIN_BYTES", 10)
    answer = got(client, f"{URL}?qq=lamp", "gzip")
    assert answer.status_code == 400
    assert answer.content_type == PROBLEM
    assert json.loads(gzip.decompress(answer.data))["parameter"] == "qq"


def test_an_answer_with_an_etag_stays_as_it_is(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.api.compressing.MIN_BYTES", 10)
    answer = got(client, "/v1/indexes/shop/settings", "gzip")
    assert "settings" in answer.get_json(force=True)
    assert "Content-Encoding" not in answer.headers
    again = got(client, "/v1/indexes/shop/settings", "gzip", **{"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_an_export_is_packed_as_it_goes(client: FlaskClient) -> None:
    url, lines = "/v1/indexes/shop/documents", {"Accept": "application/x-ndjson"}
    plain, packed = (got(client, url, one, **lines) for one in (None, "gzip"))
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.content_length is None
    assert gzip.decompress(packed.data) == plain.data
    assert len(plain.data.splitlines()) == 50


def test_an_export_that_breaks_off_ends_no_gzip(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Iterator[bytes]:
        yield b'{"id":"p1"}\n' * 10_000
        raise OSError("the disk is gone")

    monkeypatch.setattr("search.api.documents.export_lines", broken)
    answer = client.get(
        "/v1/indexes/shop/documents", headers={"Accept": "application/x-ndjson", "Accept-Encoding": "gzip"}
    )
    with pytest.raises(OSError, match="the disk is gone"):
        answer.get_data()
