"""Damaged, half-written and foreign files, a full disk and a read-only one: clear errors, and nothing lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from indexer.engines.embedded import vectors
from indexer.engines.embedded.cells import load_cells
from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.engines.embedded.layout import GenerationFiles
from indexer.engines.query import Alternative, Scope, SearchQuery, TermGroup, Words
from indexer.errors import ConfigurationError, CorruptionError, StorageError
from indexer.feeds import open_feed
from indexer.jobs.building import build_generation
from indexer.jobs.importing import ImportOptions
from indexer.jobs.progress import Silent
from search.cli.finding import State
from search.cli.index_checks import check_index
from search.config import Config
from search.maintenance import Maintenance
from search.services import Services

PRODUCTS = 150
LIVE = Path("indexes/shop/live")
FIRST = Path("indexes/shop/1")


@dataclass(frozen=True)
class Shop:
    """A data directory with one index.

    Args:
        database: the catalogue's file; by default in the data directory.
    """

    data_dir: Path
    feeds: Path
    database: Path | None = None

    def services(self) -> Services:
        url = f"sqlite:///{self.database}" if self.database else ""
        return Services(Config(data_dir=self.data_dir, database_url=url, text_model="hashing", threads=1))

    def feed(self, edition: str, products: int = PRODUCTS) -> Path:
        path = self.feeds / f"{edition}.jsonl"
        path.write_text("".join(f'{{"id": "p{i}", "title": "Lamp {i} {edition}"}}\n' for i in range(products)))
        return path

    def import_edition(self, edition: str, products: int = PRODUCTS) -> list[int]:
        """The last line of each acknowledgement."""
        heard: list[int] = []
        with self.services() as services, open_feed(self.feed(edition, products)) as feed:
            Maintenance(services).import_feed(
                "shop", feed, ImportOptions(), Silent(), acknowledge=lambda told: heard.append(told.last_line)
            )
        return heard

    def rebuild(self) -> None:
        with self.services() as services:
            Maintenance(services).rebuild("shop", Silent())

    def found(self, word: str) -> int:
        """How many products the live generation finds by a word, with the vector side asked too."""
        with self.services() as services:
            live = services.engine.live("shop")
            assert live is not None
            reader = services.engine.reader("shop", live)
            words = Words((TermGroup((Alternative((word,)),)),))
            return reader.search(SearchQuery(words, limit=1_000)).lexical_total

    def in_catalogue(self, edition: str) -> int:
        with self.services() as services:
            documents = [change.document or b"" for change in services.catalogue.changes("shop", 0, 500)]
        return sum(edition.encode() in document for document in documents)


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("well")
    shop = Shop(folder / "data", folder)
    shop.import_edition("first")
    return shop


@pytest.fixture
def shop(well: Shop, tmp_path: Path) -> Shop:
    shutil.copytree(well.data_dir, tmp_path / "data")
    return Shop(tmp_path / "data", tmp_path)


def half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def flipped_last(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 0xFF
    path.write_bytes(data)


def foreign(path: Path) -> None:
    path.write_bytes(b"something else entirely\n" * 10_000)


def gone(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


Damage = Callable[[Path], None]


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        (LIVE, foreign),
        (FIRST / "generation.json", half),
        (FIRST / "generation.json", foreign),
        (FIRST / "rows.log", half),
        (FIRST / "rows.log", flipped),
        (FIRST / "rows.log", foreign),
        (FIRST / "rows.log", gone),
        (FIRST / "sources.bin", half),
        (FIRST / "sources.bin", gone),
        (FIRST / "text/meta.json", half),
        (FIRST / "text/meta.json", foreign),
        (FIRST / "text/meta.json", gone),
        (FIRST / "text", gone),
    ],
    ids=lambda value: value.__name__ if callable(value) else str(value),
)
def test_a_damaged_file_is_named_with_the_remedy_which_works(shop: Shop, file: Path, damage: Damage) -> None:
    damage(shop.data_dir / file)
    with pytest.raises(CorruptionError, match="shelfwise indexes rebuild") as raised:
        shop.found("first")
    assert str(shop.data_dir / file).removesuffix("/meta.json") in str(raised.value)
    shop.rebuild()
    assert shop.found("first") == PRODUCTS


@pytest.mark.parametrize(("file", "damage"), [("rows.log", half), ("sources.bin", half), ("vectors.f16", half)])
def test_a_writer_does_not_build_on_a_file_that_is_too_short(shop: Shop, file: str, damage: Damage) -> None:
    damage(shop.data_dir / FIRST / file)
    with pytest.raises(CorruptionError, match=rf"{file} has \d+ bytes, \d+ were committed"):
        shop.import_edition("second")
    assert shop.in_catalogue("second") == PRODUCTS  # the rows were acknowledged before the index was written to
    shop.rebuild()
    assert shop.found("second") == PRODUCTS


def findings(shop: Shop) -> list[str]:
    """What `shelfwise doctor` finds wrong with the index."""
    with shop.services() as services:
        found = list(check_index(services, services.catalogue.get_index("shop"), searchable=True))
    return [finding.detail for finding in found if finding.state is not State.OK]


@pytest.mark.parametrize(
    ("damage", "said"),
    [(half, "has"), (gone, "has"), (flipped, "fails its checksum in the"), (foreign, "fails its checksum in the")],
)
def test_without_its_vectors_an_index_answers_by_words(shop: Shop, damage: Damage, said: str) -> None:
    damage(shop.data_dir / FIRST / "vectors.f16")
    with shop.services() as services:
        reader = services.engine.reader("shop", 1)
        vector = services.encoder("hashing").encode_queries(["lamp"])[0]
        words = Words((TermGroup((Alternative(("lamp",)),)),))
        result = reader.search(SearchQuery(words, vector, limit=1_000))
        with pytest.raises(CorruptionError, match=r"vectors\.f16"):
            reader.vectors(["p7"])
    assert result.total == PRODUCTS
    ((stage, reason),) = result.degraded
    assert stage == "vector"
    assert f"vectors.f16 {said}" in reason
    assert findings(shop) == [reason]
    shop.rebuild()
    assert findings(shop) == []


def test_vectors_that_are_damaged_in_a_later_commit_are_left_out_from_then_on(shop: Shop) -> None:
    with shop.services() as services:
        reader = services.engine.reader("shop", 1)
        query = SearchQuery(None, reader.vectors(["p7"])[0], vector_k=10)
        shop.import_edition("second")
        flipped_last(shop.data_dir / FIRST / "vectors.f16")
        assert not reader.search(query).degraded
        assert reader.refresh()
        assert [stage for stage, _ in reader.search(query).degraded] == ["vector"]
        assert reader.count(None, Scope()) == PRODUCTS


def test_a_damaged_product_is_named_and_the_others_are_read(shop: Shop) -> None:
    path = shop.data_dir / FIRST / "sources.bin"
    flipped(path)
    with shop.services() as services:
        reader = services.engine.reader("shop", 1)
        failed = []
        for number in range(PRODUCTS):
            try:
                reader.sources([f"p{number}"])
            except CorruptionError as error:
                failed.append((number, str(error)))
    ((number, error),) = failed
    assert f"{path} fails its checksum at the product 'p{number}': rebuild" in error
    (finding,) = findings(shop)
    assert f"{path} fails its checksums at 1 of {PRODUCTS} products, at 'p{number}' first" in finding
    assert "shelfwise indexes rebuild" in finding
    shop.rebuild()
    assert findings(shop) == []


@pytest.mark.parametrize("damage", [half, flipped, foreign, gone])
def test_damaged_cells_are_left_alone(shop: Shop, damage: Damage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.engines.embedded.writer.CELLS_FROM", 10)
    monkeypatch.setattr(vectors, "SCAN_BELOW", 0)
    with shop.services() as services, services.engine.writer("shop", 1) as writer:
        writer.finish()
    files = shop.data_dir / FIRST
    with shop.services() as services:
        reader = services.engine.reader("shop", 1)
        query = SearchQuery(None, reader.vectors(["p7"])[0], vector_k=10)
        whole = reader.search(query)
        assert load_cells(GenerationFiles(files), reader.spec.dim, PRODUCTS) is not None
        damage(files / "cells.bin")
        assert load_cells(GenerationFiles(files), reader.spec.dim, PRODUCTS) is None
        result = services.engine.reader("shop", 1).search(query)
    # Everything is scanned instead, so that nothing is missing.
    assert [hit.score for hit in result.neighbours] == pytest.approx([hit.score for hit in whole.neighbours], abs=1e-3)
    assert result.neighbours[0].score == pytest.approx(1, abs=1e-3)
    assert result.degraded == ()


@pytest.mark.parametrize("damage", [half, foreign])
def test_a_damaged_catalogue_is_named(shop: Shop, damage: Damage) -> None:
    damage(shop.data_dir / "catalogue.db")
    with pytest.raises(CorruptionError, match=r"catalogue\.db"):
        shop.in_catalogue("first")


def test_files_of_a_later_release_are_refused(shop: Shop) -> None:
    manifest = shop.data_dir / FIRST / "generation.json"
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 99'))
    with pytest.raises(ConfigurationError, match="format 99, this release reads up to 1: upgrade shelfwise"):
        shop.found("first")


def test_a_damaged_memory_of_duplicates_is_named(shop: Shop) -> None:
    path = shop.data_dir / "imports" / "shop.duplicates.json"
    path.parent.mkdir()
    path.write_text('["p1", ')
    with pytest.raises(CorruptionError, match=r"shop\.duplicates\.json is damaged .* delete it"):
        shop.import_edition("second")


def test_what_a_crash_left_half_written_is_cut_off(shop: Shop) -> None:
    for name in ("rows.log", "sources.bin", "vectors.f16"):
        with open(shop.data_dir / FIRST / name, "ab") as file:
            file.write(b"half a chunk")
    assert shop.found("first") == PRODUCTS
    shop.import_edition("second")
    assert (shop.found("first"), shop.found("second")) == (0, PRODUCTS)


LIMITED = """
import resource, sys
from search.cli.main import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
main()
"""


def test_a_file_that_may_not_grow_is_an_error_of_one_line(shop: Shop) -> None:
    words = ["import", shop.feed("second"), "--index", "shop", "--data-dir", shop.data_dir]
    environment = {**os.environ, "SHELFWISE_TEXT_MODEL": "hashing"}
    command = [sys.executable, "-c", LIMITED, "20000", *words]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)
    assert ended.returncode != 0
    assert str(shop.data_dir) in ended.stderr
    assert "Traceback" not in ended.stderr
    shop.import_edition("second")
    assert (shop.found("second"), shop.in_catalogue("second")) == (PRODUCTS, PRODUCTS)


def fill(disk: Path, free_bytes: int) -> Path:
    ballast = disk / "ballast"
    room = os.statvfs(disk)
    with open(ballast, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - free_bytes)
    return ballast


def test_a_full_disk_loses_nothing_that_was_acknowledged(disk: Path, tmp_path: Path) -> None:
    shop = Shop(disk / "data", tmp_path)
    shop.import_edition("first", 1_100)
    ballast = fill(disk, 400_000)
    with pytest.raises(StorageError, match="full"):
        shop.import_edition("second", 1_100)
    ballast.unlink()
    assert shop.found("first") == 1_100
    shop.import_edition("second", 1_100)
    assert (shop.found("first"), shop.found("second")) == (0, 1_100)


def storage_error_of_build(shop: Shop) -> str:
    """What a rebuild says that does not look for room first; "" where it succeeds."""
    with shop.services() as services:
        try:
            catalogue, settings = services.catalogue, services.catalogue.get_index("shop").settings
            embedder = services.embedder(services.settings("shop")[0].schema)
            build_generation(catalogue, services.engine, "shop", settings, embedder, Silent())
        except StorageError as error:
            return str(error)
    return ""


def test_a_build_on_a_full_disk_ends_in_one_clear_error_wherever_it_stops(disk: Path, tmp_path: Path) -> None:
    shop = Shop(disk / "data", tmp_path, database=tmp_path / "catalogue.db")
    shop.import_edition("first")
    stopped = set()
    for free_bytes in range(0, 120_000, 4_096):
        ballast = fill(disk, free_bytes)
        error = storage_error_of_build(shop)
        ballast.unlink()
        assert shop.found("first") == PRODUCTS
        if error:
            assert str(disk) in error
            assert "make room" in error
            stopped.add("text" if "/text" in error else "files")
    assert stopped == {"files", "text"}
    shop.rebuild()
    assert shop.found("first") == PRODUCTS


def test_a_read_only_directory_is_refused_with_its_name(disk: Path, tmp_path: Path) -> None:
    shop = Shop(disk / "data", tmp_path)
    shop.import_edition("first")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        with pytest.raises(ConfigurationError, match=r"catalogue\.db: .* let this user read and write it"):
            shop.import_edition("second")
        with pytest.raises(StorageError, match=r"text cannot be written, .* mount the disk for writing"):
            EmbeddedEngine(disk / "data" / "indexes").reader("shop", 1)
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    shop.import_edition("second")
    assert shop.found("second") == PRODUCTS
