"""Reading records back."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import ConfigurationError
from search.records.file import HEADER, new_path, record_files
from search.records.reader import read_records
from search.records.record import to_line

EARLY, LATE = datetime(2026, 2, 2, 10, tzinfo=UTC), datetime(2026, 2, 5, 10, tzinfo=UTC)


@pytest.fixture
def path(folder: Path, new_record: Any) -> Path:
    """A file of two days ago, and one of today."""
    folder.mkdir()
    for moment in (EARLY, LATE):
        lines = [
            to_line(new_record(f"{moment:%d}-{index}", at_s=moment.timestamp(), index=index)) for index in ("shop", "b")
        ]
        new_path(folder, moment).write_bytes(HEADER + b"".join(lines))
    return record_files(folder)[1]


def ids(folder: Path, **options: Any) -> list[str]:
    return [found["query_id"] for found in read_records(folder, **options)]


def test_all_of_an_index_or_since_a_time(folder: Path, path: Path) -> None:
    assert ids(folder) == ["02-shop", "02-b", "05-shop", "05-b"]
    assert ids(folder, index="b") == ["02-b", "05-b"]
    assert ids(folder, since=LATE) == ["05-shop", "05-b"]
    assert ids(folder, since=LATE.replace(hour=11)) == []


def test_a_compressed_file_is_read_like_any(folder: Path, path: Path) -> None:
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert ids(folder) == ["02-shop", "02-b", "05-shop", "05-b"]  # not twice, while both are there
    path.unlink()
    assert ids(folder) == ["02-shop", "02-b", "05-shop", "05-b"]


def test_a_file_that_is_compressed_or_goes_meanwhile_is_no_trouble(folder: Path, path: Path) -> None:
    reading = read_records(folder)
    assert next(reading)["query_id"] == "02-shop"
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    assert [found["query_id"] for found in reading] == ["02-b", "05-shop", "05-b"]
    reading = read_records(folder)
    next(reading)
    path.with_name(path.name + ".gz").unlink()
    assert [found["query_id"] for found in reading] == ["02-b"]


def test_a_half_line_at_the_end_is_passed_over(folder: Path, path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.write_bytes(path.read_bytes()[:-4])
    assert ids(folder) == ["02-shop", "02-b", "05-shop"]
    assert "no JSON" not in caplog.text  # a process was killed, no file is damaged
    path.write_bytes(HEADER[:7])
    assert ids(folder) == ["02-shop", "02-b"]


def test_a_damaged_line_is_told_and_passed_over(folder: Path, path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], b'{"kind": \n', *lines[1:]]))
    assert ids(folder) == ["02-shop", "02-b", "05-shop", "05-b"]
    assert f"{path} has a line that is no JSON" in caplog.text


def test_records_of_a_later_release_are_refused(folder: Path, path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"version":1', b'"version":2', 1))
    with pytest.raises(ConfigurationError, match=f"{path} holds search records of version 2, and this release knows"):
        ids(folder)


def test_other_files_are_left_alone(folder: Path, path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "notes.jsonl").write_text("{}\n{}\n")
    new_path(folder, LATE).write_text('{"format": "recipes"}\n{}\n')
    assert ids(folder) == ["02-shop", "02-b", "05-shop", "05-b"]
    assert "is no file of search records" in caplog.text
