"""A data directory that an earlier release wrote opens, answers as it did there, and can be gone on with."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer.feeds.feed import open_feed
from indexer.jobs.importing import ImportOptions
from indexer.jobs.progress import Silent
from search.answering import answer
from search.config import Config
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
