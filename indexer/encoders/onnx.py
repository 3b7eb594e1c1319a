"""A sentence model as an int8 graph in ONNX Runtime: the encoder that serves. It needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from indexer.encoders.protocol import EncoderManifest
from indexer.encoders.vectors import places_of_texts, shortened
from indexer.models.session import Session

GRAPH_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
INPUT = "input_ids"
OUTPUT = "embedding"

CHUNK = 16
"""Texts that a thread takes at a time."""


class OnnxEncoder:
    """Encodes one text per call of the graph: its activations are quantised over everything in a call, so that
    among others the same text would get another vector. Thread-safe.

    Args:
        manifest: what the encoder says of itself; also tells where texts and vectors are cut.
        folder: holds the graph (input ids of one text → unit vector) and the tokenizer.
        query_prompt: stands before every query, as the model was trained.
        document_prompt: stands before every document.
        threads: how many texts are encoded side by side.

    Raises:
        CorruptionError: the graph cannot be opened.
    """

    def __init__(
        self,
        manifest: EncoderManifest,
        folder: Path,
        *,
        query_prompt: str = "",
        document_prompt: str = "",
        threads: int = 1,
    ) -> None:
        self._manifest = manifest
        self._query_prompt = query_prompt
        self._document_prompt = document_prompt
        self._threads = threads
        self._session = Session(folder / GRAPH_FILE)
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
        # The file may carry its own: padding would be read as text here, and the cut is the manifest's.
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(manifest.max_tokens)

    @property
    def manifest(self) -> EncoderManifest:
        return self._manifest

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encode(self._query_prompt, texts)

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encode(self._document_prompt, texts)

    def _encode(self, prompt: str, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self._manifest.dim), dtype=np.float32)
        places = places_of_texts(texts)

        def fill(chunk: Sequence[int]) -> None:
            for place in chunk:
                vectors[place] = self._vector(prompt + texts[place])

        chunks = [places[start : start + CHUNK] for start in range(0, len(places), CHUNK)]
        if self._threads == 1 or len(chunks) <= 1:
            for chunk in chunks:
                fill(chunk)
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(fill, chunks))  # the list waits for all, and raises what a thread raised
        return vectors

    def _vector(self, text: str) -> NDArray[np.float32]:
        """float32 (1, dim)"""
        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        return shortened(self._session.run({INPUT: ids}), self._manifest.truncate_dim)
