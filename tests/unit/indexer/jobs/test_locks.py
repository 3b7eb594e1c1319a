"""What the locks of an index do, whoever keeps them: files of a machine, or a server that machines share."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from postgresql_server import administering, empty_database

import indexer
from indexer.errors import ConflictError, InputError
from indexer.jobs.locks import IndexLocks, Work, open_locks

_HOLDER = """
import sys, time
from pathlib import Path
from indexer.jobs.locks import Work, open_locks
lock = open_locks(sys.argv[1], Path(sys.argv[2])).acquire("shop", Work.WRITE)
print("held", flush=True)
time.sleep(60)
"""

Open = Callable[[], IndexLocks]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of a catalogue whose locks are wanted; there need not be one."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/catalogue.db"
    else:
        with empty_database() as made:
            yield made


@pytest.fixture
def opened(url: str, tmp_path: Path) -> Iterator[Open]:
    """Opens the locks once more, as another process would."""
    with ExitStack() as stack:

        def open_more() -> IndexLocks:
            locks = open_locks(url, tmp_path)
            stack.callback(locks.close)
            return locks

        yield open_more


def test_one_at_a_time_does_each_kind_of_work_to_each_index(opened: Open) -> None:
    mine, others = opened(), opened()
    with mine.holding("shop", Work.WRITE):
        with pytest.raises(ConflictError, match="'shop' is being written by another process"):
            others.acquire("shop", Work.WRITE)
        others.acquire("shop", Work.BUILD).release()
        others.acquire("other", Work.WRITE).release()
    others.acquire("shop", Work.WRITE).release()


def test_no_index_has_an_impossible_name(opened: Open) -> None:
    with pytest.raises(InputError, match="no name of an index"):
        opened().acquire("..", Work.WRITE)


def test_the_holder_learns_that_somebody_waits_who_gets_it_then(opened: Open) -> None:
    mine, others = opened(), opened()
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


def test_waiting_ends_with_an_error(opened: Open) -> None:
    mine, others = opened(), opened()
    with mine.holding("shop", Work.BUILD), pytest.raises(ConflictError, match="being built"):
        others.acquire("shop", Work.BUILD, wait_s=0.1)
    assert not mine.wanted("shop", Work.BUILD)


def test_a_killed_process_holds_nothing(opened: Open, url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLDER, url, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(indexer.__file__).parents[1])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(ConflictError):
                opened().acquire("shop", Work.WRITE)
        finally:
            os.kill(holder.pid, signal.SIGKILL)
    opened().acquire("shop", Work.WRITE, wait_s=5).release()


def test_looking_takes_nothing(opened: Open) -> None:
    mine, others = opened(), opened()
    assert not mine.held("shop", Work.BUILD)
    with others.holding("shop", Work.BUILD):
        assert mine.held("shop", Work.BUILD)
        assert others.held("shop", Work.BUILD)
        others.check("shop", Work.BUILD)
    assert not mine.held("shop", Work.BUILD)
    assert not others.held("shop", Work.BUILD)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_holder_whose_connection_was_cut_notices_it_and_others_go_on(opened: Open, url: str) -> None:
    mine, others = opened(), opened()
    building = mine.holding("shop", Work.BUILD)
    building.__enter__()
    lock = mine.acquire("shop", Work.WRITE)
    assert lock.is_held()
    _cut_connections(url)
    with others.holding("shop", Work.WRITE, wait_s=5), others.holding("shop", Work.BUILD, wait_s=5):
        assert not lock.is_held()
        with pytest.raises(ConflictError, match="the right to have index 'shop' built was lost with the connection"):
            mine.check("shop", Work.BUILD)
        lock.release()  # must not free what others hold now
        building.__exit__(None, None, None)
        with pytest.raises(ConflictError, match="is being written by another process"):
            mine.acquire("shop", Work.WRITE)
    mine.acquire("shop", Work.WRITE).release()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_threads_of_one_process_keep_each_other_out(opened: Open) -> None:
    locks = opened()
    with locks.holding("shop", Work.WRITE), pytest.raises(ConflictError, match="is being written"):
        locks.acquire("shop", Work.WRITE)
    locks.acquire("shop", Work.WRITE).release()


def _cut_connections(url: str) -> None:
    name = url.rpartition("/")[2]
    with administering() as connection:
        connection.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])


def _until(true: object, limit_s: float = 20) -> None:
    deadline = time.monotonic() + limit_s
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.01)
