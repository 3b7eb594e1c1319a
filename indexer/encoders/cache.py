"""Query vectors that were computed a moment ago need not be computed again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.protocol import EncoderManifest, TextEncoder
from indexer.errors import ConfigurationError


class CachedQueries:
    """An encoder that keeps the vectors of the queries used last; documents pass through. Thread-safe.

    Args:
        encoder: what computes them.
        capacity: how many queries are kept; one of 384 dimensions takes about 2 KB.

    Raises:
        ConfigurationError: `capacity` is below 1.
    """

    def __init__(self, encoder: TextEncoder, capacity: int = 10_000) -> None:
        if capacity < 1:
            raise ConfigurationError(f"the capacity of the query cache is {capacity}; at least 1 entry is wanted")
        self._encoder = encoder
        self._capacity = capacity
        self._vectors: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = Lock()

    @property
    def manifest(self) -> EncoderManifest:
        return self._encoder.manifest

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        found = self._look_up(texts)
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            # Outside the lock: a miss must not hold up the hits of other threads.
            computed = dict(zip(missing, self._encoder.encode_queries(missing)))
            found |= computed
            self._keep(computed)
        vectors = np.empty((len(texts), self.manifest.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = found[text]
        return vectors

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encoder.encode_documents(texts)

    def _look_up(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        found: dict[str, NDArray[np.float32]] = {}
        with self._lock:
            for text in texts:
                vector = self._vectors.get(text)
                if vector is not None:
                    self._vectors.move_to_end(text)
                    found[text] = vector
        return found

    def _keep(self, vectors: dict[str, NDArray[np.float32]]) -> None:
        with self._lock:
            for text, vector in vectors.items():
                self._vectors[text] = vector.copy()  # a row alone, not a view that keeps the whole batch alive
                self._vectors.move_to_end(text)
            while len(self._vectors) > self._capacity:
                self._vectors.popitem(last=False)
