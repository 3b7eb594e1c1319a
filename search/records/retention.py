"""Retention: old files of records go, then the oldest until the rest is small enough; what is idle is compressed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from search.records.file import PACKED, PLAIN, drop_leftovers, locked, record_files, replace, started

_log = logging.getLogger(__name__)

COMPRESS_AFTER_S = 3600
"""So long was nothing written to a file that is compressed."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long records are kept.

    Args:
        days: no record is older.
        max_bytes: all files together, as they are on the disk.
    """

    days: int
    max_bytes: int


def sweep(folder: Path, retention: Retention, between: Callable[[], None] = lambda: None) -> list[Path]:
    """Removes what is too old or too much, and compresses what is idle. Any process may do it at any time.

    Args:
        between: called after each file, of which one may take a second.

    Returns:
        The files that went.
    """
    drop_leftovers(folder)
    oldest = datetime.now(UTC) - timedelta(days=retention.days)
    gone: list[Path] = []
    kept: list[Path] = []
    for path in record_files(folder):
        begun = started(path)
        if begun is not None and begun < oldest:
            _remove(path, gone)
        else:
            kept.append(_compressed(path) if path.name.endswith(PLAIN) else path)
        between()
    total = sum(_size(path) for path in kept)
    for path in kept:
        if total <= retention.max_bytes:
            break
        total -= _size(path)
        _remove(path, gone)
    return gone


def _compressed(path: Path) -> Path:
    if _age_s(path) < COMPRESS_AFTER_S:
        return path
    packed = path.with_name(path.name.removesuffix(PLAIN) + PACKED)
    try:
        with open(path, "rb") as file, locked(file.fileno(), path) as is_there:
            if not is_there:
                return packed if packed.exists() else path
            replace(path, path.read_bytes(), packed)
    except FileNotFoundError:
        return packed
    except OSError as error:
        _log.warning("%s stays as it is, it cannot be compressed: %s", path, error)
        return path
    return packed


def _remove(path: Path, gone: list[Path]) -> None:
    path.unlink(missing_ok=True)
    gone.append(path)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _age_s(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
