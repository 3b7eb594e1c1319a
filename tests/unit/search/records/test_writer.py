"""The writer: beside the requests, bounded, and never their trouble."""

from __future__ import annotations

import errno
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search.records import appending
from search.records import writer as writing
from search.records.file import record_files
from search.records.reader import read_records
from search.records.writer import RecordWriter


def ids(folder: Path) -> list[str]:
    return [found["query_id"] for found in read_records(folder)]


def eventually(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def test_records_are_on_disk_soon_and_in_order(folder: Path, writer: RecordWriter, new_record: Any) -> None:
    for number in range(5):
        writer.put(new_record(f"q{number}"))
    eventually(lambda: writer.written == 5)
    assert ids(folder) == ["q0", "q1", "q2", "q3", "q4"]
    assert writer.dropped == 0


def test_nothing_is_opened_before_the_first_record(folder: Path, writer: RecordWriter, new_record: Any) -> None:
    before = threading.active_count()
    assert not folder.exists()
    writer.put(new_record())
    assert threading.active_count() == before + 1
    writer.close()
    assert threading.active_count() == before
    assert len(record_files(folder)) == 1


def test_closing_writes_what_waits_and_the_next_record_begins_anew(
    folder: Path, writer: RecordWriter, new_record: Any
) -> None:
    writer.put(new_record("q1"))
    writer.close()
    assert ids(folder) == ["q1"]
    writer.put(new_record("q2"))
    writer.close()
    assert ids(folder) == ["q1", "q2"]


def test_only_this_user_reads_the_files(folder: Path, writer: RecordWriter, new_record: Any) -> None:
    writer.put(new_record())
    writer.close()
    assert [path.stat().st_mode & 0o777 for path in [folder, *record_files(folder)]] == [0o700, 0o600]


def test_a_full_buffer_drops_and_counts(
    folder: Path, new_writer: Any, new_record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "FLUSH_S", 60)
    writer = new_writer(buffer_records=10)
    for number in range(25):
        writer.put(new_record(f"q{number}"))
    assert writer.dropped == 15
    writer.close()
    assert ids(folder) == [f"q{number}" for number in range(10)]


def test_switched_off_it_writes_nothing(folder: Path, new_writer: Any, new_record: Any) -> None:
    writer = new_writer(enabled=False)
    writer.put(new_record())
    writer.close()
    assert not folder.exists()


def test_a_machine_without_threads_to_spare_costs_no_search(
    folder: Path, writer: RecordWriter, new_record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    writer.put(new_record("q1"))
    monkeypatch.undo()
    writer.put(new_record("q2"))
    writer.close()
    assert ids(folder) == ["q1", "q2"]


def test_a_full_disk_drops_records_until_there_is_room(
    folder: Path,
    writer: RecordWriter,
    new_record: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def half(descriptor: int, data: bytes) -> None:
        os.write(descriptor, data[: len(data) - 9])
        raise OSError(errno.ENOSPC, "No space left on device")

    writer.put(new_record("q1"))
    eventually(lambda: writer.written == 1)
    monkeypatch.setattr(writing, "_PAUSE_S", 0.0)
    monkeypatch.setattr(appending, "write_all", half)
    for number in (2, 3):
        writer.put(new_record(f"q{number}"))
        eventually(lambda number=number: writer.dropped == number - 1)  # type: ignore[misc]
    monkeypatch.undo()
    writer.put(new_record("q4"))
    eventually(lambda: writer.written == 2)
    assert ids(folder) == ["q1", "q4"]
    assert len(record_files(folder)) == 2  # none that has not even its header
    assert [line.message for line in caplog.records if line.levelno == logging.ERROR] == [
        f"search records cannot be written to {folder} and are dropped until they can be: [Errno 28] No space left on "
        "device; make room, or switch them off with SHELFWISE_RECORDS=off"
    ]
    assert "search records are written again; 2 were dropped" in caplog.text


def test_after_a_refusal_the_disk_is_left_alone_for_a_while(
    folder: Path, writer: RecordWriter, new_record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []

    def refuse(self: object, lines: bytes) -> None:
        tried.append(lines)
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(appending.Appending, "append", refuse)
    for number in range(3):
        writer.put(new_record())
        eventually(lambda number=number: writer.dropped == number + 1)  # type: ignore[misc]
    assert len(tried) == 1


def test_what_cannot_be_written_as_json_is_dropped_alone(
    folder: Path, writer: RecordWriter, new_record: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for id_, query in (("one", "lamp"), ("half", "\ud800"), ("two", "lamp")):
        writer.put(new_record(id_, q=query))
    writer.close()
    assert ids(folder) == ["one", "two"]
    assert writer.dropped == 1
    assert "cannot be written as JSON" in caplog.text


def test_a_new_file_is_begun_at_a_size(
    folder: Path, new_writer: Any, new_record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_MAX_FILE_BYTES", 1500)
    monkeypatch.setattr(writing, "_CHUNK_BYTES", 1)
    writer = new_writer()
    for number in range(4):
        writer.put(new_record(f"q{number}"))
    writer.close()
    assert len(record_files(folder)) == 2
    assert ids(folder) == ["q0", "q1", "q2", "q3"]


def test_a_file_that_is_taken_away_is_noticed(folder: Path, writer: RecordWriter, new_record: Any) -> None:
    writer.put(new_record("q1"))
    eventually(lambda: writer.written == 1)
    (path,) = record_files(folder)
    path.unlink()
    writer.put(new_record("q2"))
    writer.close()
    assert ids(folder) == ["q2"]


FORKING = """
import os, sys, time
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from conftest import KEPT, record
from search.records.writer import RecordWriter

writer = RecordWriter(Path(sys.argv[1]), KEPT)
writer.put(record("before"))
child = os.fork()
writer.put(record("child" if not child else "parent"))
writer.close()
if not child:
    os._exit(0)
os.waitpid(child, 0)
"""


def test_a_forked_child_has_a_file_and_a_thread_of_its_own(folder: Path) -> None:
    here = str(Path(__file__).parent)
    subprocess.run([sys.executable, "-c", FORKING, folder, here], check=True, timeout=60)
    assert sorted(ids(folder)) == ["before", "child", "parent"]
    assert len(record_files(folder)) == 2


LEAVING = FORKING.split("child =")[0].replace("before", "last")


def test_the_end_of_the_process_writes_what_waits(folder: Path) -> None:
    subprocess.run([sys.executable, "-c", LEAVING, folder, str(Path(__file__).parent)], check=True, timeout=60)
    assert ids(folder) == ["last"]


def test_kill_9_leaves_what_was_written_readable(folder: Path, new_record: Any) -> None:
    program = LEAVING + "time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", program, folder, str(Path(__file__).parent)])
    eventually(lambda: folder.exists() and ids(folder) == ["last"])
    process.send_signal(signal.SIGKILL)
    process.wait()
    (path,) = record_files(folder)
    whole = path.read_bytes()
    path.write_bytes(whole + whole.split(b"\n")[1][:-5])  # killed in the middle of a write
    assert ids(folder) == ["last"]
