"""`shelfwise serve`: what it starts, starts again, and stops; and other commands beside it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import pytest
from served import SHELFWISE, Served, environment, served, until

from indexer.store.catalogue import open_catalogue
from indexer.store.task_records import TaskState


def products(first: int, count: int, title: str = "Lamp") -> list[dict[str, object]]:
    return [
        {"id": f"p{n}", "title": f"{title} number{n}", "price": 10, "currency": "EUR"}
        for n in range(first, first + count)
    ]


def shelfwise(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(SHELFWISE), "--data-dir", str(data), *arguments]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, cwd=data.parent, timeout=100)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One service for the tests that leave it as it is; each has an index of its own."""
    with served(tmp_path_factory.mktemp("shared") / "data") as service:
        yield service


def test_what_is_written_is_searchable_soon(shared: Served) -> None:
    shared.ok("POST", "/v1/indexes/soon/documents?wait_s=20", products(0, 3))
    assert shared.found("number1", "soon") == ["p1"]
    waits = []
    for n in range(10):
        shared.ok("PATCH", f"/v1/indexes/soon/documents/p{n % 3}", {"title": f"Lamp again{n}"})
        written = time.monotonic()
        until(lambda n=n: shared.found(f"again{n}", "soon"))  # type: ignore[misc]
        waits.append(time.monotonic() - written)
    # The median, since a test machine does other things too.
    assert sorted(waits)[5] < 5, waits


def test_a_second_one_on_the_same_data_is_refused(shared: Served) -> None:
    second = shelfwise(shared.data, "serve", "--port", "0")
    assert second.returncode == 5
    assert f"served already, by process {shared.process.pid}" in second.stderr


def test_an_address_that_is_taken_is_told(shared: Served, tmp_path: Path) -> None:
    port = shared.address.rpartition(":")[2]
    taken = shelfwise(tmp_path / "other", "serve", "--port", port)
    assert taken.returncode == 5
    assert f"127.0.0.1:{port} cannot be listened on" in taken.stderr


def test_others_than_this_machine_need_a_key(tmp_path: Path) -> None:
    refused = shelfwise(tmp_path / "data", "serve", "--host", "0.0.0.0")
    assert refused.returncode == 3
    assert "no key is set: set SHELFWISE_MASTER_KEY" in refused.stderr


def test_it_stops_with_all_that_it_started_and_can_be_started_again(tmp_path: Path) -> None:
    for _ in range(2):
        with served(tmp_path / "data") as service:
            parts = psutil.Process(service.process.pid).children(recursive=True)
            assert len(parts) >= 3
        assert service.process.returncode == 0
        assert not any(part.is_running() for part in parts)


def test_its_parts_end_when_it_is_killed(tmp_path: Path) -> None:
    with served(tmp_path / "data") as service:
        parts = psutil.Process(service.process.pid).children(recursive=True)
        service.process.kill()
        until(lambda: not any(part.is_running() and part.status() != psutil.STATUS_ZOMBIE for part in parts))


def test_a_part_that_is_killed_is_started_again(tmp_path: Path) -> None:
    with served(tmp_path / "data") as service:
        service.ok("POST", "/v1/indexes/shop/documents?wait_s=20", products(0, 3))
        for part in ("web", "worker"):
            before = service.part(part).pid
            service.kill(part)
            until(lambda part=part, before=before: _pid(service, part) not in (None, before))  # type: ignore[misc]
            # Nobody is turned away meanwhile: the socket stays open.
            service.ok("PATCH", "/v1/indexes/shop/documents/p0?wait_s=20", {"title": f"Lamp after{part}"})
            assert service.found(f"after{part}") == ["p0"]


def _pid(service: Served, part: str) -> int | None:
    try:
        return service.part(part).pid
    except (StopIteration, psutil.NoSuchProcess):
        return None


def test_a_program_that_never_starts_ends_it_with_a_reason(tmp_path: Path) -> None:
    command = [str(SHELFWISE), "--data-dir", str(tmp_path / "data"), "serve", "--port", "0", "--workers", "0"]
    broken = {**environment(), "GUNICORN_CMD_ARGS": "--no-such-option"}
    ended = subprocess.run(command, env=broken, capture_output=True, text=True, cwd=tmp_path, timeout=100)
    assert ended.returncode == 3
    assert "the web service ended with exit code" in ended.stderr


def test_a_price_changes_while_the_command_line_imports(shared: Served, tmp_path: Path) -> None:
    shared.ok("POST", "/v1/indexes/busy/documents?wait_s=20", products(0, 3))
    feed = tmp_path / "feed.jsonl"
    feed.write_text("".join(json.dumps(one) + "\n" for one in products(100, 8000, "Chair")))
    command = [str(SHELFWISE), "--data-dir", str(shared.data), "import", str(feed), "--index", "busy"]
    with subprocess.Popen(command, env=environment(), cwd=tmp_path, stdout=subprocess.DEVNULL) as importing:
        until(lambda: shared.ok("GET", "/v1/indexes/busy")["products"] >= 6000)
        changes = 0
        while importing.poll() is None:
            changes += 1
            shared.ok("PATCH", "/v1/indexes/busy/documents/p0", {"title": f"Lamp change{changes}"})
            until(lambda: shared.found(f"change{changes}", "busy"), 20)  # noqa: B023
        assert importing.wait() == 0
    # At least one came in between.
    assert changes >= 2
    assert shared.ok("GET", "/v1/indexes/busy/search?q=chair&mode=lexical")["total"] == 8000
    assert shared.found(f"change{changes}", "busy") == ["p0"]


def test_an_upload_is_imported_and_its_rejects_can_be_read(shared: Served) -> None:
    feed = b"id,title,price\n1,Kettle,12\n2,Teapot,free\n"
    task = _upload(shared, feed, "currency=EUR&wait_s=25")
    assert (task["state"], task["result"]["created"], task["result"]["rejected"]) == ("succeeded", 1, 1)
    assert shared.found("kettle", "upload") == ["1"]
    assert json.loads(_read(shared, f"/v1/tasks/{task['id']}/rejects"))["reason"].startswith("not a price")


def _upload(service: Served, feed: bytes, query: str) -> dict[str, Any]:
    request = urllib.request.Request(f"{service.address}/v1/indexes/upload/imports?{query}", feed, method="POST")
    with urllib.request.urlopen(request, timeout=40) as answer:
        task: dict[str, Any] = json.loads(answer.read())["task"]
        return task


def _read(service: Served, path: str) -> str:
    with urllib.request.urlopen(service.address + path, timeout=20) as answer:
        text: str = answer.read().decode()
        return text


def test_a_worker_of_its_own_does_the_work(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served(data, "--workers", "0") as service:
        task = service.ok("POST", "/v1/indexes/shop/documents", products(0, 3))["task"]
        command = [str(SHELFWISE), "--data-dir", str(data), "worker"]
        with subprocess.Popen(command, env=environment(), cwd=tmp_path) as worker:
            try:
                until(lambda: service.ok("GET", f"/v1/tasks/{task['id']}")["state"] == "succeeded")
            finally:
                os.kill(worker.pid, signal.SIGTERM)
            assert worker.wait(30) == 0


def test_several_workers_share_the_work_on_one_index(tmp_path: Path) -> None:
    with served(tmp_path / "data", "--workers", "2") as service:
        service.ok("POST", "/v1/indexes/shop/documents?wait_s=20", products(0, 3))

        def write(number: int) -> None:
            for n in range(5):
                service.ok("PATCH", f"/v1/indexes/shop/documents/p{number}", {"title": f"Lamp w{number}n{n}"})

        threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        until(lambda: all(service.found(f"w{number}n4") for number in range(3)), 40)


def test_an_import_that_is_stopped_goes_on_at_the_next_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    feed = "".join(json.dumps(one) + "\n" for one in products(0, 12_000, "Chair")).encode()
    with served(data) as service:
        task = _upload(service, feed, "")
        until(lambda: service.ask("GET", "/v1/indexes/upload")[1].get("products", 0) >= 2000)
    with closing(open_catalogue(f"sqlite:///{data / 'catalogue.db'}")) as catalogue:
        stopped = catalogue.tasks.get(str(task["id"]))
        # Given back, not lost: no attempt is counted.
        assert (stopped.state, stopped.attempts) == (TaskState.QUEUED, 0)
    with served(data) as service:
        until(lambda: service.ok("GET", f"/v1/tasks/{task['id']}")["state"] == "succeeded")
        assert service.ok("GET", "/v1/indexes/upload/search?q=chair&mode=lexical")["total"] == 12_000


def test_a_slow_body_is_told_and_holds_nobody_up(tmp_path: Path) -> None:
    with served(tmp_path / "data", REQUEST_S="1") as service:
        port = int(service.address.rpartition(":")[2])
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(20)]
        head = b"POST /v1/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n"
        for one in slow[:10]:
            one.sendall(head + b'{"sear')
        for one in slow[10:]:
            one.sendall(head[:40])
        until(lambda: service.ask("GET", "/version", timeout_s=5)[0] == 200, 20)
        for one in slow:
            one.settimeout(20)
        answers = [_answer(one) for one in slow]
        # Those whose headers never end are just hung up on.
        firsts = [answer.partition(b"\r\n")[0] for answer in answers]
        assert (firsts[:10], firsts[10:]) == ([b"HTTP/1.1 408 REQUEST TIMEOUT"] * 10, [b""] * 10)
        assert b"the body came too slowly" in answers[0]


def _answer(one: socket.socket) -> bytes:
    with one:
        answer = b""
        while block := one.recv(65_536):
            answer += block
        return answer
