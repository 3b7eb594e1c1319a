"""An encoder without a model: for tests, and for trying things out where no model can be had."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.protocol import EncoderManifest
from indexer.encoders.vectors import unit_rows
from indexer.errors import ConfigurationError

DIM = 64
VERSION = 1

_WORD = re.compile(r"\w+")


class HashingEncoder:
    """Counts words in `dim` bins by their hash (Weinberger et al. 2009, without signs, so that words never cancel).

    Texts that share words are near each other, and that is all it knows. A text without letters and digits is a
    zero vector. The vectors are the same on every machine.

    Args:
        dim: how many bins; few make different words fall together.
        languages: what the manifest names as covered; () means any.

    Raises:
        ConfigurationError: `dim` is below 1.
    """

    def __init__(self, dim: int = DIM, languages: Sequence[str] = ()) -> None:
        if dim < 1:
            raise ConfigurationError(f"the dimension of hashing vectors is {dim}; at least 1 is wanted")
        self._manifest = EncoderManifest(
            name="hashing",
            version=f"hashing.{VERSION}-d{dim}",
            dim=dim,
            languages=tuple(languages),
            max_tokens=2**31,
        )

    @property
    def manifest(self) -> EncoderManifest:
        return self._manifest

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encode_documents(texts)

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self._manifest.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in _WORD.findall(text.lower()):
                vectors[row, self._bin(word)] += 1
        return unit_rows(vectors)

    def _bin(self, word: str) -> int:
        digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest, "big") % self._manifest.dim
