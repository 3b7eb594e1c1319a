"""Reads records back, also while they are written."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from indexer.errors import ConfigurationError
from indexer.files import disk_errors
from search.records.file import FORMAT, PLAIN, VERSION, read_lines, record_files, started

_log = logging.getLogger(__name__)

_LONGEST = timedelta(days=1, hours=1)
"""A file holds the records of one day; its writer's last look at the clock may have been a moment before."""


def read_records(folder: Path, since: datetime | None = None, index: str = "") -> Iterator[dict[str, Any]]:
    """All records, file after file in the order of their beginnings.

    The last line of a file whose process was killed may be half; it is passed over.

    Args:
        since: only those from then on.
        index: only those of this index, "" for all.

    Raises:
        ConfigurationError: a later release wrote a file.
        StorageError: a file cannot be read.
    """
    earliest = "" if since is None else since.astimezone(UTC).isoformat(timespec="milliseconds")
    for path in record_files(folder):
        begun = started(path)
        if since is not None and begun is not None and begun + _LONGEST < since:
            continue
        for line in lines_of(path):
            record = parsed(line, path)
            if record is not None and record["time"] >= earliest and index in ("", record["index"]["name"]):
                yield record


def lines_of(path: Path) -> list[bytes]:
    """The lines of a file that hold records; () where it went since it was listed.

    Raises:
        ConfigurationError: a later release wrote it.
        StorageError: it cannot be read.
    """
    with disk_errors(path):
        lines = _lines(path)
    if len(lines) < 2:  # nothing but half a header
        return []
    header = parsed(lines[0], path)
    if header is None or header.get("format") != FORMAT:
        _log.warning("%s is no file of search records and is passed over", path)
        return []
    if header["version"] != VERSION:
        raise ConfigurationError(
            f"{path} holds search records of version {header['version']}, and this release knows version {VERSION}: "
            "read them with the release that wrote them, or move the file away"
        )
    *whole, rest = lines[1:]
    if rest:
        _log.info("%s ends in half a line: its process was ended while it wrote", path)
    return whole


def parsed(line: bytes, path: Path) -> dict[str, Any] | None:
    """What a line holds; None where it is damaged, which the log says."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        _log.warning("%s has a line that is no JSON and is passed over: %s", path, error)
        return None
    return found if isinstance(found, dict) else None


def _lines(path: Path) -> list[bytes]:
    try:
        return read_lines(path)
    except FileNotFoundError:
        pass
    try:
        # It may have been compressed since it was listed.
        return read_lines(path.with_name(path.name + ".gz")) if path.name.endswith(PLAIN) else []
    except FileNotFoundError:
        return []
