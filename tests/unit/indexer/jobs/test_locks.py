from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from indexer.errors import ConflictError, InputError
from indexer.jobs.locks import IndexLocks, Work

_HOLDER = """
import sys, time
from pathlib import Path
from indexer.jobs.locks import IndexLocks, Work
lock = IndexLocks(Path(sys.argv[1])).acquire("shop", Work.WRITE)
print("held", flush=True)
time.sleep(60)
"""


def test_one_at_a_time_does_each_kind_of_work_to_each_index(tmp_path: Path) -> None:
    mine, others = IndexLocks(tmp_path), IndexLocks(tmp_path)
    with mine.holding("shop", Work.WRITE):
        with pytest.raises(ConflictError, match="'shop' is being written by another process"):
            others.acquire("shop", Work.WRITE)
        others.acquire("shop", Work.BUILD).release()
        others.acquire("other", Work.WRITE).release()
    others.acquire("shop", Work.WRITE).release()


def test_no_index_has_an_impossible_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no name of an index"):
        IndexLocks(tmp_path).acquire("..", Work.WRITE)


def test_the_holder_learns_that_somebody_waits_who_gets_it_then(tmp_path: Path) -> None:
    mine, others = IndexLocks(tmp_path), IndexLocks(tmp_path)
    lock = mine.acquire("shop", Work.WRITE)
    assert not mine.wanted("shop", Work.WRITE)
    got: list[float] = []

    def wait() -> None:
        with others.holding("shop", Work.WRITE, wait_s=20):
            got.append(time.monotonic())

    waiting = threading.Thread(target=wait)
    waiting.start()
    _until(lambda: mine.wanted("shop", Work.WRITE))
    released = time.monotonic()
    lock.release()
    waiting.join()
    assert got[0] >= released
    assert not mine.wanted("shop", Work.WRITE)


def test_waiting_ends_with_an_error(tmp_path: Path) -> None:
    mine, others = IndexLocks(tmp_path), IndexLocks(tmp_path)
    with mine.holding("shop", Work.BUILD), pytest.raises(ConflictError, match="being built"):
        others.acquire("shop", Work.BUILD, wait_s=0.1)
    assert not mine.wanted("shop", Work.BUILD)


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(ConflictError):
                IndexLocks(tmp_path).acquire("shop", Work.WRITE)
        finally:
            os.kill(holder.pid, signal.SIGKILL)
    IndexLocks(tmp_path).acquire("shop", Work.WRITE).release()


def _until(true: object, limit_s: float = 20) -> None:
    deadline = time.monotonic() + limit_s
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.01)
