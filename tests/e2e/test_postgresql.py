"""The service with its catalogue in PostgreSQL: web, worker and commands, and a server that crashes under them."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from postgresql_server import administering
from private_postgresql import PrivateServer, private_server
from served import SHELFWISE, Served, environment, served, until

from indexer.store.catalogue import open_catalogue

ACKNOWLEDGED = 20


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateServer]:
    with private_server() as running:
        yield running


@pytest.fixture
def url(server: PrivateServer) -> str:
    """Of an empty database."""
    with administering(server.url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return server.url


def product(number: int, title: str = "Lamp") -> dict[str, Any]:
    return {"id": f"p{number}", "title": f"{title} number{number}", "price": 10, "currency": "EUR"}


def test_commands_and_the_service_work_on_one_server(url: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    feed = tmp_path / "feed.csv"
    feed.write_text("sku,name\n" + "".join(f"f{number},Chair number{number}\n" for number in range(50)))
    settings = environment(DATABASE_URL=url)

    def shelfwise(*arguments: str) -> str:
        command = [str(SHELFWISE), "--data-dir", str(data), *arguments]
        done = subprocess.run(command, env=settings, capture_output=True, text=True, cwd=tmp_path, timeout=100)
        assert done.returncode == 0, done.stderr
        return done.stdout

    shelfwise("import", str(feed), "--index", "shop")
    assert "f7" in shelfwise("search", "number7", "--mode", "lexical")
    with served(data, DATABASE_URL=url) as service:
        assert service.found("number7") == ["f7"]
        service.ok("POST", "/v1/indexes/shop/documents?wait_s=20", [product(n) for n in range(3)])
        assert service.found("lamp") != []
        shelfwise("import", str(feed), "--index", "other")
        assert service.found("number9", "other") == ["f9"]
        task = service.ok("POST", "/v1/indexes/shop/rebuild", {})["task"]["id"]
        until(lambda: service.ok("GET", f"/v1/tasks/{task}")["state"] == "succeeded")
        assert sorted(service.found("number2")) == ["f2", "p2"]
        shelfwise("backup", str(tmp_path / "b.tar.gz"))
    assert not (data / "catalogue.db").exists()
    assert "Nothing is wrong" in shelfwise("doctor")


def test_a_server_that_stands_still_holds_no_search_up(server: PrivateServer, url: str, tmp_path: Path) -> None:
    with served(tmp_path / "data", DATABASE_URL=url) as service:
        service.ok("POST", "/v1/indexes/shop/documents?wait_s=20", [product(n) for n in range(3)])
        assert service.found("number1") == ["p1"]
        server.stand_still()
        try:
            slowest_s = 0.0
            began = time.monotonic()
            while time.monotonic() - began < 4:
                asked = time.monotonic()
                assert service.found("number1") == ["p1"]
                slowest_s = max(slowest_s, time.monotonic() - asked)
                time.sleep(0.05)
        finally:
            server.go_on()
        assert slowest_s < 2
        service.ok("POST", "/v1/indexes/shop/documents?wait_s=20", [product(7)])
        until(lambda: service.found("number7") == ["p7"])


class Client(threading.Thread):
    """Writes products one by one, each of its own, and keeps a ledger of what was acknowledged."""

    def __init__(self, service: Served) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[int] = []
        self.statuses: set[int] = set()
        self.ended = threading.Event()
        self._service = service

    def run(self) -> None:
        number = 1000
        while not self.ended.is_set():
            number += 1
            status, _ = self._service.ask("POST", "/v1/indexes/shop/documents", [product(number)])
            self.statuses.add(status)
            if status < 300:
                self.acknowledged.append(number)
            else:
                time.sleep(0.05)


def test_a_server_that_crashes_under_the_service_loses_nothing_and_searches_go_on(
    server: PrivateServer, url: str, tmp_path: Path
) -> None:
    with served(tmp_path / "data", DATABASE_URL=url) as service:
        service.ok("POST", "/v1/indexes/shop/documents?wait_s=20", [product(n) for n in range(3)])
        assert service.found("number1") == ["p1"]
        client = Client(service)
        client.start()
        for _ in range(2):
            least = len(client.acknowledged) + ACKNOWLEDGED
            until(lambda least=least: len(client.acknowledged) >= least)  # type: ignore[misc]
            server.stop("immediate")
            began = time.monotonic()
            while time.monotonic() - began < 3:
                assert service.found("number1") == ["p1"]  # a search that fails would not be `ok`
                time.sleep(0.1)
            server.start()
        least = len(client.acknowledged) + ACKNOWLEDGED
        until(lambda: len(client.acknowledged) >= least)
        client.ended.set()
        client.join()
        assert client.statuses <= {200, 201, 202, 503}, client.statuses
        assert 503 in client.statuses, "the crashes were noticed"
        wanted = {f"p{number}" for number in client.acknowledged}
        store = open_catalogue(url)
        assert wanted <= set(store.ids("shop", "", 100_000))
        # Also what no task announced is found in the end.
        until(lambda: service.ok("GET", "/v1/indexes/shop/search?mode=lexical&q=lamp")["total"] == store.count("shop"))
        store.close()
        assert service.found(f"number{client.acknowledged[-1]}") == [f"p{client.acknowledged[-1]}"]
