"""The Redis of the tests: the one that runs, under keys of their own, or one that a test starts and may kill."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.conftest import unavailable

SERVER = os.environ.get("SHELFWISE_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")
_START_S = 20


@contextmanager
def namespace() -> Iterator[str]:
    """What the keys of one test begin with; they are removed afterwards."""
    name = f"shelfwise-test-{secrets.token_hex(6)}"
    redis = Redis.from_url(SERVER)
    try:
        redis.ping()
    except RedisError as error:
        unavailable(f"Redis does not answer at {SERVER} ({error}): start it, or set SHELFWISE_TEST_REDIS_URL.")
    try:
        yield name
    finally:
        keys = list(redis.scan_iter(f"{name}*")) + list(redis.scan_iter(f"*{name}"))
        if keys:
            redis.delete(*keys)
        redis.close()


class OwnRedis:
    """A Redis on a port of its own that keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            unavailable("There is no redis-server: install it.")
        command = [program, "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + _START_S
        with Redis.from_url(self.url) as redis:
            while True:
                try:
                    redis.ping()
                    return
                except RedisError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.02)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)


@contextmanager
def own_redis(folder: Path) -> Iterator[OwnRedis]:
    """One that runs, until the block is left."""
    server = OwnRedis(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()
