"""The file that one process appends its records to: a new one each day, at a size, and where the old one was taken."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

from search.records.file import HEADER, locked, new_path, write_all


class Appending:
    """One at a time; the folder and the file are made with the first append.

    Args:
        folder: where the files of all processes are.
        max_file_bytes: about so long may a file become.
    """

    def __init__(self, folder: Path, max_file_bytes: int) -> None:
        self._folder = folder
        self._max_file_bytes = max_file_bytes
        self._descriptor = -1
        self._path = folder
        self._day = date.min
        self._size = 0

    def append(self, lines: bytes) -> None:
        """Writes whole lines.

        Raises:
            OSError: they could not be written, or not all; the next ones go to another file.
        """
        now = datetime.now(UTC)
        if self._descriptor < 0 or now.date() != self._day or self._size >= self._max_file_bytes:
            self._open(now)
        while not self._written(lines):
            self._open(now)

    def close(self) -> None:
        """Closes the file; the next append begins another."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self, now: datetime) -> None:
        self.close()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = new_path(self._folder, now)
        # What people searched for is theirs: nobody but this user reads it.
        flags = os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC
        self._descriptor = os.open(self._path, flags, 0o600)
        self._day, self._size = now.date(), 0

    def _written(self, lines: bytes) -> bool:
        """Whether they were written; they were not where somebody took the file away or put another in its place."""
        data = lines if self._size else HEADER + lines
        try:
            with locked(self._descriptor, self._path) as is_there:
                if not is_there:
                    return False
                write_all(self._descriptor, data)
        except OSError:
            # It may end in half a line, and nothing is written behind one.
            self.close()
            if not self._size:
                self._path.unlink(missing_ok=True)
            raise
        self._size += len(data)
        return True
