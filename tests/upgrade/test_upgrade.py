"""A data directory that an earlier release wrote opens, answers as it did there, and can be gone on with."""

from __future__ import annotations

import json
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from indexer.feeds.feed import open_feed
from indexer.jobs.importing import ImportOptions
from indexer.jobs.progress import Silent
from indexer.store.upgrade import CURRENT_VERSION, VERSION_TABLE
from search.answering import answer
from search.cli.main import shelfwise
from search.config import Config
from search.data_lock import sharing
from search.maintenance import Maintenance
from search.services import Services

HERE = Path(__file__).resolve().parent
RELEASES = sorted(path.stem for path in HERE.glob("*.json"))
MAX_BYTES = 2_000_000
OPTIONS = {"--mode": "mode", "--facet": "facets", "--sort": "sort"}


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest) -> str:
    """Each release that left a data directory here."""
    return str(request.param)


@pytest.fixture
def services(release: str, tmp_path: Path) -> Iterator[Services]:
    with tarfile.open(HERE / f"shelfwise-{release}.tar.gz") as packed:
        packed.extractall(tmp_path, filter="data")
    with Services(Config(data_dir=tmp_path / "shelfwise-data", threads=1)) as opened:
        yield opened


def asked(search: list[str]) -> dict[str, Any]:
    """The parameters of a search as the command line had it."""
    result: dict[str, Any] = {"q": [search[0]], "page_size": ["10"]}
    for option, value in zip(search[1::2], search[2::2], strict=True):
        result.setdefault(OPTIONS[option], []).append(value)
    return result


def assert_answers(services: Services, release: str, index: str = "sample") -> None:
    for case in json.loads((HERE / f"{release}.json").read_text()):
        response = answer(services, index, asked(case["search"]), "query")
        facets = {name: [{"value": v, "count": n} for v, n in counts] for name, counts in response.facets.items()}
        assert (response.total, [hit.id for hit in response.hits], facets) == (
            case["found"]["total"],
            case["found"]["ids"],
            case["found"]["facets"],
        ), case["search"]
        assert response.degraded == ()


def test_there_is_a_release_to_open() -> None:
    assert "0.1.0" in RELEASES
    assert all((HERE / f"shelfwise-{release}.tar.gz").stat().st_size <= MAX_BYTES for release in RELEASES)


def test_it_answers_as_it_did(services: Services, release: str) -> None:
    assert_answers(services, release)
    assert_answers(services, release, "other")


def test_it_can_be_written_to_rebuilt_and_rolled_back(services: Services, release: str, tmp_path: Path) -> None:
    maintenance = Maintenance(services)
    feed = tmp_path / "more.jsonl"
    feed.write_text('{"id": "new/1", "title": "Zeppelin made of brass", "price": 12.5, "currency": "EUR"}\n')
    for _ in range(2):
        with open_feed(feed) as rows:
            imported = maintenance.import_feed("sample", rows, ImportOptions(), Silent())
    assert (imported.report.created, imported.report.unchanged) == (0, 1)
    assert [hit.id for hit in answer(services, "sample", {"q": ["zeppelin"], "mode": ["lexical"]}, "query").hits] == [
        "new/1"
    ]
    live = services.engine.live("sample")
    maintenance.rebuild("sample", Silent())
    assert services.engine.live("sample") != live
    assert [hit.id for hit in answer(services, "sample", {"q": ["zeppelin"], "mode": ["lexical"]}, "query").hits] == [
        "new/1"
    ]
    maintenance.roll_back("sample", Silent())
    assert [hit.id for hit in answer(services, "sample", {"q": ["zeppelin"], "mode": ["lexical"]}, "query").hits] == [
        "new/1"
    ]


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(shelfwise, ["--data-dir", str(folder / "shelfwise-data"), *arguments])


@pytest.fixture
def unpacked(release: str, tmp_path: Path) -> Path:
    with tarfile.open(HERE / f"shelfwise-{release}.tar.gz") as packed:
        packed.extractall(tmp_path, filter="data")
    return tmp_path


def test_the_command_says_what_is_due_and_does_it(unpacked: Path) -> None:
    due = run(unpacked, "upgrade", "--check")
    assert due.exit_code == 1
    assert f"catalogue: version 1 of {CURRENT_VERSION}, is to be brought up to date" in due.stdout
    assert "make a backup, then run `shelfwise upgrade`" in due.stderr
    assert json.loads(run(unpacked, "upgrade", "--check", "--json").stdout)["steps"][0]["found"] == 1
    done = run(unpacked, "upgrade")
    assert done.exit_code == 0, done.output
    assert f"catalogue: version 1 of {CURRENT_VERSION}, was brought up to date" in done.stdout
    for arguments in (["--check"], []):
        again = run(unpacked, "upgrade", *arguments)
        assert (again.exit_code, "nothing is to be done" in again.stdout) == (0, True)


def test_an_index_in_an_older_format_is_built_anew(unpacked: Path) -> None:
    (manifest,) = (unpacked / "shelfwise-data" / "indexes" / "other").glob("*/generation.json")
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 0'))
    steps = json.loads(run(unpacked, "upgrade", "--check", "--json").stdout)["steps"]
    assert [(step["index"], step["found"]) for step in steps] == [("", 1), ("other", 0)]
    assert run(unpacked, "upgrade").exit_code == 0
    assert "nothing is to be done" in run(unpacked, "upgrade", "--check").stdout
    assert run(unpacked, "search", "--index", "other", "lamp").exit_code == 0


def test_it_does_not_happen_under_a_running_process(unpacked: Path) -> None:
    with sharing(unpacked / "shelfwise-data"):
        refused = run(unpacked, "upgrade")
        assert refused.exit_code == 5
    assert run(unpacked, "upgrade", "--check").exit_code == 1


def test_data_of_a_later_release_are_left_alone(unpacked: Path) -> None:
    assert run(unpacked, "upgrade").exit_code == 0
    with closing(sqlite3.connect(unpacked / "shelfwise-data" / "catalogue.db")) as connection, connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0042'")
    for arguments in (["--check"], []):
        refused = run(unpacked, "upgrade", *arguments)
        assert (refused.exit_code, "install the release that wrote it" in refused.stderr) == (3, True)
