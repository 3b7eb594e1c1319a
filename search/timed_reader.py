"""How long a request was in the engine, whichever stage asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.engines.protocol import EngineReader, GenerationSpec, Vocabulary
from indexer.engines.query import Scope, SearchQuery, SearchResult, Words

P = ParamSpec("P")
T = TypeVar("T")


class TimedReader:
    """A reader for one request, in one thread: every call is passed on, and its time added up.

    Args:
        reader: what answers.
    """

    def __init__(self, reader: EngineReader) -> None:
        self._reader = reader
        self.spec: GenerationSpec = reader.spec
        self.ms = 0.0
        """Milliseconds in the engine so far; those in which it waited for the query's vector are among them."""

    @property
    def change_number(self) -> int:
        return self._reader.change_number

    @property
    def min_cosine(self) -> float:
        return self._reader.min_cosine

    def refresh(self) -> bool:
        return self._reader.refresh()

    def search(self, query: SearchQuery) -> SearchResult:
        return self.timed(self._reader.search, query)

    def count(self, words: Words | None, scope: Scope) -> int:
        return self.timed(self._reader.count, words, scope)

    def matching(self, words: Words | None, scope: Scope, ids: Sequence[str]) -> frozenset[str]:
        return self.timed(self._reader.matching, words, scope, ids)

    def sources(self, ids: Sequence[str]) -> list[bytes | None]:
        return self.timed(self._reader.sources, ids)

    def vectors(self, ids: Sequence[str]) -> list[NDArray[np.float32] | None]:
        return self.timed(self._reader.vectors, ids)

    def vocabulary(self, enforced: Scope) -> Vocabulary:
        return _TimedVocabulary(self, self.timed(self._reader.vocabulary, enforced))

    def document_count(self) -> int:
        return self.timed(self._reader.document_count)

    def damage(self) -> list[str]:
        return self._reader.damage()

    def close(self) -> None:
        self._reader.close()

    def timed(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The call's result; what it took is added."""
        start = time.perf_counter()
        try:
            return call(*args, **kwargs)
        finally:
            self.ms += (time.perf_counter() - start) * 1000


class _TimedVocabulary:
    """The words of a `TimedReader`."""

    def __init__(self, clock: TimedReader, vocabulary: Vocabulary) -> None:
        self._clock = clock
        self._vocabulary = vocabulary

    def count(self, word: str) -> int:
        return self._clock.timed(self._vocabulary.count, word)

    def starting_with(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        return self._clock.timed(self._vocabulary.starting_with, prefix, limit)

    def near(self, word: str, max_edits: int, limit: int) -> list[tuple[str, int, int]]:
        return self._clock.timed(self._vocabulary.near, word, max_edits, limit)

    def beside(self, words: Words | None, scope: Scope, prefix: str, limit: int) -> list[str]:
        return self._clock.timed(self._vocabulary.beside, words, scope, prefix, limit)

    def near_beginning(self, beginning: str, max_edits: int, limit: int) -> list[tuple[str, int, int]]:
        return self._clock.timed(self._vocabulary.near_beginning, beginning, max_edits, limit)
