"""The Python client against a service over a real socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from service import Service, service
from werkzeug.serving import make_server

from search.client import Client, ClientError
from search.keys import key_hash

PRODUCTS = [{"id": f"p/{n}", "title": f"Lamp number{n}", "price": n + 1, "currency": "EUR"} for n in range(60)]


@contextmanager
def listening(shop: Service) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, shop.client.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with service(tmp_path) as shop, listening(shop) as url:
        shop.runner.start()
        try:
            with Client(url) as opened:
                yield opened
        finally:
            shop.runner.close()


def test_products_are_written_changed_searched_and_deleted(client: Client) -> None:
    written = client.write("shop", PRODUCTS, wait_s=20)
    assert (written.created, written.problems, written.task and written.task.state) == (60, (), "succeeded")
    assert client.write("shop", PRODUCTS).task is None
    client.patch("shop", {"id": "p/7", "title": "Lamp special"}, wait_s=20)
    assert [hit["id"] for hit in client.hits("shop", "special", mode="lexical")] == ["p/7"]
    assert client.document("shop", "p/7")["title"] == "Lamp special"
    deleted = client.delete("shop", ["p/7", "nobody"], wait_s=20)
    assert (deleted.deleted, deleted.problems[0]["status"]) == (1, 404)
    assert client.search("shop", "special", mode="lexical")["total"] == 0


def test_all_hits_and_all_products_come_page_by_page(client: Client) -> None:
    client.write("shop", PRODUCTS, wait_s=20)
    hits = [hit["id"] for hit in client.hits("shop", "lamp", page_size=7)]
    assert (len(hits), len(set(hits))) == (60, 60)
    assert {product["id"] for product in client.documents("shop")} == set(hits)


def test_tasks_are_waited_for(client: Client, tmp_path: Path) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text("nr,name\n1,Cup\n")
    task = client.wait(client.import_feed("shop", feed, map={"id": "nr", "title": "name"}, strict=True))
    assert (task.kind, task.result["created"]) == ("import", 1)
    assert client.indexes()[0]["products"] == 1
    assert client.change_settings("shop", {"ranking": {"window": 50}}) is None
    assert client.wait(client.rebuild("shop")).result["generation"] == client.index("shop")["live"]
    feed.write_text("a\n1\n")
    with pytest.raises(ClientError, match="is failed: "):
        client.wait(client.import_feed("shop", feed))


def test_what_is_refused_is_an_error_with_the_problem(client: Client) -> None:
    with pytest.raises(ClientError, match="did you mean") as caught:
        client.search("nowhere", "lamp", page_siz=5)
    assert (caught.value.status, caught.value.problem["parameter"]) == (400, "page_siz")


def test_a_key_is_sent(tmp_path: Path) -> None:
    with service(tmp_path, master_key=key_hash("m" * 20)) as shop, listening(shop) as url:
        with Client(url) as nobody, pytest.raises(ClientError, match="a key is needed"):
            nobody.indexes()
        with Client(url, "m" * 20) as client:
            assert client.indexes() == []


def test_a_service_that_is_not_there_is_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Client(f"http://127.0.0.1:{port}", retries=0) as client, pytest.raises(ClientError, match="shelfwise serve"):
        client.indexes()


def test_a_write_whose_answer_was_lost_is_sent_again_and_done_once(client: Client) -> None:
    client.write("shop", PRODUCTS[:1], wait_s=20)
    with _losing_the_first_answer(client) as lossy:
        assert lossy.patch("shop", {"id": "p/0", "price": 5}).updated == 1
    assert client.index("shop")["change_number"] == 2


@contextmanager
def _losing_the_first_answer(client: Client) -> Iterator[Client]:
    """A client behind a proxy that passes everything on, and breaks off before the first answer."""
    host, port = client._url.removeprefix("http://").split(":")
    door = socket.create_server(("127.0.0.1", 0))
    requests: list[bytes] = []

    def pass_on(lose: bool) -> None:
        there, _ = door.accept()
        with there, socket.create_connection((host, int(port))) as behind:
            request = b""
            while b"\r\n\r\n" not in request or len(request) < _length(request):
                request += there.recv(65_536)
            requests.append(request)
            behind.sendall(request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            answer: Any = b""
            while block := behind.recv(65_536):
                answer += block
            if not lose:
                there.sendall(answer)

    def run() -> None:
        pass_on(lose=True)
        pass_on(lose=False)

    thread = threading.Thread(target=run)
    thread.start()
    with door, Client(f"http://127.0.0.1:{door.getsockname()[1]}") as lossy:
        yield lossy
        thread.join()
    assert len(requests) == 2


def _length(request: bytes) -> int:
    head, _, _ = request.partition(b"\r\n\r\n")
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    return len(head) + 4 + int(lengths[0].split(b":")[1])
