"""The int8 form of a sentence model: made on first use in a process of its own, checked, and kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from indexer.encoders.describe import model_version
from indexer.encoders.parity import Parity, require_parity
from indexer.models.child import run_module
from indexer.models.manifest import ModelManifest
from indexer.models.publish import model_folder, publish
from indexer.models.source import ModelSource, check_model

FORM = "int8.1"
"""Of the graph and its quantisation; the number grows when the same model would give other vectors."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """What the serving side must know of an exported model.

    Args:
        dim: length of its vectors.
        token_limit: the longest text that it can read, in tokens.
        query_prompt: stands before every query.
        document_prompt: stands before every document.
        parity: how near its vectors are to the model's.
    """

    dim: int
    token_limit: int
    query_prompt: str
    document_prompt: str
    parity: Parity

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `dataclasses.asdict`."""
        return cls(**{**data, "parity": Parity(**data["parity"])})


def keep_exported(source: ModelSource, models_dir: Path, *, threads: int) -> tuple[Path, ExportFacts]:
    """The folder of the int8 form and what is known of it; made first (about half a minute) where it is missing.

    Raises:
        ConfigurationError: the model's files are not the pinned ones, cannot be exported, or are too far from the
            model once they are.
        CorruptionError: what was kept is damaged.
        StorageError: the disk refused.
    """
    version = model_version(source, FORM)
    folder = model_folder(models_dir, source.name, version)

    def build(partial: Path) -> None:
        check_model(source)
        _log.info("making the int8 form of %s in %s, once; it takes about half a minute", source.name, folder)
        started = time.monotonic()
        arguments = (source.name, version, str(source.folder.resolve()), str(partial.resolve()), str(threads))
        run_module("indexer.encoders.export", *arguments)
        parity = ExportFacts.from_json(ModelManifest.read(partial).facts).parity
        require_parity(source.name, parity)
        _log.info(
            "the int8 form of %s is ready after %.0f s; cosine to the model: mean %.4f, 1st percentile %.4f, lowest "
            "%.4f over %d texts",
            source.name,
            time.monotonic() - started,
            parity.mean,
            parity.p1,
            parity.lowest,
            parity.texts,
        )

    publish(folder, build)
    return folder, ExportFacts.from_json(ModelManifest.read(folder).facts)
