"""A real Elasticsearch for tests: one that is there already, or one that is started for the test run."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from indexer.engines.elasticsearch.cluster import Cluster
from indexer.engines.elasticsearch.engine import ElasticsearchEngine
from indexer.engines.elasticsearch.settings import ElasticsearchSettings

NAMED_URL = "SHELFWISE_TEST_ELASTICSEARCH_URL"
USUAL_URL = "http://127.0.0.1:9200"
_HEAP = "768m"


def home() -> Path | None:
    """The folder whose `start` and `stop` run a server; None where there is none."""
    named = os.environ.get("SHELFWISE_ELASTICSEARCH_HOME")
    beside = Path(__file__).resolve().parent.parent.parent
    folder = Path(named) if named else beside / "shared" / "elasticsearch"
    return folder if (folder / "start").exists() else None


def running_url() -> str:
    """The URL of a server that is there already, "" where there is none."""
    named = os.environ.get(NAMED_URL, "")
    return named or (USUAL_URL if _answers(USUAL_URL) else "")


@contextmanager
def shared_server(folder: Path, started_by: Path) -> Iterator[str]:
    """The URL of one server for all processes that name the same folder; the last one to leave stops it.

    Args:
        folder: for its data; the same for all processes of a test run, and gone with it.
        started_by: see `home`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock, users, port_file = FileLock(folder / "lock"), folder / "users", folder / "port"
    with lock:
        if not users.exists() or not int(users.read_text()):
            port_file.write_text(str(free_port()))
            start(started_by, int(port_file.read_text()), folder / "data")
            users.write_text("0")
        users.write_text(str(int(users.read_text()) + 1))
    port = int(port_file.read_text())
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        with lock:
            users.write_text(str(int(users.read_text()) - 1))
            if users.read_text() == "0":
                stop(started_by, port)
                shutil.rmtree(folder / "data", ignore_errors=True)


class OwnServer:
    """A server that a test starts, stops and kills as it likes.

    Args:
        started_by: see `home`.
        data: folder of its own.
        port: 0 for a free one.
        more: arguments of `start`.
    """

    def __init__(self, started_by: Path, data: Path, port: int = 0, *more: str) -> None:
        self._started_by = started_by
        self._data = data
        self._more = more
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        start(self._started_by, self.port, self._data, *self._more)

    def stop(self) -> None:
        stop(self._started_by, self.port)

    def kill(self) -> None:
        pid = int((self._data / "pid").read_text())
        os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{pid}").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z":
            time.sleep(0.02)


def start(started_by: Path, port: int, data: Path, *more: str) -> None:
    """Starts a server of one's own."""
    command = [started_by / "start", "--port", str(port), "--data", data, "--heap", _HEAP, *more]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=150)


def stop(started_by: Path, port: int) -> None:
    """Stops what `start` started."""
    subprocess.run([started_by / "stop", "--port", str(port)], check=True, stdout=subprocess.DEVNULL, timeout=60)


def free_port() -> int:
    """A port that nothing listens on, nor on the one that the server takes for its nodes."""
    while True:
        with socket.socket() as probe, socket.socket() as other:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
            try:
                other.bind(("127.0.0.1", port + 100))
            except (OSError, OverflowError):
                continue
            return port


@contextmanager
def engine_of_its_own(url: str, shards: int = 1) -> Iterator[ElasticsearchEngine]:
    """An engine under a prefix of its own, of which nothing is left."""
    settings = ElasticsearchSettings(urls=(url,), prefix=f"test-{uuid.uuid4().hex[:12]}-", shards=shards, replicas=0)
    engine = ElasticsearchEngine(settings)
    try:
        yield engine
    finally:
        engine.close()
        remove_everything(settings)


def remove_everything(settings: ElasticsearchSettings) -> None:
    """Removes all indexes under a prefix."""
    cluster = Cluster(settings)
    try:
        names = list(cluster.ask("GET", f"{settings.prefix}*", "_alias", missing={}))
        for start in range(0, len(names), 50):
            cluster.ask("DELETE", ",".join(names[start : start + 50]), timeout_s=60.0, missing=None)
    finally:
        cluster.close()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.headers.get("X-Elastic-Product"))
    except OSError:
        return False
