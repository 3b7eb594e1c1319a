"""Applying: bringing a generation up to the catalogue's newest change."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

import orjson

from indexer.documents import embedded_text, to_index_document
from indexer.engines.protocol import EngineWriter, IndexDocument
from indexer.errors import CorruptionError
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
    """What the engine took.

    Args:
        written, deleted: products.
        change_number: it now has every change up to it.
        rejected: products that the engine did not take; they are in the catalogue, and not searchable.
        reasons: by id, why; of the first few.
    """

    written: int
    deleted: int
    change_number: int
    rejected: int = 0
    reasons: Mapping[str, str] = field(default_factory=dict)

    def then(self, later: Applied) -> Applied:
        """This and what was applied after it."""
        return Applied(
            self.written + later.written,
            self.deleted + later.deleted,
            later.change_number,
            self.rejected + later.rejected,
            _first({**self.reasons, **later.reasons}),
        )


_NAMED = 20
"""Rejected products that are named; more would only say the same."""


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
        CorruptionError: the generation has changes that the catalogue does not know of.
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

    newest = catalogue.get_index(index).change_number
    if writer.change_number > newest:
        # The catalogue's next changes would have numbers that the generation takes for old ones.
        raise CorruptionError(
            f"the generation of {index!r} is at change {writer.change_number}, but the catalogue at {newest}: the "
            f"catalogue is of an earlier day; build a generation from it with `shelfwise indexes rebuild {index}`"
        )
    written = deleted = 0
    rejected: dict[str, str] = {}
    with ThreadPoolExecutor(1, thread_name_prefix="prepare") as ahead:
        pending = ahead.submit(prepare, writer.change_number)
        while (chunk := pending.result()) is not None:
            if progress.stopping():
                raise Stopped
            pending = ahead.submit(prepare, chunk.last)
            report = writer.write(chunk.documents)
            written += report.written
            rejected.update(report.rejected)
            deleted += writer.delete(chunk.deleted).written
            writer.commit(chunk.last)
            progress.advance(len(chunk.documents) + len(chunk.deleted))
    return Applied(written, deleted, writer.change_number, len(rejected), _first(rejected))


def _first(reasons: Mapping[str, str]) -> dict[str, str]:
    return dict(islice(reasons.items(), _NAMED))
