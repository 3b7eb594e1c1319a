"""Ids that a feed has more than once: remembered from one import to the next, so that the last row wins quietly."""

from __future__ import annotations

import hashlib
from pathlib import Path

import orjson

from indexer.errors import CorruptionError
from indexer.files import disk_errors, write_atomically
from indexer.index_name import file_name

MAX_REMEMBERED = 100_000
"""A feed with more duplicate ids is broken; remembering more would not help."""


class Duplicates:
    """Duplicate ids of one index's feeds.

    Args:
        folder: where they are remembered.
    """

    def __init__(self, folder: Path, index: str) -> None:
        self._path = _path(folder, index)
        self._known: set[str] = set()
        if self._path.exists():
            self._known.update(self._remembered())
        self._found: set[str] = set()
        self._seen: set[int] = set()

    def _remembered(self) -> list[str]:
        try:
            return list(orjson.loads(self._path.read_bytes()))
        except (orjson.JSONDecodeError, TypeError) as error:
            raise CorruptionError(
                f"{self._path} is damaged ({error}): delete it; it only remembers the ids that a feed has twice"
            ) from error

    def seen(self, id_: str) -> bool:
        """Whether this feed had the id before; remembers it."""
        # Eight bytes instead of the id: a feed of millions fits in memory.
        key = int.from_bytes(hashlib.blake2b(id_.encode(), digest_size=8).digest())
        if key in self._seen:
            if len(self._found) < MAX_REMEMBERED:
                self._found.add(id_)
            return True
        self._seen.add(key)
        return False

    def is_known(self, id_: str) -> bool:
        """Whether the last feed had the id more than once."""
        return id_ in self._known

    def save(self) -> None:
        """Remembers the ids for the next import."""
        ids = self._found | self._known
        if ids != self._known:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, orjson.dumps(sorted(ids)[:MAX_REMEMBERED]))


def forget_duplicates(folder: Path, index: str) -> None:
    """Forgets the duplicate ids of an index's feeds."""
    path = _path(folder, index)
    with disk_errors(path):
        path.unlink(missing_ok=True)


def _path(folder: Path, index: str) -> Path:
    return folder / f"{file_name(index)}.duplicates.json"
