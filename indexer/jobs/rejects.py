"""The rejects file of an import: what was wrong with each row that was not taken."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import orjson

from indexer.feeds.records import Rejected
from indexer.files import disk_errors
from indexer.index_name import file_name


class RejectsFile:
    """JSON lines of line, id, field, value and reason; made with the first reject.

    Attributes:
        path: where it is or would be.
    """

    def __init__(self, folder: Path, index: str) -> None:
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        self.path = folder / f"{_beginning(index)}{moment}.rejects.jsonl"
        self._file: BinaryIO | None = None

    def add(self, row: Rejected) -> None:
        """Writes one reject."""
        with disk_errors(self.path):
            if self._file is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = open(self.path, "wb")  # noqa: SIM115
            self._file.write(orjson.dumps(asdict(row), option=orjson.OPT_APPEND_NEWLINE))

    def close(self) -> None:
        """Flushes it to the disk's care."""
        if self._file is not None:
            with disk_errors(self.path):
                self._file.close()


def remove_rejects(folder: Path, index: str) -> None:
    """Removes the rejects files of all imports into an index."""
    # Names of indexes may have dots in them: what follows has to be a moment, not the rest of another's name.
    own = re.compile(re.escape(_beginning(index)) + r"\d{8}T\d{6}\.\d{6}Z\.rejects\.jsonl")
    with disk_errors(folder):
        for path in folder.glob("*.rejects.jsonl"):
            if own.fullmatch(path.name):
                path.unlink(missing_ok=True)


def _beginning(index: str) -> str:
    return f"{file_name(index)}."
