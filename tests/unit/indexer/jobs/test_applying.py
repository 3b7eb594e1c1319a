from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.encoders.hashing import HashingEncoder
from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.engines.protocol import EngineReader, EngineWriter, GenerationSpec
from indexer.errors import StorageError
from indexer.fields import Schema
from indexer.jobs.applying import Writing, always, apply_changes, apply_range
from indexer.jobs.embedding import Embedder
from indexer.jobs.progress import Silent
from indexer.jobs.tally import Tally
from indexer.product import Product, content_hash, encode_document
from indexer.store.catalogue import SqlCatalogue, open_catalogue
from indexer.store.records import MAX_BATCH, StoredProduct

SCHEMA = Schema(encoder="hashing")
BACKLOG = 2 * MAX_BATCH + 200


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[SqlCatalogue]:
    opened = open_catalogue(f"sqlite:///{tmp_path}/catalogue.db")
    opened.create_index("shop", {})
    yield opened
    opened.close()


@pytest.fixture
def engine(tmp_path: Path) -> EmbeddedEngine:
    made = EmbeddedEngine(tmp_path / "indexes")
    made.create(GenerationSpec("shop", 1, SCHEMA, "v", HashingEncoder().manifest.dim))
    return made


def put(catalogue: SqlCatalogue, ids: Sequence[str], title: str) -> tuple[int, int]:
    """(first, last) change number."""
    last = 0
    for start in range(0, len(ids), MAX_BATCH):
        batch = []
        for id_ in ids[start : start + MAX_BATCH]:
            document = encode_document(Product(id_, title))
            batch.append(StoredProduct(id_, document, content_hash(document), b"t" * 16))
        last = catalogue.upsert("shop", batch).change_number
    return last - len(ids) + 1, last


def titles(reader: EngineReader, *ids: str) -> list[str | None]:
    sources = reader.sources(ids)
    return [None if source is None else source.split(b'"title":"')[1].split(b'"')[0].decode() for source in sources]


def embedder(catalogue: SqlCatalogue) -> Embedder:
    return Embedder(HashingEncoder(), catalogue.embeddings)


def test_few_changes_are_applied_with_all_before_them(catalogue: SqlCatalogue, engine: EmbeddedEngine) -> None:
    put(catalogue, ["a", "b"], "old")
    first, last = put(catalogue, ["c"], "new")
    with engine.writer("shop", 1) as writer:
        applied = apply_range(catalogue, "shop", always(writer), SCHEMA, embedder(catalogue), first, last)
        assert (applied.written, applied.change_number) == (3, 3)
        again = apply_range(catalogue, "shop", always(writer), SCHEMA, embedder(catalogue), first, last)
        assert (again.written, again.change_number) == (0, 3)


def test_an_urgent_change_does_not_wait_for_many_before_it(catalogue: SqlCatalogue, engine: EmbeddedEngine) -> None:
    ids = [f"p{n}" for n in range(BACKLOG)]
    put(catalogue, ids, "bulk")
    catalogue.delete("shop", ["p7"])
    first, last = put(catalogue, ["p0", "urgent"], "price")
    with engine.writer("shop", 1) as writer:
        applied = apply_range(catalogue, "shop", always(writer), SCHEMA, embedder(catalogue), first, last)
        assert (applied.written, applied.change_number) == (2, 0)
        deletion = apply_range(catalogue, "shop", always(writer), SCHEMA, None, first - 1, first - 1)
        assert (deletion.deleted, deletion.change_number) == (1, 0)
        reader = engine.reader("shop", 1)
        assert titles(reader, "p0", "urgent", "p1") == ["price", "price", None]
        # What is in its turn later finds the two done, and misses nothing.
        rest = apply_changes(catalogue, "shop", always(writer), SCHEMA, embedder(catalogue), Silent())
        assert (rest.written, rest.change_number) == (BACKLOG - 2, last)
    reader.refresh()
    assert reader.document_count() == BACKLOG
    assert titles(reader, "p0", "p1", "p7") == ["price", "bulk", None]


def test_long_work_lets_urgent_changes_in_and_writes_nothing_older_over_them(
    catalogue: SqlCatalogue, engine: EmbeddedEngine
) -> None:
    ids = [f"p{n}" for n in range(BACKLOG)]
    put(catalogue, ids, "bulk")
    with engine.writer("shop", 1) as writer:
        writing = _after_one_chunk(writer, lambda: _change_the_rest(catalogue, writer))
        apply_changes(catalogue, "shop", writing, SCHEMA, None, Silent())
    reader = engine.reader("shop", 1)
    # Both were in the chunk that was read before they changed.
    assert titles(reader, "p600", "p601", "p602") == ["price", None, "bulk"]


def _after_one_chunk(writer: EngineWriter, urgent: object) -> Writing:
    calls = []

    @contextmanager
    def writing() -> Iterator[EngineWriter]:
        calls.append(1)
        if len(calls) == 3:  # the number, the first chunk, and now the second
            urgent()  # type: ignore[operator]
        yield writer

    return writing


def test_the_end_comes_though_others_never_stop_writing(catalogue: SqlCatalogue, engine: EmbeddedEngine) -> None:
    put(catalogue, ["a", "b"], "old")

    class Others(Tally):
        """While a chunk is read, somebody writes the next one."""

        written = 0

        def add(self, product: Product) -> None:
            self.written += 1
            assert self.written < 20, "it runs for ever after what is written meanwhile"
            put(catalogue, ["c"], f"new {self.written}")

    with engine.writer("shop", 1) as writer:
        applied = apply_changes(catalogue, "shop", always(writer), SCHEMA, None, Silent(), Others())
    assert applied.change_number >= 2
    assert titles(engine.reader("shop", 1), "a", "b") == ["old", "old"]


def _change_the_rest(catalogue: SqlCatalogue, writer: EngineWriter) -> None:
    first, last = put(catalogue, ["p600"], "price")
    apply_range(catalogue, "shop", always(writer), SCHEMA, None, first, last)
    gone = catalogue.delete("shop", ["p601"]).change_number
    apply_range(catalogue, "shop", always(writer), SCHEMA, None, gone, gone)


class Choking(HashingEncoder):
    """Fails at one text, as native code may."""

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if any("poison" in text for text in texts):
            raise ValueError("choked")
        return super().encode_documents(texts)


def test_a_product_that_cannot_be_embedded_blocks_no_other(catalogue: SqlCatalogue, engine: EmbeddedEngine) -> None:
    put(catalogue, ["a", "bad"], "fine")
    choking = Embedder(Choking(), catalogue.embeddings)
    with engine.writer("shop", 1) as writer:
        apply_changes(catalogue, "shop", always(writer), SCHEMA, choking, Silent())
        put(catalogue, ["bad"], "poison")
        put(catalogue, ["b"], "fine")
        applied = apply_changes(catalogue, "shop", always(writer), SCHEMA, choking, Silent())
    assert (applied.written, applied.rejected, applied.change_number) == (1, 1, 4)
    assert applied.reasons == {"bad": "it cannot be embedded: choked"}
    # Rather not found than found as it was before.
    assert titles(engine.reader("shop", 1), "a", "b", "bad") == ["fine", "fine", None]


class Full(HashingEncoder):
    """Finds the disk full."""

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise StorageError("the disk is full")


def test_a_full_disk_is_no_fault_of_a_product(catalogue: SqlCatalogue, engine: EmbeddedEngine) -> None:
    put(catalogue, ["a"], "fine")
    with engine.writer("shop", 1) as writer, pytest.raises(StorageError):
        apply_changes(catalogue, "shop", always(writer), SCHEMA, Embedder(Full(), catalogue.embeddings), Silent())
