"""The cache of query vectors."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.encoders.cache import CachedQueries
from indexer.encoders.hashing import HashingEncoder
from indexer.errors import ConfigurationError


class Recording(HashingEncoder):
    """Hashing that remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[str]] = []

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.append(list(texts))
        return super().encode_queries(texts)


def test_a_query_is_computed_once_and_stays_what_it_was() -> None:
    inner = Recording()
    cached = CachedQueries(inner, capacity=10)
    texts = ["kettle", "lamp", "kettle", ""]
    first = cached.encode_queries(texts)
    wanted = HashingEncoder().encode_queries(texts)
    assert first.tobytes() == wanted.tobytes()
    first[:] = 7  # what a caller does to its answer is its own affair
    assert cached.encode_queries(texts).tobytes() == wanted.tobytes()
    assert inner.asked == [["kettle", "lamp", ""]]


def test_the_one_used_longest_ago_goes_first() -> None:
    inner = Recording()
    cached = CachedQueries(inner, capacity=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        cached.encode_queries([text])
    # "a" was used again before "c" came, so "b" went.
    assert inner.asked == [["a"], ["b"], ["c"], ["b"]]


def test_more_texts_at_once_than_the_cache_holds_are_all_answered() -> None:
    texts = [f"word{number}" for number in range(20)]
    cached = CachedQueries(HashingEncoder(), capacity=3)
    assert cached.encode_queries(texts).tobytes() == HashingEncoder().encode_queries(texts).tobytes()


def test_documents_are_not_kept() -> None:
    inner = Recording()
    cached = CachedQueries(inner, capacity=10)
    cached.encode_documents(["kettle"])
    cached.encode_queries(["kettle"])
    assert inner.asked == [["kettle"]]


def test_threads_that_crowd_a_small_cache_get_right_answers() -> None:
    cached = CachedQueries(HashingEncoder(), capacity=3)
    texts = [f"word{number % 7}" for number in range(400)]
    with ThreadPoolExecutor(8) as pool:
        vectors = list(pool.map(lambda text: cached.encode_queries([text])[0], texts))
    assert np.array_equal(np.stack(vectors), HashingEncoder().encode_queries(texts))


def test_a_cache_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="capacity of the query cache is 0; at least 1"):
        CachedQueries(HashingEncoder(), capacity=0)
