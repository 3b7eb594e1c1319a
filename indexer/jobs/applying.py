"""Applying: bringing a generation up to the catalogue's newest change."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import orjson
from numpy.typing import NDArray

from indexer.documents import embedded_text, to_index_document
from indexer.engines.protocol import EngineWriter, IndexDocument
from indexer.errors import CorruptionError, IndexerError
from indexer.fields import Schema
from indexer.jobs.embedding import Embedder
from indexer.jobs.progress import Progress, Stopped
from indexer.jobs.tally import Tally
from indexer.product import from_document
from indexer.store.protocol import CatalogueStore
from indexer.store.records import MAX_BATCH

_log = logging.getLogger(__name__)

Writing = Callable[[], AbstractContextManager[EngineWriter]]
"""Gives the writer of a generation for as long as a block runs."""


def always(writer: EngineWriter) -> Writing:
    """A writer that nobody else uses."""

    @contextmanager
    def writing() -> Iterator[EngineWriter]:
        yield writer

    return writing


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Args:
    rejected: by id, why it cannot be searched; also among the deleted, so that no older state of it is found.
    """

    documents: list[IndexDocument]
    deleted: dict[str, int]
    rejected: dict[str, str]
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
    writing: Writing,
    schema: Schema,
    embedder: Embedder | None,
    progress: Progress,
    tally: Tally | None = None,
) -> Applied:
    """Follows the change numbers up to the newest as of the call; each chunk of at most 500 is one commit.

    The next chunk is read and embedded while the present one is written. What is written meanwhile is left to whoever
    wrote it: under a steady stream of changes, the end would else never come.

    Args:
        writing: gives the writer for one chunk; in between, others may write more urgent changes.
        embedder: None for an index without vectors.
        tally: counts every product that passes, where given.

    Raises:
        CorruptionError: the generation has changes that the catalogue does not know of.
        Stopped: `progress` asked to stop; what was committed stays.
    """
    with writing() as writer:
        last = writer.change_number
    newest = _check_age(catalogue, index, last)
    written = deleted = 0
    rejected: dict[str, str] = {}
    with ThreadPoolExecutor(1, thread_name_prefix="prepare") as ahead:

        def prepare(after: int) -> Future[_Chunk | None]:
            return ahead.submit(_prepare, catalogue, index, schema, embedder, after, tally)

        pending = prepare(last) if last < newest else None
        while pending is not None and (chunk := pending.result()) is not None:
            if progress.stopping():
                raise Stopped
            pending = prepare(chunk.last) if chunk.last < newest else None
            with writing() as writer:
                report = writer.write(chunk.documents)
                deleted += writer.delete(chunk.deleted).written
                late = writer.commit(chunk.last)
            written += report.written - len(late)
            rejected |= {**report.rejected, **late, **chunk.rejected}
            last = chunk.last
            progress.advance(len(chunk.documents) + len(chunk.deleted))
    return Applied(written, deleted, last, len(rejected), _first(rejected))


def apply_range(
    catalogue: CatalogueStore,
    index: str,
    writing: Writing,
    schema: Schema,
    embedder: Embedder | None,
    first: int,
    last: int,
) -> Applied:
    """Writes the changes `first` to `last` before their turn, or with all before them where those are few.

    Engines compare change numbers, so that what comes later in its turn replaces nothing newer. A product that has
    changed again since is left to the later change.

    Args:
        writing: as in `apply_changes`.
        first, last: change numbers of one write to the catalogue.

    Raises:
        CorruptionError: as in `apply_changes`.
    """
    with writing() as writer:
        done = writer.change_number
    _check_age(catalogue, index, done)
    if done >= last:
        return Applied(0, 0, done)
    # Told by the numbers: to embed what waits before it, only to see how much that is, would take longer than all else.
    in_turn = _prepare(catalogue, index, schema, embedder, done) if last - done <= MAX_BATCH else None
    if in_turn is not None:
        chunks, reached = [in_turn], in_turn.last
    else:
        chunks, reached = list(_ahead_of_turn(catalogue, index, schema, embedder, first, last)), 0
    written = deleted = 0
    rejected: dict[str, str] = {}
    with writing() as writer:
        for chunk in chunks:
            report = writer.write(chunk.documents)
            written += report.written
            rejected |= {**report.rejected, **chunk.rejected}
            deleted += writer.delete(chunk.deleted).written
        # The number stays where others are still to be written, so that none of them is taken for done.
        late = writer.commit(max(reached, writer.change_number))
        written -= len(late)
        rejected |= late
        done = writer.change_number
    return Applied(written, deleted, done, len(rejected), _first(rejected))


def _ahead_of_turn(
    catalogue: CatalogueStore, index: str, schema: Schema, embedder: Embedder | None, first: int, last: int
) -> Iterator[_Chunk]:
    after = first - 1
    while after < last:
        chunk = _prepare(catalogue, index, schema, embedder, after, until=last)
        if chunk is None:
            return
        yield chunk
        after = chunk.last


def _check_age(catalogue: CatalogueStore, index: str, number: int) -> int:
    """The newest change of the catalogue, which a generation cannot be ahead of."""
    newest = catalogue.get_index(index).change_number
    if number > newest:
        # The catalogue's next changes would have numbers that the generation takes for old ones.
        raise CorruptionError(
            f"the generation of {index!r} is at change {number}, but the catalogue at {newest}: the "
            f"catalogue is of an earlier day; build a generation from it with `shelfwise indexes rebuild {index}`"
        )
    return newest


def _prepare(
    catalogue: CatalogueStore,
    index: str,
    schema: Schema,
    embedder: Embedder | None,
    after: int,
    tally: Tally | None = None,
    until: int | None = None,
) -> _Chunk | None:
    """The next changes, read and embedded; None when there are no more.

    Args:
        until: the last number wanted, None for all.
    """
    changes = catalogue.changes(index, after, MAX_BATCH)
    if until is not None:
        changes = [change for change in changes if change.change_number <= until]
    if not changes:
        return None
    deleted = {change.id: change.change_number for change in changes if not change.document}
    documents: list[IndexDocument] = []
    rejected: dict[str, str] = {}
    present = [(change, from_document(orjson.loads(change.document))) for change in changes if change.document]
    vectors = _vectors([embedded_text(product, schema) for _, product in present], embedder)
    for (change, product), vector in zip(present, vectors, strict=True):
        if tally is not None:
            tally.add(product)
        if isinstance(vector, Exception):
            _log.error("index %s: product %r cannot be embedded", index, product.id, exc_info=vector)
            rejected[product.id] = f"it cannot be embedded: {vector}"
            deleted[product.id] = change.change_number
        else:
            documents.append(to_index_document(product, schema, change.change_number, vector, change.document or b""))
    return _Chunk(documents, deleted, rejected, changes[-1].change_number)


def _vectors(texts: list[str], embedder: Embedder | None) -> Sequence[NDArray[np.float32] | Exception | None]:
    """The vector of each text; where one makes the encoder fail, the error in its place."""
    if embedder is None:
        return [None] * len(texts)
    try:
        return embedder.vectors(texts)
    except IndexerError:
        raise  # no fault of a text's
    except Exception:  # noqa: BLE001 - which text it is, is found out one by one
        return [_vector(text, embedder) for text in texts]


def _vector(text: str, embedder: Embedder) -> NDArray[np.float32] | Exception | None:
    try:
        return embedder.vectors([text])[0]
    except IndexerError:
        raise
    except Exception as error:  # noqa: BLE001 - the caller logs it, and rejects the product
        return error


def _first(reasons: Mapping[str, str]) -> dict[str, str]:
    return dict(islice(reasons.items(), _NAMED))
