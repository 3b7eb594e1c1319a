"""What is held of a person after searches and events over HTTP, and that none of it is left when it is erased."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_shop import product, serve
from click.testing import CliRunner, Result

from search.cli.main import shelfwise
from search.config import Config

SERVING = """
import json, os, sys
from pathlib import Path
from search.app import create_app
from search.config import Config

client = create_app(Config(data_dir=Path(sys.argv[1]), text_model="hashing", threads=1)).test_client()
for line in sys.stdin:
    url, body = json.loads(line)
    answer = client.post(url, json=body)
    print(json.dumps([answer.status_code, answer.get_json()]), flush=True)
"""


class Service:
    """The web application in a process of its own, asked over a pipe."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-c", SERVING, str(folder)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, url: str, **body: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([url, body]) + "\n")
        self.process.stdin.flush()
        status, answer = json.loads(self.process.stdout.readline())
        assert status == 200, answer
        return dict(answer)

    def search(self, **request: Any) -> dict[str, Any]:
        return self.ask("/v1/indexes/shop/search", page_size=2, **request)

    def click(self, **event: Any) -> None:
        answer = self.ask("/v1/events", index="shop", type="click", product_id="p1", **event)
        assert answer["accepted"] == 1


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("data")
    return serve(folder, [product(f"p{number}", f"Desk lamp {number}") for number in range(5)])


@pytest.fixture
def services(config: Config) -> Iterator[list[Service]]:
    """Two processes that serve one data directory, as the workers of a web server do."""
    started = [Service(config.data_dir) for _ in range(2)]
    yield started
    for one in started:
        one.process.send_signal(signal.SIGTERM)
        one.process.communicate(timeout=30)


@pytest.fixture(autouse=True)
def _settled_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.records.personal.PersonalRecords.__init__.__defaults__", (1.0,))


def run(config: Config, *arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(shelfwise, ["--data-dir", str(config.data_dir), "personal", *arguments], input=answer)


def printed(config: Config, *arguments: str) -> Any:
    result = run(config, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def files_with(config: Config, text: str) -> set[str]:
    """The files of the data directory that hold a text somewhere, as they lie there or unpacked."""
    found = set()
    for path in config.data_dir.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            data = gzip.decompress(data) if path.suffix == ".gz" else data
            if text.encode() in data:
                found.add(path.relative_to(config.data_dir).parts[0].partition("-")[0])
    return found


def test_nothing_of_a_person_is_left_under_processes_that_serve(config: Config, services: list[Service]) -> None:
    one, two = services
    first = one.search(q="lamp embarrassing-alma", user_id="alma-meier", session_id="visit-alma")
    assert first["next_cursor"]
    two.search(cursor=first["next_cursor"])
    two.search(q="lamp from-visit", session_id="visit-alma")
    other = one.search(q="lamp of-bert", user_id="bert-klein", session_id="visit-bert")
    one.click(user_id="alma-meier")
    two.click(query_id=first["query_id"])  # says of whom it is only by the search
    two.click(query_id=first["query_id"], user_id="carla-by-a-cache")
    two.click(user_id="bert-klein", query_id=other["query_id"])

    held = printed(config, "export", "--user", "alma-meier")["places"]
    assert {place: len(entries) for place, entries in held.items()} == {"events": 2, "pages": 1, "records": 2}
    assert held["records"][0]["request"]["q"] == "lamp embarrassing-alma"
    assert held["pages"][0]["request"]["q"] == "lamp embarrassing-alma"
    both = printed(config, "export", "--user", "alma-meier", "--session", "visit-alma")["places"]
    assert [one["request"]["q"] for one in both["records"] if one["kind"] == "search"][1] == "lamp from-visit"

    assert files_with(config, "alma-meier") == {"records", "catalogue.db"}
    assert "pages.db" in files_with(config, "embarrassing-alma")
    erased = printed(config, "erase", "--user", "alma-meier", "--session", "visit-alma", "--yes")["erased"]
    assert erased == {"events": 2, "pages": 2, "records": 3}
    for text in ("alma-meier", "visit-alma", "embarrassing-alma", "from-visit"):
        assert files_with(config, text) == set(), text
    assert len(printed(config, "export", "--user", "carla-by-a-cache")["places"]["events"]) == 1

    assert {
        place: len(entries) for place, entries in printed(config, "export", "--user", "bert-klein")["places"].items()
    } == {
        "events": 1,
        "pages": 1,
        "records": 1,
    }
    # The processes serve on, and what is new is kept as before.
    for service in services:
        service.search(q="lamp", user_id="alma-meier")
    assert len(printed(config, "export", "--user", "alma-meier")["places"]["records"]) == 2


def test_an_export_can_be_read_by_people(config: Config, services: list[Service]) -> None:
    answered = services[0].search(q="lamp", user_id="carla")
    services[0].click(user_id="carla", query_id=answered["query_id"])
    result = run(config, "export", "--user", "carla")
    assert "events: 1 entry\n" in result.stdout
    assert f'search  "lamp"  query {answered["query_id"]}  user carla' in result.stdout
    assert "click  p1  query" in result.stdout


def test_an_erasure_asks_first(config: Config, services: list[Service]) -> None:
    services[0].click(user_id="dora")
    refused = run(config, "erase", "--user", "dora", answer="n\n")
    assert refused.exit_code == 1
    assert "Erase all that is held of user 'dora'? It cannot be undone" in refused.stderr
    assert len(printed(config, "export", "--user", "dora")["places"]["events"]) == 1
    done = run(config, "erase", "--user", "dora", answer="y\n")
    assert "Erased of user 'dora': 1 events, 0 pages, 0 records" in done.stdout
    assert printed(config, "export", "--user", "dora")["places"]["events"] == []


def test_nobody_is_a_mistake(config: Config) -> None:
    for command in ("export", "erase"):
        result = run(config, command)
        assert result.exit_code == 2
        assert "give --user, --session or both" in result.stderr


def test_the_places_are_listed(config: Config) -> None:
    assert [one["place"] for one in printed(config, "places")] == ["events", "pages", "records"]
    assert "10 minutes" in run(config, "places").stdout
