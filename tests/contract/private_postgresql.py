"""A PostgreSQL server of a test's own, which it may stop, kill and start again."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.conftest import unavailable


class PrivateServer:
    """A cluster in a folder, on a free port.

    Args:
        folder: of the cluster; the server's user owns it.
        binaries: the folder of `initdb` and `pg_ctl`.
    """

    def __init__(self, folder: Path, binaries: Path) -> None:
        self._folder = folder
        self._binaries = binaries
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def url(self) -> str:
        """Of its database "postgres"."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
        with open(self._data / "postgresql.conf", "a") as file:
            file.write(f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n")
            file.write("shared_buffers = 16MB\nmax_connections = 60\n")

    def start(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-l", str(self._folder / "log"), "-w", "-t", "60", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stops it; `immediate` is a crash, after which it recovers from its log as it starts."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-t", "60", "-m", mode, "stop")

    def stand_still(self) -> None:
        """Stops the server and all that it runs without ending it: it takes what is sent, and answers nothing."""
        for process in self._processes():
            process.suspend()

    def go_on(self) -> None:
        """Ends `stand_still`."""
        for process in self._processes():
            process.resume()

    def is_running(self) -> bool:
        return (self._data / "postmaster.pid").exists()

    def _processes(self) -> list[psutil.Process]:
        main = psutil.Process(int((self._data / "postmaster.pid").read_text().split()[0]))
        return [main, *main.children(recursive=True)]

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, name: str, *arguments: str) -> None:
        user = "postgres" if os.geteuid() == 0 else None  # the server refuses to be root
        done = subprocess.run(
            [str(self._binaries / name), *arguments],
            user=user,
            cwd=self._folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=name == "initdb",  # what pg_ctl starts would keep the pipes open
            text=True,
            check=False,
            timeout=90,
            **({} if name == "initdb" else {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}),
        )
        if done.returncode:
            log = self._folder / "log"
            raise RuntimeError(f"{name} failed: {done.stderr or (log.read_text() if log.exists() else '')}")


@contextmanager
def private_server() -> Iterator[PrivateServer]:
    """A server that runs; gone afterwards, with all that it held."""
    binaries = _binaries()
    # Not pytest's folder, which no other user may enter.
    folder = Path(tempfile.mkdtemp(prefix="shelfwise-postgresql-"))
    try:
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
        server = PrivateServer(folder, binaries)
        server.make()
        server.start()
        try:
            yield server
        finally:
            if server.is_running():
                server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if named := shutil.which("initdb"):
        found.append(Path(named))
    if not found:
        unavailable(
            "PostgreSQL's initdb is not installed, of which a test makes a server: `apt-get install postgresql`."
        )
    return sorted(found, key=lambda path: [int(part) for part in path.parts if part.isdigit()])[-1].parent
