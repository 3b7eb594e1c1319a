"""The service on an Elasticsearch that is killed under it: what was acknowledged is found, and it recovers alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch_server import OwnServer
from served import Served, served, until

DOCUMENTS = "/v1/indexes/shop/documents"
AWAY_S = 2.0
AT_MOST_S = 8.0
"""So long an answer may take that there is none: the budget of a search, and some for a slow machine."""


@pytest.fixture
def own_server(tmp_path: Path, elasticsearch_home: Path) -> Iterator[OwnServer]:
    server = OwnServer(elasticsearch_home, tmp_path / "elasticsearch")
    server.start()
    yield server
    server.stop()


def lamps(first: int, count: int) -> list[dict[str, Any]]:
    return [{"id": f"p{n}", "title": f"Lamp number{n}"} for n in range(first, first + count)]


class Clients:
    """One that writes products one after the other, and one that searches, until they are told to stop."""

    def __init__(self, service: Served) -> None:
        self.service = service
        self.acknowledged: list[str] = []
        self.answers: list[tuple[int, float, dict[str, Any]]] = []
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._write), threading.Thread(target=self._search)]

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _write(self) -> None:
        number = 1_000
        while not self._stopping.wait(0.05):
            if self.service.ask("POST", DOCUMENTS, lamps(number, 1))[0] < 300:
                self.acknowledged.append(f"p{number}")
            number += 1

    def _search(self) -> None:
        while not self._stopping.wait(0.05):
            start = time.monotonic()
            status, answer = self.service.ask("GET", "/v1/indexes/shop/search?q=lamp")
            self.answers.append((status, time.monotonic() - start, answer))


@pytest.mark.timeout(240)
def test_what_was_acknowledged_is_found_after_elasticsearch_was_killed(tmp_path: Path, own_server: OwnServer) -> None:
    settings = {"ENGINE": "elasticsearch", "ELASTICSEARCH_URL": own_server.url, "ELASTICSEARCH_REPLICAS": "0"}
    with served(tmp_path / "data", **settings) as service:
        service.ok("POST", f"{DOCUMENTS}?wait_s=20", lamps(0, 50))
        assert service.found("number7") == ["p7"]
        with Clients(service) as clients:
            time.sleep(1.0)
            before = len(clients.answers)
            own_server.kill()
            time.sleep(AWAY_S)
            away = clients.answers[before + 1 :]
            own_server.start()
            until(lambda: clients.answers[-1][0] == 200)
            after = len(clients.acknowledged)
            until(lambda: len(clients.acknowledged) > after + 5)
        assert {status for status, _, _ in clients.answers[:before]} == {200}
        assert {status for status, _, _ in away} == {503}
        assert max(seconds for _, seconds, _ in clients.answers) < AT_MOST_S
        assert {answer["title"] for _, _, answer in away} == {"Not available at the moment"}
        assert "Elasticsearch" in away[-1][2]["detail"]

        everything = {f"p{n}" for n in range(50)} | set(clients.acknowledged)
        until(lambda: _total(service) == len(everything))
        for id_ in clients.acknowledged:
            assert service.found(f"number{id_[1:]}") == [id_]


def _total(service: Served) -> int:
    return int(service.ok("GET", "/v1/indexes/shop/search?q=lamp&mode=lexical&page_size=1")["total"])
