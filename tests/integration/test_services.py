"""What a process holds open: indexes that do not wait for one another, and settings that come through in time."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine, event

import search.services
from indexer.encoders.factory import open_encoder
from indexer.encoders.protocol import TextEncoder
from indexer.errors import InputError
from indexer.feeds.records import Row
from indexer.fields import Field, FieldType, Schema
from indexer.jobs.importing import ImportOptions
from indexer.jobs.progress import Silent
from indexer.product import Product
from search.config import Config
from search.errors import NotFoundError
from search.maintenance import Maintenance
from search.request import SearchRequest, resolve
from search.services import Services
from search.settings import IndexSettings, settings_to_json

WAIT_S = 10.0


def services_over(folder: Path, refresh_ms: int = 0) -> Services:
    return Services(Config(data_dir=folder, text_model="hashing", threads=1, refresh_ms=refresh_ms))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data directory with the indexes "german" and "english", whose encoders are two."""
    with services_over(tmp_path) as services:
        for name, language in (("german", "de"), ("english", "en")):
            schema = Schema(encoder="hashing", encoder_languages=(language,), language=language)
            rows = [Row(1, 0, Product("p1", "lamp"))]
            Maintenance(services).import_feed(name, rows, ImportOptions(), Silent(), schema=schema)
    return tmp_path


@contextmanager
def slow_german(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Event, list[str]]]:
    """Keeps the German encoder from being ready until the block ends: (set once it is being opened, all openings)."""
    begun, ready, openings = Event(), Event(), list[str]()

    def gated(name: str, *args: Any, **kwargs: Any) -> TextEncoder:
        (language,) = kwargs["languages"]
        openings.append(language)
        if language == "de":
            begun.set()
            assert ready.wait(WAIT_S)
        return open_encoder(name, *args, **kwargs)

    monkeypatch.setattr(search.services, "open_encoder", gated)
    try:
        yield begun, openings
    finally:
        ready.set()


def test_a_search_does_not_wait_for_the_encoder_of_another_index(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with services_over(folder) as services, ThreadPoolExecutor(4) as pool:
        with slow_german(monkeypatch) as (begun, openings):
            german = [pool.submit(services.searcher, "german") for _ in range(2)]
            assert begun.wait(WAIT_S)
            for _ in range(2):  # the first time, and once it is open
                assert pool.submit(services.searcher, "english").result(timeout=WAIT_S / 2).schema.language == "en"
            assert pool.submit(services.undeclared, "english").result(timeout=WAIT_S / 2) == frozenset()
            assert not any(future.done() for future in german)
        first, second = (future.result(timeout=WAIT_S) for future in german)
        assert first is second
        assert sorted(openings) == ["de", "en"]


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that is sent in the block."""
    sent: list[str] = []

    def hear(connection: object, cursor: object, statement: str, *rest: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def test_searches_that_come_often_do_not_ask_the_catalogue(folder: Path) -> None:
    with services_over(folder) as services:
        services.searcher("german")
        with statements() as sent:
            started = time.monotonic()
            while time.monotonic() - started < 0.5:
                services.searcher("german")
        assert len([statement for statement in sent if statement.startswith("SELECT")]) <= 1


@pytest.mark.parametrize("refresh_ms", [0, 60_000])
def test_settings_that_another_process_changes_show_within_about_a_second(folder: Path, refresh_ms: int) -> None:
    with services_over(folder, refresh_ms) as services:
        assert services.searcher("german").ranking.rrf_k == 60
        command = [sys.executable, "-c", "from search.cli.main import main; main()", "--data-dir", str(folder)]
        command += ["indexes", "settings", "german", "--set", "ranking.rrf_k=17"]
        subprocess.run(command, check=True, capture_output=True, timeout=60, env={**os.environ, "HF_HUB_OFFLINE": "1"})
        changed = time.monotonic()
        while services.searcher("german").ranking.rrf_k != 17:
            assert time.monotonic() - changed < 1.5
            time.sleep(0.02)


def test_an_index_that_another_process_deleted_is_told_of(folder: Path) -> None:
    with services_over(folder) as services, services_over(folder) as other:
        services.searcher("german")
        Maintenance(other).delete("german")
        for _ in range(2):
            with pytest.raises(NotFoundError, match="does not exist"):
                services.searcher("german")


def test_settings_that_wait_for_their_rebuild_do_not_rank_the_old_generation(folder: Path) -> None:
    with services_over(folder) as services:
        settings, version = services.settings("english")
        weight = Field("weight", FieldType.NUMBER, "weight")
        waiting = IndexSettings(
            settings.schema.with_attributes([weight]), replace(settings.ranking, tie_break=("weight:asc",))
        )
        # As a change of settings leaves it when it is killed before its rebuild.
        services.catalogue.update_settings("english", settings_to_json(waiting), version)
        found = searched(services, "english", "lamp")
        assert found == ["p1"]
        Maintenance(services).rebuild("english", Silent())
        assert services.searcher("english").ranking.tie_break == ("weight:asc",)
        assert searched(services, "english", "lamp") == ["p1"]


def searched(services: Services, index: str, query: str) -> list[str]:
    searcher = services.searcher(index)
    return [hit.id for hit in searcher.search(resolve(SearchRequest(q=query), searcher.schema)).hits]


@pytest.mark.parametrize("name", ["a" * 300, "ü" * 100, "", ".", "..", "half \ud800"])
def test_a_name_that_no_file_can_have_is_no_bug(folder: Path, name: str) -> None:
    with services_over(folder) as services:
        with pytest.raises(NotFoundError):
            services.searcher(name)
        rows = [Row(1, 0, Product("p1", "lamp"))]
        with pytest.raises(InputError, match="is no name of an index: 1 to 200 bytes"):
            Maintenance(services).import_feed(name, rows, ImportOptions(), Silent())
