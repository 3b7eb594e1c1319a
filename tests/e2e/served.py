"""A service as an operator starts it: `shelfwise serve` in a process of its own, asked over HTTP."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

SHELFWISE = Path(sys.executable).with_name("shelfwise")
START_S = 40
LIMIT_S = 60


def environment(**settings: str) -> dict[str, str]:
    """That of the commands: the encoder of tests, and nobody else's settings."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("SHELFWISE_")}
    quick = {"TEXT_MODEL": "hashing", "THREADS": "1", "REFRESH_MS": "20", "TASK_LEASE_S": "5"}
    return {**own, "HF_HUB_OFFLINE": "1", **{f"SHELFWISE_{name}": value for name, value in (quick | settings).items()}}


class Served:
    """A running `serve`."""

    def __init__(self, process: subprocess.Popen[str], data: Path, address: str, log: Path) -> None:
        self.process = process
        self.data = data
        self.address = address
        self.log = log

    def ask(self, method: str, path: str, body: Any = None, timeout_s: float = 30) -> tuple[int, dict[str, Any]]:
        """(status, JSON) of one request; a 599 where the connection broke."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())
        except (OSError, ConnectionError) as error:
            return 599, {"error": str(error)}

    def ok(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The JSON of an answer that is a success."""
        status, answer = self.ask(method, path, body)
        assert status < 300, (status, answer, self.log.read_text()[-2000:])
        return answer

    def upload(self, index: str, feed: bytes, parameters: str) -> str:
        """The id of the task that imports a feed."""
        address = f"{self.address}/v1/indexes/{index}/imports?{parameters}"
        with urllib.request.urlopen(urllib.request.Request(address, feed, method="POST"), timeout=60) as answer:
            id_: str = json.loads(answer.read())["task"]["id"]
            return id_

    def found(self, query: str, index: str = "shop") -> list[str]:
        """The ids that a search by words finds."""
        return [hit["id"] for hit in self.ok("GET", f"/v1/indexes/{index}/search?mode=lexical&q={query}")["hits"]]

    def part(self, name: str) -> psutil.Process:
        """A process of the service: "web" or "worker"."""
        mark = {"web": "gunicorn", "worker": "celery"}[name]
        return next(child for child in psutil.Process(self.process.pid).children() if mark in " ".join(child.cmdline()))

    def kill(self, name: str) -> None:
        """Ends a part, with all of its own, by kill -9."""
        part = self.part(name)
        for process in (part, *part.children(recursive=True)):
            process.send_signal(signal.SIGKILL)


@contextmanager
def served(data: Path, *arguments: str, beside: Mapping[str, str] | None = None, **settings: str) -> Iterator[Served]:
    """Runs `serve` on a free port until the block is left.

    Args:
        beside: variables of the environment that are no settings.
    """
    log = data.parent / f"{data.name}.log"
    command = [str(SHELFWISE), "--data-dir", str(data), "serve", "--port", "0", *arguments]
    with open(log, "a") as errors:
        variables = {**environment(**settings), **(beside or {})}
        process = subprocess.Popen(
            command, env=variables, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=data.parent
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        match = re.search(r"http://\S+", line)
        assert match is not None, line + log.read_text()
        service = Served(process, data, match.group(), log)
        until(lambda: service.ask("GET", "/healthz")[0] == 200, START_S)
        yield service
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(LIMIT_S)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            process.stdout.close()


def until(true: Callable[[], object], limit_s: float = LIMIT_S) -> None:
    """Waits until something is so."""
    end = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)
