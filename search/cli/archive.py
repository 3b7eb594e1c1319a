"""The file of a backup: a tar of a manifest and the catalogue, written whole or not at all, checked when it is read."""

from __future__ import annotations

import io
import os
import tarfile
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import orjson

from indexer.errors import CorruptionError, InputError
from indexer.files import disk_errors, sync_directory
from indexer.models.source import file_hash

FORMAT = 1
"""Grows when an earlier release could not read what this one writes."""

MANIFEST = "manifest.json"
CATALOGUE = "catalogue.db"

_MAX_MANIFEST_BYTES = 10_000_000
_CHUNK_BYTES = 1 << 20
_MODES = {".tar": "w", ".tar.gz": "w:gz", ".tgz": "w:gz"}

Advance = Callable[[int], None]
"""Hears how many more bytes are done."""


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup says of itself.

    Args:
        shelfwise: the release that wrote it.
        created_at: ISO 8601 in UTC.
        catalogue_sha256: of the catalogue's file, in hexadecimal digits.
        catalogue_bytes: its size.
        indexes: name, products and change_number of each index.
        settings: of the process that wrote it, without secrets and paths; for comparison.
        format: of this record and the archive.
    """

    shelfwise: str
    created_at: str
    catalogue_sha256: str
    catalogue_bytes: int
    indexes: Sequence[Mapping[str, Any]] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    format: int = FORMAT


def check_name(path: Path) -> None:
    """Makes sure that a backup can be written under this name.

    Raises:
        InputError: it is none of *.tar, *.tar.gz and *.tgz, it exists already, or its folder does not.
    """
    if not path.name.endswith(tuple(_MODES)):
        raise InputError(
            f"backup {path}: the name ends in none of {', '.join(_MODES)}; .tar.gz is smaller, .tar faster"
        )
    if path.exists():
        raise InputError(f"backup {path} exists already; choose another name, or move it away first")
    if not path.parent.is_dir():
        raise InputError(f"backup {path}: there is no folder {path.parent}; make it first")


def write_archive(path: Path, manifest: BackupManifest, catalogue: Path, advance: Advance) -> None:
    """Writes a backup: beside its name first, then renamed, so that a file of that name is a whole one.

    Args:
        catalogue: a file that nobody writes to.

    Raises:
        InputError: see `check_name`.
        StorageError: the disk refused; nothing is left behind.
    """
    check_name(path)
    mode = next(mode for suffix, mode in _MODES.items() if path.name.endswith(suffix))
    partial = path.with_name(f".{path.name}.partial")
    with disk_errors(path):
        try:
            with tarfile.open(partial, mode) as tar:  # type: ignore[call-overload]
                data = orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2)
                tar.addfile(_member(MANIFEST, len(data)), io.BytesIO(data))
                with open(catalogue, "rb") as file:
                    tar.addfile(_member(CATALOGUE, manifest.catalogue_bytes), _Counted(file, advance))
            with open(partial, "rb") as file:
                os.fsync(file.fileno())
            os.replace(partial, path)
            sync_directory(path.parent)
        finally:
            partial.unlink(missing_ok=True)


def read_archive(path: Path, folder: Path, advance: Advance) -> BackupManifest:
    """Unpacks a backup's catalogue to `folder`/catalogue.db, checked against its hash.

    Only the two members that a backup has are taken, as plain files, under names of our own: no name in the archive
    ever becomes a path.

    Raises:
        InputError: it is no backup, or one of a later release.
        CorruptionError: it is damaged or cut short.
        StorageError: the disk refused.
    """
    manifest: BackupManifest | None = None
    unpacked = False
    try:
        with tarfile.open(path, "r|*") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isreg() else None
                if content is not None and member.name == MANIFEST and manifest is None:
                    manifest = _manifest(path, content.read(_MAX_MANIFEST_BYTES))
                elif content is not None and member.name == CATALOGUE and manifest is not None and not unpacked:
                    if member.size != manifest.catalogue_bytes:
                        raise CorruptionError(
                            f"the catalogue in {path} has {member.size:,} bytes, wanted {manifest.catalogue_bytes:,}: "
                            "copy the file again, or take another one"
                        )
                    with disk_errors(folder):
                        _copy(content, folder / CATALOGUE, advance)
                    unpacked = True
                else:
                    raise InputError(
                        f"{path} holds {member.name!r}, which no backup of Shelfwise has: nothing was changed"
                    )
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}; check path and permissions") from error
    except (tarfile.TarError, EOFError, zlib.error) as error:
        if manifest is None:
            raise InputError(f"{path} is no backup of Shelfwise: {error}") from error
        raise CorruptionError(
            f"{path} is damaged or cut short ({error}): copy it again, or take another one"
        ) from error
    if manifest is None or not unpacked:
        raise CorruptionError(
            f"{path} lacks its {CATALOGUE if manifest else MANIFEST}: copy it again, or take another one"
        )
    seen = file_hash(folder / CATALOGUE)
    if seen != manifest.catalogue_sha256:
        raise CorruptionError(
            f"the catalogue in {path} has sha256 {seen}, wanted {manifest.catalogue_sha256}: the file was damaged; "
            "copy it again, or take another one"
        )
    return manifest


def _manifest(path: Path, data: bytes) -> BackupManifest:
    try:
        values = orjson.loads(data)
        if values["format"] > FORMAT:
            raise InputError(
                f"{path} is a backup of format {values['format']}, this release reads up to {FORMAT}: restore it with "
                f"shelfwise {values['shelfwise']} or later"
            )
        manifest = BackupManifest(**values)
        if not isinstance(manifest.catalogue_bytes, int) or not isinstance(manifest.settings, dict):
            raise TypeError("values of the wrong kind")  # noqa: TRY301 - one message for all of them
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no backup of Shelfwise: its {MANIFEST} cannot be read ({error})") from error
    return manifest


def _copy(content: IO[bytes], target: Path, advance: Advance) -> None:
    with open(target, "wb") as file:
        while chunk := content.read(_CHUNK_BYTES):
            file.write(chunk)
            advance(len(chunk))
        file.flush()
        os.fsync(file.fileno())


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mtime = int(time.time())
    member.mode = 0o600
    return member


class _Counted(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, file: IO[bytes], advance: Advance) -> None:
        self._file = file
        self._advance = advance

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._advance(len(data))
        return data
