"""The records of a person: found and taken out, also under a process that writes to the files."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from indexer.store.event_records import Person
from search.records.file import HEADER, new_path, record_files
from search.records.personal import PersonalRecords
from search.records.reader import lines_of, read_records
from search.records.record import PageRecord, to_line
from search.records.retention import COMPRESS_AFTER_S, Retention, sweep
from search.records.writer import RecordWriter

INDEX = {"name": "shop", "generation": 1, "change_number": 4}


@pytest.fixture
def path(folder: Path, new_record: Any) -> Path:
    """A file with records of alma, by user, session and search, among those of others."""
    folder.mkdir()
    found = new_path(folder, datetime.now(UTC))
    lines = [
        to_line(new_record("q1", user_id="alma")),
        to_line(new_record("q2", user_id='al"ma\\')),
        to_line(new_record("q3", user_id="alma2", q='"user_id":"alma"')),
        to_line(new_record("q4", session_id="visit")),
        to_line(PageRecord(1.0, "q5", 20, ("p9",), "", "", INDEX)),
        to_line(PageRecord(1.0, "q6", 20, ("p9",), "", "", INDEX)),
    ]
    found.write_bytes(HEADER + b"".join(lines))
    return found


@pytest.fixture
def personal(folder: Path) -> PersonalRecords:
    return PersonalRecords(folder, settle_s=0)


def ids(folder: Path) -> list[str]:
    return [found["query_id"] for found in read_records(folder)]


@pytest.mark.parametrize(
    ("person", "theirs"),
    [
        (Person("alma"), {"q1"}),
        (Person('al"ma\\'), {"q2"}),
        (Person("alma", "visit", frozenset({"q5", "q1"})), {"q1", "q4", "q5"}),
        (Person(query_ids=frozenset({"q3", "q4", "q6"})), {"q6"}),  # the others name somebody
        (Person("nobody", "nowhere", frozenset({"q9"})), set()),
        (Person(), set()),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_theirs_are_found_and_go_and_all_others_stay(
    folder: Path, path: Path, personal: PersonalRecords, person: Person, theirs: set[str], packed: bool
) -> None:
    if packed:
        then = time.time() - COMPRESS_AFTER_S - 1
        os.utime(path, (then, then))
        sweep(folder, Retention(30, 10**9))
        path = path.with_name(path.name + ".gz")
    assert record_files(folder) == [path]
    before = ids(folder)
    assert {found["query_id"] for found in personal.of_person(person)} == theirs
    assert personal.erase(person) == len(theirs)
    assert ids(folder) == [id_ for id_ in before if id_ not in theirs]
    assert record_files(folder) == [path]
    assert personal.erase(person) == 0
    assert not theirs or path.stat().st_mode & 0o077 == 0
    assert list(folder.iterdir()) == [path]


def test_half_a_line_of_theirs_goes_too(folder: Path, path: Path, personal: PersonalRecords, new_record: Any) -> None:
    half = to_line(new_record("q7", user_id="alma", session_id="s"))
    half = half[: half.index(b"session_id")]
    path.write_bytes(path.read_bytes() + half)
    assert personal.erase(Person("alma")) == 2
    assert b"q7" not in path.read_bytes()
    path.write_bytes(path.read_bytes() + half[: half.index(b"user_id")])
    assert personal.erase(Person(query_ids=frozenset({"q7"}))) == 1
    assert b"q7" not in path.read_bytes()
    assert len(ids(folder)) == 5


def test_what_killed_processes_left_of_theirs_goes_too(
    folder: Path, path: Path, personal: PersonalRecords, new_record: Any
) -> None:
    half = folder / f".{path.name}.4711"
    half.write_bytes(path.read_bytes())
    os.utime(half, (0, 0))
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert personal.erase(Person("alma")) == 1
    assert list(folder.iterdir()) == [packed]
    assert "q1" not in ids(folder)


def test_an_erasure_that_fails_leaves_the_file_as_it_was(
    folder: Path, path: Path, personal: PersonalRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    from indexer.errors import StorageError

    def refuse(descriptor: int, data: bytes) -> None:
        os.write(descriptor, data[:20])
        raise OSError(28, "No space left on device")

    before = path.read_bytes()
    monkeypatch.setattr("search.records.file.write_all", refuse)
    with pytest.raises(StorageError, match="the disk is full"):
        personal.erase(Person("alma"))
    assert path.read_bytes() == before
    assert list(folder.iterdir()) == [path]


def test_a_file_that_is_compressed_meanwhile_is_found(
    folder: Path, path: Path, personal: PersonalRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    then = time.time() - COMPRESS_AFTER_S - 1
    os.utime(path, (then, then))

    def listed_then_compressed(where: Path) -> list[Path]:
        found = record_files(where)
        sweep(where, Retention(30, 10**9))
        return found

    monkeypatch.setattr("search.records.personal.record_files", listed_then_compressed)
    assert personal.erase(Person("alma")) == 1
    assert "q1" not in ids(folder)
    assert len(ids(folder)) == 5


def test_the_writer_of_the_file_goes_on_in_another(
    folder: Path, writer: RecordWriter, personal: PersonalRecords, new_record: Any
) -> None:
    writer.put(new_record("q1", user_id="alma"))
    writer.put(new_record("q2", user_id="bert"))
    while writer.written < 2:
        time.sleep(0.02)
    assert personal.erase(Person("alma")) == 1
    writer.put(new_record("q3", user_id="bert"))
    writer.close()
    assert ids(folder) == ["q2", "q3"]


WRITING = """
import os, sys, time
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from conftest import KEPT, record
from search.records import writer as writing
from search.records.writer import RecordWriter

writing.FLUSH_S = 0.002
writer = RecordWriter(Path(sys.argv[1]), KEPT)
number = 0
while not (Path(sys.argv[1]).parent / "enough").exists():
    user = "alma" if number < 300 else ""
    writer.put(record(f"{user}-{number}-{os.getpid()}", user_id=user))
    number += 1
    time.sleep(0.0005)
    if number == 300:
        print("alma is done", flush=True)
writer.close()
assert not writer.dropped, writer.dropped
print(number, flush=True)
"""


def test_no_record_of_another_is_lost_under_processes_that_write(folder: Path, personal: PersonalRecords) -> None:
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", WRITING, str(folder), here]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "alma is done\n"
    time.sleep(0.5)

    def last_query_id(path: Path) -> str:
        return str(json.loads(lines_of(path)[-1])["query_id"])

    def open_files() -> list[Path]:
        return [path for path in record_files(folder)[-2:] if len(lines_of(path)) > 0]

    erased = others = 0
    for _ in range(20):  # rewrites in the midst of writing: of each file that is being written to
        erased += personal.erase(Person("alma"))
        newest = frozenset(
            lines_of(path)[-1].split(b'"query_id":"')[1].split(b'"')[0].decode() for path in open_files()
        )
        others += personal.erase(Person(query_ids=newest))
        time.sleep(0.05)
    (folder.parent / "enough").touch()
    total = sum(int(process.communicate(timeout=60)[0]) for process in processes)
    assert [process.returncode for process in processes] == [0, 0]
    left = ids(folder)
    assert erased == 600
    assert not [id_ for id_ in left if id_.startswith("alma")]
    assert others >= 20
    assert len(left) == len(set(left)) == total - 600 - others
    assert len(record_files(folder)) > 20
