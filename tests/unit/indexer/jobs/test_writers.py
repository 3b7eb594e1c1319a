from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.engines.protocol import IndexDocument
from indexer.errors import ConflictError, StorageError
from indexer.fields import Schema, schema_to_json
from indexer.jobs import writers as module
from indexer.jobs.building import build_generation
from indexer.jobs.file_locks import FileLocks, TakenFile
from indexer.jobs.locks import IndexLocks
from indexer.jobs.progress import Silent
from indexer.jobs.writers import Writers
from indexer.store.catalogue import SqlCatalogue, open_catalogue

SETTINGS = {"schema": schema_to_json(Schema())}


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[SqlCatalogue]:
    opened = open_catalogue(f"sqlite:///{tmp_path}/catalogue.db")
    opened.create_index("shop", SETTINGS)
    build_generation(opened, EmbeddedEngine(tmp_path / "indexes"), "shop", SETTINGS, None, Silent())
    yield opened
    opened.close()


@pytest.fixture
def process(tmp_path: Path, catalogue: SqlCatalogue) -> Iterator[Any]:
    """Makes what a process of its own would have."""
    made: list[Writers] = []

    def make() -> Writers:
        made.append(Writers(EmbeddedEngine(tmp_path / "indexes"), catalogue, IndexLocks(FileLocks(tmp_path / "locks"))))
        return made[-1]

    yield make
    for writers in made:
        writers.close()


def test_a_writer_stays_open(process: Any) -> None:
    writers = process()
    with writers.hold("shop") as live:
        first = live.writer()
    with writers.hold("shop") as live:
        assert live.writer() is first


def test_another_process_gets_the_right_from_one_that_is_idle(process: Any) -> None:
    writers, others = process(), process()
    with writers.hold("shop") as live:
        live.writer()
    with pytest.raises(ConflictError), others.hold("shop", 0):
        pass
    with others.hold("shop", 20) as live:
        live.writer().write([IndexDocument("a", 1, {}, {})])
        live.writer().commit(1)
    with writers.hold("shop", 20) as live:
        assert live.writer().change_number == 1


def test_an_unused_writer_is_closed(process: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "IDLE_S", 0.05)
    writers, others = process(), process()
    with writers.hold("shop") as live:
        live.writer()
    deadline = time.monotonic() + 20
    while True:
        try:
            with others.hold("shop", 0):  # asks without waiting, so that nobody gives up for its sake
                return
        except ConflictError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_what_failed_half_way_is_not_committed_by_the_next(process: Any) -> None:
    writers = process()
    with pytest.raises(RuntimeError):
        _fail_half_way(writers)
    with writers.hold("shop") as live:
        live.writer().write([IndexDocument("whole", 2, {}, {})])
        live.writer().commit(2)
    with writers.hold("shop") as live:
        assert live.writer().rows == 1


def _fail_half_way(writers: Writers) -> None:
    with writers.hold("shop") as live:
        live.writer().write([IndexDocument("half", 1, {}, {})])
        raise RuntimeError


def test_the_urgent_go_first(process: Any) -> None:
    writers = process()
    order: list[str] = []

    def work(name: str, urgent: bool) -> None:
        with writers.hold("shop", 20, urgent=urgent):
            order.append(name)

    with writers.hold("shop"):
        slow = [threading.Thread(target=work, args=(f"bulk {n}", False)) for n in range(12)]
        for thread in slow:
            thread.start()
        time.sleep(0.1)
        fast = threading.Thread(target=work, args=("price", True))
        fast.start()
        time.sleep(0.1)
    for thread in (*slow, fast):
        thread.join()
    assert order[0] == "price"


def test_whoever_waits_too_long_is_told(process: Any) -> None:
    writers = process()
    with writers.hold("shop"), pytest.raises(ConflictError, match="being written for more than 0 s"):
        _refused(writers)


class FickleLocks(FileLocks):
    """Locks kept by somebody who may lose them, or not be there to be asked."""

    is_lost = False
    is_away = False

    def take(self, index: str, kind: str) -> TakenFile | None:
        taken = super().take(index, kind)
        if taken is not None and kind == "write":
            taken.is_held = lambda: not self.is_lost  # type: ignore[method-assign]
        return taken

    def is_taken(self, index: str, kind: str) -> bool:
        if self.is_away:
            raise StorageError("the server cannot be reached")
        return super().is_taken(index, kind)


def test_a_lock_that_was_lost_is_taken_anew_and_the_writer_opened_again(
    catalogue: SqlCatalogue, tmp_path: Path
) -> None:
    locks = FickleLocks(tmp_path / "locks")
    writers = Writers(EmbeddedEngine(tmp_path / "indexes"), catalogue, IndexLocks(locks))
    with writers.hold("shop") as live:
        first = live.writer()
    with writers.hold("shop") as live:
        assert live.writer() is first
    locks.is_lost = True
    with writers.hold("shop") as live:
        locks.is_lost = False
        assert live.writer() is not first
    writers.close()


def test_where_nobody_says_who_waits_the_right_is_given_up_and_can_be_had_again(
    catalogue: SqlCatalogue, tmp_path: Path
) -> None:
    locks = FickleLocks(tmp_path / "locks")
    writers = Writers(EmbeddedEngine(tmp_path / "indexes"), catalogue, IndexLocks(locks))
    locks.is_away = True
    with writers.hold("shop", 1) as live:
        live.writer()
    FileLocks(tmp_path / "locks").take("shop", "write").release()  # type: ignore[union-attr]
    with writers.hold("shop", 1) as live:
        live.writer()
    writers.close()


def _refused(writers: Writers) -> None:
    with writers.hold("shop", 0.1):
        pass


def test_a_switch_closes_the_writer_of_the_generation_before(
    process: Any, catalogue: SqlCatalogue, tmp_path: Path
) -> None:
    writers = process()
    with writers.hold("shop") as live:
        live.writer()
    engine = EmbeddedEngine(tmp_path / "indexes")
    switching = lambda: writers.switching("shop")  # noqa: E731
    changed = {"schema": schema_to_json(Schema(language="de"))}
    assert build_generation(catalogue, engine, "shop", changed, None, Silent(), switching=switching).number == 2
    engine.writer("shop", 1).close()  # nobody has it open any more
    with writers.hold("shop") as live:
        assert live.number == 2
        live.writer().write([IndexDocument("a", 1, {}, {})])
