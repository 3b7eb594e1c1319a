"""Where a generation's files lie, and its manifest.

INDEX/live                   the number of the live generation; replaced atomically
INDEX/NUMBER/generation.json the manifest: format, spec, fitted cut-off
INDEX/NUMBER/text/           the tantivy index; its commit is the only commit point of the generation
INDEX/NUMBER/rows.log        columns, ids and versions of the rows, one chunk per commit, and checksums of it all
INDEX/NUMBER/sources.bin     the products' JSON, one after the other
INDEX/NUMBER/vectors.f16     float16 (rows, dim), zeros where a row has no vector
INDEX/NUMBER/cells.*         which cell of the vector space each row lies in: a cache that can be made anew
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson

from indexer.engines.protocol import GenerationSpec
from indexer.errors import ConfigurationError, CorruptionError, NotFoundError
from indexer.fields import schema_from_json, schema_to_json
from indexer.files import write_atomically

FORMAT = 1
"""Grows when a reader of an earlier release could not read what this one writes."""


@dataclass(frozen=True, slots=True)
class GenerationFiles:
    """The paths of one generation."""

    root: Path

    @property
    def manifest(self) -> Path:
        return self.root / "generation.json"

    @property
    def text(self) -> Path:
        return self.root / "text"

    @property
    def rows(self) -> Path:
        return self.root / "rows.log"

    @property
    def sources(self) -> Path:
        return self.root / "sources.bin"

    @property
    def vectors(self) -> Path:
        return self.root / "vectors.f16"

    @property
    def cells(self) -> Path:
        return self.root / "cells.bin"

    @property
    def cells_info(self) -> Path:
        return self.root / "cells.json"


def check_length(path: Path, committed: int) -> None:
    """Makes sure that a file has all that was committed of it.

    Raises:
        CorruptionError: it is missing or shorter.
    """
    size = path.stat().st_size if path.exists() else 0
    if size < committed:
        raise CorruptionError(
            f"{path} has {size} bytes, {committed} were committed: rebuild the index from the catalogue "
            "with `shelfwise indexes rebuild`"
        )


def index_directory(root: Path, index: str) -> Path:
    """The folder of an index; any name is safe as a folder's."""
    name = quote(index, safe="-_")
    # "." and ".." would be other folders than one of this index.
    return root / (name if name.strip(".") else name.replace(".", "%2E"))


def save_manifest(files: GenerationFiles, spec: GenerationSpec, fitted: Mapping[str, Any]) -> None:
    """Writes the manifest of a generation."""
    data = {
        "format": FORMAT,
        "index": spec.index,
        "number": spec.number,
        "encoder_version": spec.encoder_version,
        "dim": spec.dim,
        "schema": schema_to_json(spec.schema),
        "fitted": dict(fitted),
    }
    write_atomically(files.manifest, orjson.dumps(data, option=orjson.OPT_INDENT_2))


def stored_format(files: GenerationFiles) -> int:
    """The format that a generation was written in; 0 where its manifest cannot be read."""
    try:
        return int(orjson.loads(files.manifest.read_bytes())["format"])
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return 0


def load_manifest(files: GenerationFiles) -> tuple[GenerationSpec, dict[str, Any]]:
    """(spec, fitted values) of a generation.

    Raises:
        NotFoundError: there is no such generation.
        CorruptionError: the manifest is damaged.
        ConfigurationError: a later release wrote it.
    """
    try:
        raw = files.manifest.read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError(f"no generation at {files.root}") from error
    try:
        data = orjson.loads(raw)
        version = int(data["format"])
        if version > FORMAT:
            raise ConfigurationError(
                f"{files.manifest} has format {version}, this release reads up to {FORMAT}: upgrade shelfwise"
            )
        spec = GenerationSpec(
            index=data["index"],
            number=data["number"],
            schema=schema_from_json(data["schema"]),
            encoder_version=data["encoder_version"],
            dim=data["dim"],
        )
        return spec, data["fitted"]
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise CorruptionError(
            f"{files.manifest} is damaged ({error}): rebuild the index from the catalogue "
            "with `shelfwise indexes rebuild`"
        ) from error
