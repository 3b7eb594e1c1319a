"""A file of search records on disk: how it is named, appended to, and changed under the hands of its writer.

Whoever appends to a file or puts another in its place holds the lock of the file while he does; and whoever gets the
lock makes sure first that the file is still the one of that name. So a file may be rewritten, compressed or deleted by
any process at any time: its writer notices, and begins another.
"""

from __future__ import annotations

import fcntl
import gzip
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import orjson

FORMAT = "shelfwise search records"
VERSION = 1
HEADER = orjson.dumps({"format": FORMAT, "version": VERSION}) + b"\n"
"""The first line of each file."""

PLAIN, PACKED = ".jsonl", ".jsonl.gz"
_ABANDONED_S = 60
"""To make a file takes a second: so old, nobody is at it any more."""

_GZIP_LEVEL = 6
_STARTED = "%Y%m%dT%H%M%S%fZ"


def new_path(folder: Path, now: datetime) -> Path:
    """The path of a file that begins now; in the order of their names files are in that of their beginnings."""
    return folder / f"{now.astimezone(UTC).strftime(_STARTED)}-{os.getpid()}-{secrets.token_hex(3)}{PLAIN}"


def started(path: Path) -> datetime | None:
    """When a file was begun; None where it is no file of records."""
    if not path.name.endswith((PLAIN, PACKED)):
        return None
    try:
        return datetime.strptime(path.name.partition("-")[0], _STARTED).replace(tzinfo=UTC)
    except ValueError:
        return None


def record_files(folder: Path) -> list[Path]:
    """All files of records, oldest first; of one that was being compressed when its process ended, the compressed."""
    found = sorted(path for path in folder.glob("*.jsonl*") if started(path) is not None)
    packed = {path.name for path in found if path.name.endswith(PACKED)}
    return [path for path in found if f"{path.name}.gz" not in packed]


def drop_leftovers(folder: Path) -> None:
    """Removes what killed processes left: files that are half made, and those whose compressed form is there too."""
    for path in folder.glob(".*.jsonl*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _ABANDONED_S:
                path.unlink()
    for packed in folder.glob(f"*{PACKED}"):
        plain = packed.with_name(packed.name.removesuffix(".gz"))
        with suppress(FileNotFoundError), open(plain, "rb") as file, locked(file.fileno(), plain):
            plain.unlink()


@contextmanager
def locked(descriptor: int, path: Path) -> Iterator[bool]:
    """Holds a file's lock; gives whether the file is still the one of this path."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield _is_at(descriptor, path)
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def write_all(descriptor: int, data: bytes) -> None:
    """Appends all of the data."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def read_lines(path: Path) -> list[bytes]:
    """The lines of a file without their ends; the header is the first."""
    data = path.read_bytes()
    return (gzip.decompress(data) if path.name.endswith(PACKED) else data).split(b"\n")


def replace(path: Path, lines: bytes, target: Path) -> None:
    """Puts a new file in the place of one whose lock is held: on disk when it returns, whole or not at all.

    Args:
        lines: its content, not compressed.
        target: under which name; compressed where that says so.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        descriptor = os.open(beside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        try:
            write_all(descriptor, gzip.compress(lines, _GZIP_LEVEL) if target.name.endswith(PACKED) else lines)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)
    if target != path:
        path.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), there)
