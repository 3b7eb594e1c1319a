"""What a service makes of a full disk, one that is read-only, damaged vectors, and a worker that stands still."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from served import SHELFWISE, Served, environment, served, until

from indexer.store.catalogue import open_catalogue

DOCUMENTS = "/v1/indexes/shop/documents"


def lamps(first: int, count: int, text: str = "") -> list[dict[str, Any]]:
    return [{"id": f"p{n}", "title": f"Lamp number{n}", "description": text} for n in range(first, first + count)]


def test_a_full_disk_and_a_read_only_one_are_told_and_nothing_is_lost(disk: Path) -> None:
    data = disk / "data"
    with served(data) as service:
        service.ok("POST", f"{DOCUMENTS}?wait_s=20", lamps(0, 50))
        kept = {f"p{n}" for n in range(50)}
        ballast = disk / "ballast"
        room = os.statvfs(disk)
        with open(ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - 1_000_000)
        refused = _write_until_refused(service, kept)
        assert "full" in refused["detail"]
        assert service.found("number7") == ["p7"]  # searches go on
        ballast.unlink()
        _all_is_there(service, kept)

    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    command = [str(SHELFWISE), "--data-dir", str(data), "serve", "--port", "0"]
    told = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=100, cwd=disk.parent)
    assert told.returncode == 6
    assert "read-only" in told.stderr
    assert "Traceback" not in told.stderr
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    with served(data) as service:
        _all_is_there(service, kept)


def _write_until_refused(service: Served, kept: set[str]) -> dict[str, Any]:
    """Writes until the disk is full; adds what was acknowledged."""
    for number in range(100, 5000, 20):
        status, told = service.ask("POST", DOCUMENTS, lamps(number, 20, os.urandom(2000).hex()))
        if status >= 400:
            assert status == 503, told
            return told
        kept |= {f"p{n}" for n in range(number, number + 20)}
    raise AssertionError("the disk did not become full")


def _all_is_there(service: Served, kept: set[str]) -> None:
    """All that was acknowledged is in the catalogue, and in the end it is found; every task ends."""
    until(lambda: not service.ok("GET", "/v1/tasks?state=queued&state=running")["tasks"], 90)
    ids: set[str] = set()
    cursor = ""
    while True:
        page = service.ok("GET", f"{DOCUMENTS}?limit=500{cursor}")
        ids |= {document["id"] for document in page["documents"]}
        if not page["next_cursor"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert kept <= ids
    assert {task["state"] for task in service.ok("GET", "/v1/tasks?limit=1000")["tasks"]} == {"succeeded"}
    until(lambda: service.ok("GET", "/v1/indexes/shop/search?q=lamp&mode=lexical")["total"] == len(ids), 30)


def test_damaged_vectors_leave_the_words_and_a_rebuild_mends_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served(data) as service:
        service.ok("POST", f"{DOCUMENTS}?wait_s=20", lamps(0, 50))
    (vectors,) = data.glob("indexes/shop/*/vectors.f16")
    vectors.write_bytes(vectors.read_bytes()[:-100])
    command = [str(SHELFWISE), "--data-dir", str(data), "doctor"]
    with served(data) as service:
        answer = service.ok("GET", "/v1/indexes/shop/search?q=lamp")
        assert (answer["total"], [part["stage"] for part in answer["degraded"]]) == (50, ["vector"])
        told = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=100)
        assert (told.returncode, "shelfwise indexes rebuild" in told.stdout) == (1, True), told.stdout + told.stderr
        service.ok("POST", "/v1/indexes/shop/rebuild?wait_s=25")
        until(lambda: service.ok("GET", "/v1/indexes/shop/search?q=lamp")["degraded"] == [])


def test_the_task_of_a_worker_that_stands_still_goes_to_another_and_its_late_end_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served(data, "--workers", "2", TASK_LEASE_S="3") as service:
        service.ok("POST", f"{DOCUMENTS}?wait_s=20", lamps(0, 3))
        feed = "id,title\n" + "".join(f"f{n},Chair number{n}\n" for n in range(8000))
        task = service.upload("shop", feed.encode(), "")
        until(lambda: _worker_of(data, task) is not None)
        held = _worker_of(data, task)
        assert held is not None
        os.kill(held, signal.SIGSTOP)
        try:
            until(lambda: _worker_of(data, task) not in (None, held), 60)
        finally:
            time.sleep(0.5)
            os.kill(held, signal.SIGCONT)
        until(lambda: service.ok("GET", f"/v1/tasks/{task}")["state"] == "succeeded", 90)
        assert service.ok("GET", f"/v1/tasks/{task}")["attempts"] == 2
        until(lambda: service.ok("GET", "/v1/indexes/shop/search?q=chair&mode=lexical")["total"] == 8000, 30)
        # Whoever stood still works on.
        service.ok("PATCH", f"{DOCUMENTS}/p0?wait_s=20", {"title": "Lamp afterwards"})
        assert service.found("afterwards") == ["p0"]


def _worker_of(data: Path, task: str) -> int | None:
    """The process that holds a task, None where none does."""
    with closing(open_catalogue(f"sqlite:///{data / 'catalogue.db'}")) as catalogue:
        found = catalogue.tasks.get(task)
        return int(found.worker.rpartition(":")[2]) if found.lease_until is not None else None
