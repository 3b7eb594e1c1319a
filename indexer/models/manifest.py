"""What a kept model says of itself: its files with their hashes, what made them, and the facts its user needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import orjson

from indexer.errors import CorruptionError
from indexer.models.source import file_hash

FORMAT = 1
"""Of manifest.json; grows when an older release could not read it."""

FILE_NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """The manifest of one kept model.

    Args:
        name: what the settings call the model.
        version: of what was made from it; the folder is named by both.
        files: sha256 by file, of every file in the folder but the manifest.
        libraries: versions of the libraries that made the files, by distribution.
        facts: what the user of the model needs to know, as plain JSON types (the encoder's dim and parity, say).
        format: version of this record.
    """

    name: str
    version: str
    files: Mapping[str, str]
    libraries: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    @classmethod
    def of(cls, folder: Path, *, name: str, version: str, libraries: Iterable[str], facts: Mapping[str, Any]) -> Self:
        """The manifest of the files that lie in `folder` now."""
        files = {path.name: file_hash(path) for path in sorted(folder.iterdir()) if path.name != FILE_NAME}
        return cls(name, version, files, library_versions(libraries), facts)

    def write(self, folder: Path) -> None:
        """Writes manifest.json into `folder`."""
        (folder / FILE_NAME).write_bytes(orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Reads manifest.json and holds every file to its hash.

        Raises:
            CorruptionError: the manifest or a file is missing, damaged or of a newer release.
        """
        remedy = f"delete {folder}; it is made again on the next use"
        try:
            data = orjson.loads((folder / FILE_NAME).read_bytes())
            if data["format"] != FORMAT:
                raise CorruptionError(f"{folder / FILE_NAME} has format {data['format']}, wanted {FORMAT}; {remedy}")
            manifest = cls(**data)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CorruptionError(f"{folder / FILE_NAME} cannot be read ({error!r}); {remedy}") from error
        for name, wanted in manifest.files.items():
            path = folder / name
            seen = file_hash(path) if path.is_file() else "nothing"
            if seen != wanted:
                raise CorruptionError(f"{path} has sha256 {seen}, wanted {wanted}; {remedy}")
        return manifest


def library_versions(distributions: Iterable[str]) -> dict[str, str]:
    """The installed version of each distribution."""
    return {name: version(name) for name in distributions}
