"""Files that survive a crash: whole or not at all, and errors that say what to do."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from indexer.errors import StorageError


def write_atomically(path: Path, data: bytes) -> None:
    """Writes beside, fsyncs, replaces, fsyncs the folder: after a crash the file is the old or the new one, whole."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with disk_errors(path), open(beside, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
        os.replace(beside, path)
        sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Makes the names in a folder durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turns the operating system's errors into a StorageError that names the file and the remedy."""
    try:
        yield
    except OSError as error:
        remedy = {
            errno.ENOSPC: "the disk is full: make room and run it again; nothing acknowledged is lost",
            errno.EDQUOT: "the disk quota is used up: make room and run it again; nothing acknowledged is lost",
            errno.EROFS: "the file system is read-only: mount it writable or set SHELFWISE_DATA_DIR elsewhere",
            errno.EACCES: "permission denied: run as the user that owns the data directory",
        }.get(error.errno or 0, "check the disk and the permissions")
        raise StorageError(f"{path}: {error.strerror or error}; {remedy}") from error


def bytes_below(folder: Path) -> int:
    """What the files in a folder and below take, as far as they are there: others may remove some meanwhile."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                total += (Path(place) / name).stat().st_size
    return total
