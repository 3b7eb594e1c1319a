"""What every text encoder does. The contract suite in tests/contract runs over each implementation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class EncoderManifest:
    """What an encoder says of itself.

    Args:
        name: what the settings call it.
        version: changes whenever the same text may give another vector; embeddings are kept by it.
        dim: length of the vectors.
        languages: ISO 639-1 codes that the model was trained for; () means any.
        max_tokens: longer texts are cut.
        fusion_weight: how much its side counts in fusion for a language that it covers.
        truncate_dim: vectors are cut to this many dimensions and normalised again; None for all.
    """

    name: str
    version: str
    dim: int
    languages: tuple[str, ...]
    max_tokens: int
    fusion_weight: float = 1.0
    truncate_dim: int | None = None

    def weight_for(self, language: str) -> float:
        """The fusion weight for texts of `language`: 0 for a language that the model does not cover."""
        return self.fusion_weight if not self.languages or language in self.languages else 0.0


class TextEncoder(Protocol):
    """Turns texts into vectors. The same text gives the same vector whatever stands beside it."""

    @property
    def manifest(self) -> EncoderManifest: ...

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts → float32 (n, dim), unit length; an empty text is a zero vector."""
        ...

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Texts → float32 (n, dim), unit length; an empty text is a zero vector."""
        ...
