from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from indexer.encoders.hashing import HashingEncoder
from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.engines.embedded.layout import GenerationFiles, index_directory
from indexer.engines.embedded.writer import EmbeddedWriter
from indexer.engines.protocol import IndexDocument, WriteReport
from indexer.errors import CorruptionError, NotFoundError
from indexer.feeds.records import Row
from indexer.fields import Schema, schema_to_json
from indexer.jobs.applying import always, apply_changes
from indexer.jobs.building import build_generation
from indexer.jobs.embedding import Embedder
from indexer.jobs.importing import ImportOptions, import_rows
from indexer.jobs.progress import Silent, Stopped
from indexer.jobs.switching import roll_back
from indexer.jobs.tally import Tally
from indexer.product import Product
from indexer.store.catalogue import open_catalogue
from indexer.store.protocol import CatalogueStore


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[CatalogueStore]:
    opened = open_catalogue(f"sqlite:///{tmp_path}/catalogue.db")
    opened.create_index("shop", settings())
    yield opened
    opened.close()


@pytest.fixture
def engine(tmp_path: Path) -> EmbeddedEngine:
    return EmbeddedEngine(tmp_path / "indexes")


def settings(**schema: Any) -> Mapping[str, Any]:
    return {"schema": schema_to_json(Schema(encoder="hashing", **schema))}


def written(catalogue: CatalogueStore, folder: Path, first: int, count: int) -> None:
    rows = [Row(n, n, Product(f"p{n}", f"Lamp number{n % 5}")) for n in range(first, first + count)]
    import_rows(catalogue, "shop", rows, Schema(), ImportOptions(), folder, Silent())


def embedder(catalogue: CatalogueStore) -> Embedder:
    return Embedder(HashingEncoder(), catalogue.embeddings)


def test_a_build_takes_everything_and_becomes_live(
    catalogue: CatalogueStore, engine: EmbeddedEngine, tmp_path: Path
) -> None:
    written(catalogue, tmp_path, 0, 1200)
    embeds = embedder(catalogue)
    built = build_generation(catalogue, engine, "shop", settings(), embeds, Silent())
    assert (built.number, built.products, built.resumed, engine.live("shop")) == (1, 1200, False, 1)
    assert (built.applied.written, built.applied.change_number) == (1200, 1200)
    reader = engine.reader("shop", 1)
    assert reader.document_count() == 1200
    assert -1 < reader.min_cosine < 1  # fitted: there are products enough
    # Five titles there are; the rest is known, and a rebuild computes nothing.
    assert (embeds.computed, embeds.reused) == (5, 1195)
    again = embedder(catalogue)
    assert build_generation(catalogue, engine, "shop", settings(), again, Silent()).number == 2
    assert (again.computed, engine.live("shop"), engine.generations("shop")) == (0, 2, [1, 2])


def test_an_interrupted_build_is_gone_on_with(
    catalogue: CatalogueStore, engine: EmbeddedEngine, tmp_path: Path
) -> None:
    class StopsAfterOneChunk(Silent):
        advanced = 0

        def advance(self, done: int) -> None:
            self.advanced += done

        def stopping(self) -> bool:
            return self.advanced >= 500

    written(catalogue, tmp_path, 0, 1200)
    with pytest.raises(Stopped):
        build_generation(catalogue, engine, "shop", settings(), embedder(catalogue), StopsAfterOneChunk())
    assert engine.live("shop") is None
    built = build_generation(catalogue, engine, "shop", settings(), embedder(catalogue), Silent())
    assert (built.number, built.resumed, built.applied.written, built.products) == (1, True, 700, 1200)


def test_changes_are_applied_in_order_and_deletions_too(
    catalogue: CatalogueStore, engine: EmbeddedEngine, tmp_path: Path
) -> None:
    written(catalogue, tmp_path, 0, 10)
    build_generation(catalogue, engine, "shop", settings(), None, Silent())
    written(catalogue, tmp_path, 10, 5)
    catalogue.delete("shop", ["p0", "p14"])
    tally = Tally()
    with engine.writer("shop", 1) as writer:
        applied = apply_changes(catalogue, "shop", always(writer), Schema(), None, Silent(), tally)
        assert (applied.written, applied.deleted, applied.change_number) == (4, 2, 17)
        assert apply_changes(catalogue, "shop", always(writer), Schema(), None, Silent()).written == 0
    assert engine.reader("shop", 1).document_count() == 13


def test_rolling_back_restores_settings_and_replays_what_changed(
    catalogue: CatalogueStore, engine: EmbeddedEngine, tmp_path: Path
) -> None:
    written(catalogue, tmp_path, 0, 10)
    build_generation(catalogue, engine, "shop", settings(), None, Silent())
    with pytest.raises(NotFoundError, match="no previous generation"):
        roll_back(catalogue, engine, "shop", None, Silent())
    catalogue.update_settings("shop", settings(language="de"), 1)
    build_generation(catalogue, engine, "shop", settings(language="de"), None, Silent())
    written(catalogue, tmp_path, 10, 5)
    assert roll_back(catalogue, engine, "shop", None, Silent()).number == 1
    assert engine.live("shop") == 1
    assert engine.reader("shop", 1).document_count() == 15
    assert catalogue.get_index("shop").settings["schema"]["language"] == "en"


def test_only_the_live_and_the_previous_generation_are_kept(
    catalogue: CatalogueStore, engine: EmbeddedEngine, tmp_path: Path
) -> None:
    written(catalogue, tmp_path, 0, 3)
    for _ in range(4):
        build_generation(catalogue, engine, "shop", settings(), None, Silent())
    assert engine.generations("shop") == [3, 4]
    assert [record.number for record in catalogue.generations.list_all("shop")] == [3, 4]


class PickyWriter(EmbeddedWriter):
    """Rejects documents, which the contract allows and the embedded engine itself never does."""

    def write(self, documents: Sequence[IndexDocument]) -> WriteReport:
        bad = {one.id: "too sour" for one in documents if "number3" in one.texts["title"]["en"]}
        report = super().write([one for one in documents if one.id not in bad])
        return WriteReport(report.written, report.skipped, bad)


class PickyEngine(EmbeddedEngine):
    """An embedded engine with a `PickyWriter`."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._folder = root

    def writer(self, index: str, number: int) -> PickyWriter:
        return PickyWriter(GenerationFiles(index_directory(self._folder, index) / str(number)), 1)


def test_what_the_engine_rejects_is_named_and_blocks_nothing(catalogue: CatalogueStore, tmp_path: Path) -> None:
    picky = PickyEngine(tmp_path / "indexes")
    written(catalogue, tmp_path, 0, 600)
    built = build_generation(catalogue, picky, "shop", settings(), None, Silent())
    assert (built.applied.written, built.applied.rejected, picky.live("shop")) == (480, 120, 1)
    assert dict(built.applied.reasons) == {f"p{n}": "too sour" for n in range(3, 100, 5)}  # the first twenty
    assert picky.reader("shop", 1).document_count() == 480
    written(catalogue, tmp_path, 600, 5)
    with picky.writer("shop", 1) as writer:
        applied = apply_changes(catalogue, "shop", always(writer), Schema(), None, Silent())
    assert (applied.written, applied.rejected, dict(applied.reasons)) == (4, 1, {"p603": "too sour"})


def test_a_build_that_fails_its_check_is_not_gone_on_with(
    catalogue: CatalogueStore, engine: EmbeddedEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful(PickyWriter):
        def write(self, documents: Sequence[IndexDocument]) -> WriteReport:
            report = super().write(documents)
            return WriteReport(report.written, report.skipped)

    written(catalogue, tmp_path, 0, 10)
    with monkeypatch.context() as broken:
        broken.setattr("indexer.engines.embedded.engine.EmbeddedWriter", Forgetful)
        with pytest.raises(CorruptionError, match=r"shop@1 holds 8 products, the catalogue 10"):
            build_generation(catalogue, engine, "shop", settings(), None, Silent())
    built = build_generation(catalogue, engine, "shop", settings(), None, Silent())
    assert (built.number, built.resumed, engine.reader("shop", 2).document_count()) == (2, False, 10)
