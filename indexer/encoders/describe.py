"""The manifest of an encoder, from its model and what the settings want of it."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.encoders.protocol import EncoderManifest
from indexer.errors import ConfigurationError
from indexer.models.source import ModelSource

DEFAULT_MAX_TOKENS = 128
MIN_MAX_TOKENS = 8
"""Below it, the special tokens and a prompt would leave nothing of the text."""


def describe(
    source: ModelSource,
    form: str,
    *,
    dim: int,
    token_limit: int,
    max_tokens: int = DEFAULT_MAX_TOKENS,
    languages: Sequence[str] | None = None,
    truncate_dim: int | None = None,
) -> EncoderManifest:
    """The manifest; its version names all that vectors depend on.

    Args:
        source: the model.
        form: how the model is computed, with the version of that: "int8.1".
        dim: of the model's own vectors.
        token_limit: the longest text that the model can read, in tokens.
        max_tokens: texts are cut here, or at the model's limit where that is lower.
        languages: ISO 639-1 codes that the settings name as covered; None for what the model says of itself.
        truncate_dim: cut vectors to this many dimensions; None for all.

    Raises:
        ConfigurationError: `truncate_dim` or `max_tokens` is out of range.
    """
    if truncate_dim is not None and not 1 <= truncate_dim <= dim:
        raise ConfigurationError(
            f"truncate_dim is {truncate_dim}; {source.name!r} has vectors of 1 to {dim} dimensions"
        )
    if max_tokens < MIN_MAX_TOKENS:
        raise ConfigurationError(f"max_tokens is {max_tokens}; at least {MIN_MAX_TOKENS} is wanted")
    tokens = min(max_tokens, token_limit)
    cut = "" if truncate_dim is None else f"-d{truncate_dim}"
    return EncoderManifest(
        name=source.name,
        version=f"{model_version(source, form)}-t{tokens}{cut}",
        dim=dim if truncate_dim is None else truncate_dim,
        languages=source.languages if languages is None else tuple(languages),
        max_tokens=tokens,
        truncate_dim=truncate_dim,
    )


def model_version(source: ModelSource, form: str) -> str:
    """The version of a model in one form: 16 digits of its fingerprint, then the form."""
    return f"{source.fingerprint[:16]}-{form}"
