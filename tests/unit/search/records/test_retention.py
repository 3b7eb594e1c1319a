"""How long records are kept."""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from search.records.file import HEADER, new_path, record_files
from search.records.reader import read_records
from search.records.record import to_line
from search.records.retention import COMPRESS_AFTER_S, Retention, sweep
from search.records.writer import RecordWriter

Lay = Callable[[str, float], Path]


@pytest.fixture
def lay(folder: Path, new_record: Any) -> Lay:
    """Lays a file down that was begun so many days ago."""
    folder.mkdir()

    def write(query_id: str, days: float) -> Path:
        moment = datetime.now(UTC) - timedelta(days=days)
        path = new_path(folder, moment)
        path.write_bytes(HEADER + to_line(new_record(query_id, at_s=moment.timestamp())))
        return path

    return write


def ids(folder: Path) -> list[str]:
    return [found["query_id"] for found in read_records(folder)]


def test_no_record_is_older_than_it_may_be(folder: Path, lay: Lay) -> None:
    old = lay("old", 30.01)
    lay("young", 29.99)
    assert sweep(folder, Retention(30, 10**9)) == [old]
    assert ids(folder) == ["young"]


def test_the_oldest_go_when_there_is_too_much(folder: Path, lay: Lay) -> None:
    sizes = [lay(name, days).stat().st_size for name, days in (("a", 3), ("b", 2), ("c", 1))]
    sweep(folder, Retention(30, sum(sizes)))
    assert ids(folder) == ["a", "b", "c"]
    sweep(folder, Retention(30, sum(sizes) - 1))
    assert ids(folder) == ["b", "c"]


def test_what_is_idle_is_compressed_also_under_its_writer(folder: Path, writer: RecordWriter, new_record: Any) -> None:
    writer.put(new_record("q1"))
    while writer.written < 1:
        time.sleep(0.02)
    (path,) = record_files(folder)
    sweep(folder, Retention(30, 10**9))
    assert record_files(folder) == [path]
    then = time.time() - COMPRESS_AFTER_S - 1
    os.utime(path, (then, then))
    sweep(folder, Retention(30, 10**9))
    assert [found.name for found in record_files(folder)] == [path.name + ".gz"]
    writer.put(new_record("q2"))
    writer.close()
    assert ids(folder) == ["q1", "q2"]


def test_what_a_killed_process_left_half_made_goes(folder: Path, lay: Lay) -> None:
    half = folder / f".{lay('a', 1).name}.gz.4711"
    half.write_bytes(b"half")
    sweep(folder, Retention(30, 10**9))
    assert half.exists()  # somebody may be at it
    os.utime(half, (0, 0))
    sweep(folder, Retention(30, 10**9))
    assert not half.exists()


def test_what_was_compressed_before_its_process_was_killed_is_not_left_beside(folder: Path, lay: Lay) -> None:
    path = lay("a", 1)
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    sweep(folder, Retention(30, 10**9))
    assert list(folder.iterdir()) == [packed]
    assert ids(folder) == ["a"]


@pytest.mark.parametrize("enabled", [True, False])
def test_a_serving_process_keeps_the_promise(
    folder: Path, lay: Lay, new_writer: Any, new_record: Any, enabled: bool
) -> None:
    old = lay("old", 31)
    new_writer(enabled=enabled).put(new_record())
    end = time.monotonic() + 20
    while old.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
