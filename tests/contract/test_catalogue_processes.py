"""What every catalogue store does under many processes, and under those that are killed."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import indexer
from indexer.store.protocol import CatalogueStore
from indexer.store.records import Change

WRITER = textwrap.dedent("""
    import hashlib, sys, threading
    from indexer.store.catalogue import open_catalogue
    from indexer.store.records import StoredProduct

    url, name, threads, rounds, size = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
    store = open_catalogue(url)
    failures = []

    def write(writer):
        for number in range(rounds):
            ids = [f"{writer}-{number}-{part}" for part in range(size)]
            hashes = [hashlib.blake2b(each.encode(), digest_size=16).digest() for each in ids]
            try:
                store.upsert("shop", [StoredProduct(i, i.encode(), h, h) for i, h in zip(ids, hashes)])
            except BaseException as error:
                failures.append(repr(error))
                raise
            print(f"{writer}-{number}", flush=True)

    running = [threading.Thread(target=write, args=(f"{name}{n}",)) for n in range(threads)]
    for thread in running: thread.start()
    for thread in running: thread.join()
    sys.exit("; ".join(failures) or 0)
""")


def start_writer(url: str, name: str, *, threads: int, rounds: int, size: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, url, name, str(threads), str(rounds), str(size)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(indexer.__file__).parents[1])},
    )


@pytest.mark.parametrize("rounds", [40, pytest.param(200, marks=pytest.mark.long)])
def test_a_follower_misses_none_of_eight_writers(url: str, catalogue: CatalogueStore, rounds: int) -> None:
    writers = [start_writer(url, f"w{number}-", threads=2, rounds=rounds, size=1) for number in range(4)]
    seen: list[Change] = []
    running = True
    while running:
        running = any(writer.poll() is None for writer in writers)
        while changes := catalogue.changes("shop", seen[-1].change_number if seen else 0, 50):
            seen.extend(changes)
        time.sleep(0.002)
    for writer in writers:
        _, errors = writer.communicate()
        assert (errors, writer.returncode) == ("", 0)
    # All ids are new, so that each number has its row for good: one that became visible late would be a gap here.
    assert [change.change_number for change in seen] == list(range(1, 8 * rounds + 1))
    assert len({change.id for change in seen}) == catalogue.count("shop") == 8 * rounds


@pytest.mark.parametrize("rounds", [25, pytest.param(200, marks=pytest.mark.long)])
def test_a_follower_misses_none_of_eight_processes(url: str, catalogue: CatalogueStore, rounds: int) -> None:
    writers = [start_writer(url, f"p{number}-", threads=1, rounds=rounds, size=3) for number in range(8)]
    seen: list[Change] = []
    running = True
    while running:
        running = any(writer.poll() is None for writer in writers)
        newest = catalogue.get_index("shop").change_number
        while changes := catalogue.changes("shop", seen[-1].change_number if seen else 0, 50):
            seen.extend(changes)
        # What the counter had come to, the reader found: no number is seen before the product that took it.
        assert newest <= (seen[-1].change_number if seen else 0)
    for writer in writers:
        _, errors = writer.communicate()
        assert (errors, writer.returncode) == ("", 0)
    assert [change.change_number for change in seen] == list(range(1, 8 * 3 * rounds + 1))
    batches = [change.id.rpartition("-")[0] for change in seen]
    assert all(len(set(batches[start : start + 3])) == 1 for start in range(0, len(seen), 3))  # none came in between
    assert len({change.id for change in seen}) == catalogue.count("shop") == 8 * 3 * rounds


def test_what_was_acknowledged_survives_kill_9(url: str, catalogue: CatalogueStore) -> None:
    acknowledged: list[str] = []
    for attempt, enough in enumerate((1, 5, 20, 40, 80)):
        writer = start_writer(url, f"round{attempt}-", threads=1, rounds=100_000, size=3)
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(enough)]
        writer.kill()
        rest, errors = writer.communicate()
        assert errors == ""
        acknowledged += "".join([*lines, rest]).split()

        present = [change.id for change in catalogue.changes("shop", 0, 1_000_000)]
        batches = {product_id.rpartition("-")[0] for product_id in present}
        assert len(present) == 3 * len(batches) == catalogue.count("shop")  # no batch is there in part
        assert batches.issuperset(acknowledged)
    assert len(acknowledged) >= 146
