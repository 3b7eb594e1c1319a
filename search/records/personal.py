"""The records of one person: found, and taken out of the files while other processes write to them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from indexer.files import disk_errors
from indexer.store.event_records import Person
from search.records.file import PACKED, PLAIN, drop_leftovers, locked, read_lines, record_files, replace
from search.records.reader import lines_of, parsed

SETTLE_S = 3.0
"""After so long what every process held in its buffer is on disk, or dropped."""

_QUERY_ID = re.compile(rb'"query_id":"([^"\\]*)"')
"""Its first match is the record's own: the ids of records stand before anything that a person typed."""

_SOMEBODY = re.compile(rb'"(?:user|session)_id":"[^"]')


class PersonalRecords:
    """The records of persons in a folder.

    Args:
        folder: where the files are.
        settle_s: how long what was asked just now may take to be on disk.
    """

    def __init__(self, folder: Path, settle_s: float = SETTLE_S) -> None:
        self._folder = folder
        self._settle_s = settle_s

    def settle(self) -> None:
        """Waits until what running processes hold in their buffers is on disk; their first records make the folder."""
        time.sleep(self._settle_s)

    def of_person(self, person: Person) -> Iterator[dict[str, Any]]:
        """All records of a person, as they are kept.

        Raises:
            ConfigurationError: a later release wrote a file.
            StorageError: a file cannot be read.
        """
        is_theirs = _Theirs(person)
        for path in record_files(self._folder):
            for line in lines_of(path):
                record = parsed(line, path) if is_theirs(line) else None
                if record is not None:
                    yield record

    def erase(self, person: Person) -> int:
        """Writes every file that holds records of a person anew without them; says how many there were.

        A process that is writing to a file notices, and goes on in another.

        Raises:
            StorageError: a file cannot be read or written; the others may be done.
        """
        with disk_errors(self._folder):
            drop_leftovers(self._folder)
        is_theirs = _Theirs(person)
        return sum(_erase(path, is_theirs) for path in record_files(self._folder))


class _Theirs:
    """Tells whether a line is a person's, also half a line that a killed process left."""

    def __init__(self, person: Person) -> None:
        ids = (("user_id", person.user_id), ("session_id", person.session_id))
        self._marks = [b'"%s":%s' % (name.encode(), orjson.dumps(id_)) for name, id_ in ids if id_]
        self._query_ids = {id_.encode() for id_ in person.query_ids}

    def __call__(self, line: bytes) -> bool:
        if any(mark in line for mark in self._marks):
            return True
        found = _QUERY_ID.search(line) if self._query_ids else None
        return found is not None and found[1] in self._query_ids and _SOMEBODY.search(line) is None


def _erase(path: Path, is_theirs: _Theirs) -> int:
    with disk_errors(path):
        try:
            with open(path, "rb") as file, locked(file.fileno(), path) as is_there:
                if is_there:
                    return _written_without(path, is_theirs)
        except FileNotFoundError:
            pass
    # Somebody compressed it, or erased in it at the same time.
    packed = path.with_name(path.name.removesuffix(PLAIN) + PACKED)
    now = next((there for there in (path, packed) if there.exists()), None)
    return 0 if now is None else _erase(now, is_theirs)


def _written_without(path: Path, is_theirs: _Theirs) -> int:
    lines = read_lines(path)
    kept = [line for line in lines if not is_theirs(line)]
    gone = len(lines) - len(kept)
    if gone:
        # Behind the last line there is nothing but half of one.
        replace(path, b"".join(line + b"\n" for line in kept if line), path)
    return gone
