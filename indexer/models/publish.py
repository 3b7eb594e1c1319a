"""Putting a model that was made from another where every process finds it: whole or not at all, and made once."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from indexer.errors import StorageError


def model_folder(models_dir: Path, name: str, version: str) -> Path:
    """Where the model made from `name` is kept; what a file name cannot hold becomes a hyphen."""
    return models_dir / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', name).strip('-.')}-{version}"


def publish(folder: Path, build: Callable[[Path], None]) -> None:
    """Makes `folder` by letting `build` fill an empty one beside it, which is then renamed.

    Of several processes one builds, and the others wait for it. A process that is killed leaves nothing that could be
    taken for a model; the next one clears it away. Does nothing where `folder` exists.

    Raises:
        StorageError: the disk refused; errors of `build` pass unchanged, and nothing is published then.
    """
    if folder.is_dir():
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{folder.name}.lock")):
            if not folder.is_dir():
                _build_and_rename(folder, build)
    except OSError as error:
        raise StorageError(
            f"{folder} could not be written ({error}); make room or set another data directory"
        ) from error


def _build_and_rename(folder: Path, build: Callable[[Path], None]) -> None:
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # what a killed process left
    partial.mkdir()
    try:
        build(partial)
        for path in (*partial.iterdir(), partial):
            _sync(path)
        os.replace(partial, folder)
        _sync(folder.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
