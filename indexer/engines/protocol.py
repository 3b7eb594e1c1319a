"""What every engine does. The contract suite in tests/contract runs over each implementation."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from indexer.engines.query import Atom, Scope, SearchQuery, SearchResult, Words
from indexer.fields import Schema


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """A product as an engine stores it; made by `indexer.documents` from a product and a schema.

    Args:
        change_number: the catalogue's number of the change that this is; an older one never replaces a newer.
        texts: by text field and language, as written.
        values: by column, the product's own values.
        variants: by column, the values of each variant (never those of the product as a whole).
        vector: float32 (dim,), unit length, or None where the text could not be embedded.
        source: the product's canonical JSON.
    """

    id: str
    change_number: int
    texts: Mapping[str, Mapping[str, str]]
    values: Mapping[str, tuple[Atom, ...]]
    variants: tuple[Mapping[str, tuple[Atom, ...]], ...] = ()
    vector: NDArray[np.float32] | None = None
    source: bytes = b""


@dataclass(frozen=True, slots=True)
class GenerationSpec:
    """What a generation is made of; kept with it.

    Args:
        index: name of the index.
        number: of the generation, from 1.
        encoder_version: of the vectors in it, "" for none.
        dim: of the vectors, 0 for none.
    """

    index: str
    number: int
    schema: Schema
    encoder_version: str = ""
    dim: int = 0

    @property
    def name(self) -> str:
        return f"{self.index}@{self.number}"


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What became of a batch: newly written or replaced, already there (equal or newer), rejected with a reason."""

    written: int = 0
    skipped: int = 0
    rejected: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outdated:
    """A live generation with the format that it is in, and the one that this release writes."""

    index: str
    number: int
    format: int
    wanted: int


class EngineWriter(Protocol):
    """The one writer of a generation; the caller holds the lease."""

    @property
    def change_number(self) -> int:
        """The newest change number that is committed."""
        ...

    def write(self, documents: Sequence[IndexDocument]) -> WriteReport:
        """Adds or replaces; visible and durable only after `commit`."""
        ...

    def delete(self, ids: Mapping[str, int]) -> WriteReport:
        """Removes ids, each with its change number; an unknown id counts as done and is remembered."""
        ...

    def commit(self, change_number: int) -> Mapping[str, str]:
        """Makes all of it durable and visible at once; nothing older than `change_number` is missing.

        Returns:
            By id, why a product was rejected that `write` could not tell of yet; no state of it is found any more.
        """
        ...

    def finish(self, min_cosine: float | None = None, queries: NDArray[np.float32] | None = None) -> None:
        """Compacts and builds what makes reading fast; for the end of a build.

        Args:
            min_cosine: the cut-off that readers give; None leaves it as it is.
            queries: float32 (n, dim), vectors such as searches will ask with, to fit an approximate search to.
        """
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Vocabulary(Protocol):
    """The surface words of an index that the enforced filter lets one see, with the number of products of each."""

    def count(self, word: str) -> int: ...

    def starting_with(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        """(word, products), most frequent first."""
        ...

    def near(self, word: str, max_edits: int, limit: int) -> list[tuple[str, int, int]]:
        """(word, edits, products): Damerau-Levenshtein, fewest edits first, then most frequent."""
        ...

    def beside(self, words: Words | None, scope: Scope, prefix: str, limit: int) -> list[str]:
        """Words that begin so in the products that match, those first that most of these have.

        Where very many words begin so and many products match, they may be the most frequent of all products instead:
        whoever shows one looks first whether it is there.
        """
        ...

    def near_beginning(self, beginning: str, max_edits: int, limit: int) -> list[tuple[str, int, int]]:
        """(word, edits, products): words that begin with something near, in the order of `near`."""
        ...


class EngineReader(Protocol):
    """A view of one generation. Thread-safe; each call answers from one snapshot."""

    @property
    def spec(self) -> GenerationSpec: ...

    @property
    def change_number(self) -> int: ...

    @property
    def min_cosine(self) -> float:
        """The cut-off fitted for this generation: neighbours below it are no better than chance."""
        ...

    def refresh(self) -> bool:
        """Moves on to the newest commit; whether there was one."""
        ...

    def search(self, query: SearchQuery) -> SearchResult: ...

    def count(self, words: Words | None, scope: Scope) -> int:
        """How many products match all groups within scope."""
        ...

    def matching(self, words: Words | None, scope: Scope, ids: Sequence[str]) -> frozenset[str]:
        """Those of `ids` (at most 1,000) that match."""
        ...

    def sources(self, ids: Sequence[str]) -> list[bytes | None]:
        """The canonical JSON of each id, None where there is none.

        Raises:
            CorruptionError: one is not as it was written.
        """
        ...

    def vectors(self, ids: Sequence[str]) -> list[NDArray[np.float32] | None]:
        """The stored vector of each id.

        Raises:
            CorruptionError: they are not as they were written.
        """
        ...

    def vocabulary(self, enforced: Scope) -> Vocabulary: ...

    def document_count(self) -> int: ...

    def damage(self) -> list[str]:
        """What is stored otherwise than it was written, one sentence each, with the remedy; reads everything."""
        ...

    def close(self) -> None: ...


class Engine(Protocol):
    """All generations of all indexes of one place (a data directory, a cluster)."""

    def create(self, spec: GenerationSpec) -> None:
        """Makes an empty generation; one that exists already is a ConflictError."""
        ...

    def generations(self, index: str) -> list[int]:
        """The numbers of the generations that exist, in order."""
        ...

    def spec(self, index: str, number: int) -> GenerationSpec: ...

    def writer(self, index: str, number: int) -> EngineWriter: ...

    def reader(self, index: str, number: int) -> EngineReader: ...

    def live(self, index: str) -> int | None:
        """The number of the generation that the index name points at."""
        ...

    def switch(self, index: str, number: int) -> None:
        """Points the index name at a generation, atomically."""
        ...

    def drop(self, index: str, number: int) -> None:
        """Removes a generation that is not live."""
        ...

    def drop_index(self, index: str) -> None:
        """Removes an index with all its generations."""
        ...

    def outdated(self) -> list[Outdated]:
        """The live generations that an earlier release wrote, and this one writes otherwise."""
        ...

    def size_bytes(self, index: str, number: int) -> int:
        """What a generation takes up; 0 for one that is not, or no longer, there."""
        ...

    def free_bytes(self) -> int:
        """Room for further generations."""
        ...

    def strays(self, known: Collection[str]) -> list[str]:
        """What is kept of other indexes than these, as whoever removes it would call it."""
        ...

    def problems(self) -> list[str]:
        """What is wrong with the place as a whole, one sentence each, with the remedy."""
        ...

    def close(self) -> None: ...
