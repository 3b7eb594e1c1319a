"""What every catalogue store does. The contract suite in tests/contract runs over each implementation.

The catalogue is the source of truth: a call that returned is on disk, and a reader that follows change numbers misses
nothing. Every method may raise, beside what it names:

    NotFoundError       the index does not exist; the message lists those that do
    ConflictError       another process holds the database for too long: retry
    StorageError        the disk is full, broken or read-only, or the database's server cannot be reached: retry
    CorruptionError     the database is damaged, or another program's
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from indexer.store.event_protocol import EventStore
from indexer.store.records import (
    MAX_BATCH,
    AttributeCount,
    Change,
    DeleteReport,
    GenerationRecord,
    IndexRecord,
    KeptAnswer,
    ProductRecord,
    StoredProduct,
    UpsertReport,
)
from indexer.store.task_protocol import LeaseStore, TaskStore

ProductChange = Callable[[Mapping[str, ProductRecord]], Sequence[StoredProduct]]


class IndexStore(Protocol):
    """The indexes of a catalogue."""

    def create_index(self, name: str, settings: Mapping[str, Any]) -> IndexRecord:
        """Makes an empty index.

        Args:
            settings: plain JSON types, kept as they are.

        Raises:
            ConflictError: the name is taken.
        """
        ...

    def get_index(self, name: str) -> IndexRecord: ...

    def list_indexes(self) -> list[IndexRecord]:
        """All indexes, by name."""
        ...

    def update_settings(self, name: str, settings: Mapping[str, Any], expected_version: int) -> IndexRecord:
        """Replaces the settings, and moves their version on by one.

        Raises:
            ConflictError: the settings are not of `expected_version` any more.
        """
        ...

    def delete_index(self, name: str) -> None:
        """Deletes an index with all that it holds. It is gone at once; what was interrupted is finished later."""
        ...

    def copy_index(self, name: str, new: str) -> IndexRecord:
        """Copies products, settings and attribute counts, with their change numbers; no generations.

        The copy is seen only when it is complete, as of one moment.

        Raises:
            ConflictError: the new name is taken.
        """
        ...


class ProductStore(Protocol):
    """The products of an index."""

    def upsert(self, index: str, batch: Sequence[StoredProduct]) -> UpsertReport:
        """Writes at most 500 products in one transaction.

        One whose content hash is unchanged writes nothing; each other takes the next change number, in their order. Of
        equal ids the last wins.

        Raises:
            InputError: too many, or an id that is empty, longer than 512 bytes, or no Unicode text.
        """
        ...

    def modify(self, index: str, ids: Sequence[str], change: ProductChange) -> UpsertReport:
        """Writes what `change` makes of at most 500 products, in one transaction: no other write comes between.

        Args:
            change: is given those of `ids` that are there, by id, and gives what is to be written of them. What it
                raises undoes the whole.

        Raises:
            InputError: as in `upsert`.
        """
        ...

    def delete(self, index: str, ids: Sequence[str]) -> DeleteReport:
        """Turns at most 500 products into tombstones, each with a change number; unknown ids change nothing.

        Raises:
            InputError: too many.
        """
        ...

    def changes(self, index: str, after: int, limit: int) -> list[Change]:
        """The products whose latest change is newer than number `after`, at most `limit`, by number.

        Whoever goes on from the last number of each answer has the present state of everything in the end: a product
        that changes meanwhile moves on to its newer number.
        """
        ...

    def get(self, index: str, ids: Sequence[str]) -> dict[str, ProductRecord]:
        """Those of `ids` that are there, by id."""
        ...

    def count(self, index: str) -> int:
        """How many products there are."""
        ...

    def ids(self, index: str, after_id: str, limit: int) -> list[str]:
        """The next ids after `after_id` in the order of the database; "" for the first."""
        ...

    def scan(self, index: str, after_id: str, limit: int) -> list[ProductRecord]:
        """The next products after `after_id`, in the order of `ids`."""
        ...

    def set_text_hashes(self, index: str, hashes: Mapping[str, bytes]) -> None:
        """Records what is embedded of at most 500 unchanged products, after the template has changed.

        Takes no change number: what is derived changes, not the product.

        Raises:
            InputError: too many.
        """
        ...


class Sync(Protocol):
    """The removal of what a feed no longer has; see `CatalogueStore.begin_sync`.

    Every method raises ConflictError when another sync of the index has begun since.
    """

    def mark_seen(self, ids: Iterable[str]) -> None:
        """Keeps these products; ids that are not in the catalogue do no harm."""
        ...

    def unseen_count(self) -> int:
        """How many products `delete_unseen` has yet to delete."""
        ...

    def delete_unseen(self, limit: int = MAX_BATCH) -> DeleteReport:
        """Deletes the next products that were not seen, at most `limit`; none are left when it deletes none."""
        ...

    def end(self) -> None:
        """Forgets the marks."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class GenerationStore(Protocol):
    """The generations of each index. Every method raises NotFoundError for one that does not exist."""

    def create(self, index: str, spec: Mapping[str, Any], note: str = "") -> GenerationRecord:
        """Records a generation that is about to be built, under the next number."""
        ...

    def get(self, index: str, number: int) -> GenerationRecord: ...

    def list_all(self, index: str) -> list[GenerationRecord]:
        """All generations, oldest first."""
        ...

    def live(self, index: str) -> GenerationRecord | None:
        """The generation that answers searches; None before the first is ready."""
        ...

    def advance(self, index: str, number: int, change_number: int) -> None:
        """Records that the engine has committed every change up to `change_number`; an older one is ignored."""
        ...

    def mark_ready(self, index: str, number: int) -> None:
        """Records that a build is done and checked.

        Raises:
            ConflictError: it is not being built.
        """
        ...

    def mark_failed(self, index: str, number: int, note: str) -> None:
        """Records that a build was given up, and why.

        Raises:
            ConflictError: it is neither being built nor ready.
        """
        ...

    def switch(self, index: str, number: int) -> None:
        """Makes a generation live, the live one previous and the previous one retired, in one transaction.

        Raises:
            ConflictError: it is neither ready nor previous; a live one stays live.
        """
        ...

    def delete(self, index: str, number: int) -> None:
        """Forgets a generation that the engine has dropped.

        Raises:
            ConflictError: it is live.
        """
        ...


class AttributeStore(Protocol):
    """How often each attribute of an index occurs."""

    def replace(self, index: str, counts: Sequence[AttributeCount]) -> None:
        """Puts these counts in the place of all that there were."""
        ...

    def list_all(self, index: str) -> list[AttributeCount]:
        """All counts, most frequent first, then by name."""
        ...


class EmbeddingStore(Protocol):
    """Embeddings by encoder version and text hash, shared by all indexes."""

    def get(self, encoder_version: str, hashes: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """The vectors that are known, by text hash: float32 (dim,), rounded to half precision."""
        ...

    def put(self, encoder_version: str, hashes: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Keeps vectors, float32 (n, dim); one that is known already stays as it is.

        Raises:
            InputError: hashes and vectors differ in length, or a vector is not finite.
        """
        ...

    def prune(self, keep: Collection[str]) -> int:
        """Forgets the vectors of encoder versions other than `keep`, and of texts that no product has any more.

        Returns:
            How many went.
        """
        ...


class RequestStore(Protocol):
    """Answers to requests that may come again, by the key that their callers gave them."""

    def find(self, key: str) -> KeptAnswer | None:
        """What the request of this key was answered with, None where there was none or it was pruned."""
        ...

    def keep(self, key: str, answer: KeptAnswer) -> None:
        """Keeps an answer.

        Raises:
            ConflictError: there is one of this key.
        """
        ...

    def prune(self, older_than: datetime) -> int:
        """Forgets answers that were given before then; how many went."""
        ...


class CatalogueStore(IndexStore, ProductStore, Protocol):
    """All of a catalogue. Safe to share between threads; open it after a fork, once in each process."""

    @property
    def generations(self) -> GenerationStore: ...

    @property
    def attributes(self) -> AttributeStore: ...

    @property
    def embeddings(self) -> EmbeddingStore: ...

    @property
    def tasks(self) -> TaskStore: ...

    @property
    def leases(self) -> LeaseStore: ...

    @property
    def events(self) -> EventStore: ...

    @property
    def requests(self) -> RequestStore: ...

    def begin_sync(self, index: str) -> Sync:
        """Begins the sync of an index with a whole feed; an earlier sync of it ends.

        Products that others write meanwhile are kept.
        """
        ...

    def backup(self, path: Path) -> None:
        """Writes all of it, as of one moment, to a new file, while others read and write.

        Raises:
            InputError: `path` exists already.
        """
        ...

    def close(self) -> None: ...
