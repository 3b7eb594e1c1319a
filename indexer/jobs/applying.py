"""Applying: bringing a generation up to the catalogue's newest change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import orjson

from indexer.documents import embedded_text, to_index_document
from indexer.engines.protocol import EngineWriter, IndexDocument
from indexer.fields import Schema
from indexer.jobs.embedding import Embedder
from indexer.jobs.progress import Progress, Stopped
from indexer.jobs.tally import Tally
from indexer.product import from_document
from indexer.store.protocol import CatalogueStore
from indexer.store.records import MAX_BATCH


@dataclass(frozen=True, slots=True)
class _Chunk:
    documents: list[IndexDocument]
    deleted: dict[str, int]
    last: int


@dataclass(frozen=True, slots=True)
class Applied:
    """written, deleted: products that the engine took; change_number: it now has every change up to it."""

    written: int
    deleted: int
    change_number: int


def apply_changes(
    catalogue: CatalogueStore,
    index: str,
    writer: EngineWriter,
    schema: Schema,
    embedder: Embedder | None,
    progress: Progress,
    tally: Tally | None = None,
) -> Applied:
    """Follows the change numbers until there are no more; each chunk of at most 500 is one commit.

    The next chunk is read and embedded while the present one is written.

    Args:
        embedder: None for an index without vectors.
        tally: counts every product that passes, where given.

    Raises:
        Stopped: `progress` asked to stop; what was committed stays.
    """

    def prepare(after: int) -> _Chunk | None:
        changes = catalogue.changes(index, after, MAX_BATCH)
        if not changes:
            return None
        present = [(change, from_document(orjson.loads(change.document))) for change in changes if change.document]
        texts = [embedded_text(product, schema) for _, product in present]
        vectors = embedder.vectors(texts) if embedder is not None else [None] * len(texts)
        documents = []
        for (change, product), vector in zip(present, vectors, strict=True):
            documents.append(to_index_document(product, schema, change.change_number, vector, change.document or b""))
            if tally is not None:
                tally.add(product)
        deleted = {change.id: change.change_number for change in changes if not change.document}
        return _Chunk(documents, deleted, changes[-1].change_number)

    written = deleted = 0
    with ThreadPoolExecutor(1, thread_name_prefix="prepare") as ahead:
        pending = ahead.submit(prepare, writer.change_number)
        while (chunk := pending.result()) is not None:
            if progress.stopping():
                raise Stopped
            pending = ahead.submit(prepare, chunk.last)
            written += writer.write(chunk.documents).written
            deleted += writer.delete(chunk.deleted).written
            writer.commit(chunk.last)
            progress.advance(len(chunk.documents) + len(chunk.deleted))
    return Applied(written, deleted, writer.change_number)
