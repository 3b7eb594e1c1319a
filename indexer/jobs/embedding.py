"""Vectors of texts: known ones from the store, new ones from the encoder, kept for the next time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.protocol import TextEncoder
from indexer.product import text_hash
from indexer.store.protocol import EmbeddingStore


class Embedder:
    """Embeds texts under one encoder version; a text that was ever embedded under it is not computed again.

    Attributes:
        computed: texts that were new.
        reused: texts that were known.
    """

    def __init__(self, encoder: TextEncoder, store: EmbeddingStore) -> None:
        self._encoder = encoder
        self._store = store
        self.computed = 0
        self.reused = 0

    @property
    def encoder(self) -> TextEncoder:
        """What computes new vectors."""
        return self._encoder

    @property
    def version(self) -> str:
        """What the embeddings are kept by."""
        return self._encoder.manifest.version

    @property
    def dim(self) -> int:
        """Length of the vectors."""
        return self._encoder.manifest.dim

    def vectors(self, texts: Sequence[str]) -> list[NDArray[np.float32] | None]:
        """float32 (dim,) of each text, None for an empty one."""
        hashes = [text_hash(text) for text in texts]
        known = self._store.get(self.version, list(dict.fromkeys(h for h, t in zip(hashes, texts, strict=True) if t)))
        new = {h: text for h, text in zip(hashes, texts, strict=True) if text and h not in known}
        if new:
            vectors = self._encoder.encode_documents(list(new.values()))
            self._store.put(self.version, list(new), vectors)
            # As the store gives them back: a rebuild then has the very same vectors.
            known.update(zip(new, vectors.astype(np.float16).astype(np.float32), strict=True))
        self.computed += len(new)
        self.reused += len(texts) - len(new)
        return [known[h] if text else None for h, text in zip(hashes, texts, strict=True)]
