"""A sentence model in torch, as sentence-transformers runs it: exact, and slower. Imports torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from indexer.encoders.describe import DEFAULT_MAX_TOKENS, describe
from indexer.encoders.protocol import EncoderManifest
from indexer.encoders.vectors import places_of_texts, shortened
from indexer.models.source import ModelSource

FORM = "fp32.1"


class SentenceEncoder:
    """Encodes with sentence-transformers on the processor, one text at a time: in a batch, the length of the longest
    text would change the last bits of the others. Thread-safe, but one call at a time.

    Args:
        source: the model; its code is never run, only its weights are read.
        threads: torch's threads, for the whole process.
        max_tokens: texts are cut here, or at the model's limit.
        languages: overrides the languages that the model says it covers.
        truncate_dim: vectors are cut to this many dimensions.

    Raises:
        ConfigurationError: `truncate_dim` or `max_tokens` is out of range.
    """

    def __init__(
        self,
        source: ModelSource,
        *,
        threads: int,
        max_tokens: int = DEFAULT_MAX_TOKENS,
        languages: Sequence[str] | None = None,
        truncate_dim: int | None = None,
    ) -> None:
        torch.set_num_threads(threads)
        self._model = load_model(source.folder)
        # Not promised to be thread-safe: a call may set up the tokenizer anew, which fails ("Already borrowed") while
        # another thread is in it.
        self._lock = Lock()
        self._manifest = describe(
            source,
            FORM,
            dim=model_dim(self._model),
            token_limit=token_limit(self._model),
            max_tokens=max_tokens,
            languages=languages,
            truncate_dim=truncate_dim,
        )
        self._model.max_seq_length = self._manifest.max_tokens

    @property
    def manifest(self) -> EncoderManifest:
        return self._manifest

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encode(self._model.encode_query, texts)

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encode(self._model.encode_document, texts)

    def _encode(self, encode: Callable[..., NDArray[np.float32]], texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self._manifest.dim), dtype=np.float32)
        places = places_of_texts(texts)
        if places:
            with self._lock:
                encoded = encode(
                    [texts[place] for place in places],
                    batch_size=1,
                    show_progress_bar=False,
                    normalize_embeddings=True,
                )
            vectors[places] = shortened(encoded, self._manifest.truncate_dim)
        return vectors


def load_model(folder: Path) -> SentenceTransformer:
    """The model of a folder, on the processor, in evaluation mode, with attention that can be traced."""
    model = SentenceTransformer(
        str(folder), device="cpu", local_files_only=True, model_kwargs={"attn_implementation": "eager"}
    )
    return model.eval()


def model_dim(model: SentenceTransformer) -> int:
    """The length of the model's vectors."""
    return len(model.encode("a", show_progress_bar=False))


def token_limit(model: SentenceTransformer) -> int:
    """The longest text, in tokens, that the model can read."""
    config = getattr(model.transformers_model, "config", None)
    limits = (model.max_seq_length, getattr(config, "max_position_embeddings", None))
    return int(min(limit for limit in limits if limit is not None))
