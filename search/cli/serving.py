"""`serve` and `worker`: the web service and the workers as programs of their own."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from filelock import FileLock, Timeout

from indexer.errors import ConflictError
from indexer.files import disk_errors
from search.cli.exits import Exit, Failure
from search.cli.session import Session
from search.cli.supervisor import Program, Supervisor
from search.config import CONFIG_FILE, PREFIX, Config

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
"""See `search.metrics`."""

_THREADS = 8
"""Of a web process: requests that wait for one another share its cores."""
_BACKLOG = 512
_TIMEOUT_S = 60


def serve(session: Session, host: str, port: int, web: int, workers: int) -> None:
    """Serves until it is stopped.

    Raises:
        ConflictError: another one serves this data directory.
        Failure: the address cannot be had, or a program does not start.
        ConfigurationError: it would answer others than this machine without a key.
    """
    config = session.config
    _check_keys(config, host)
    with _only_one(config), _listening(host, port) as listening:
        environment = _environment(session)
        if web > 1:
            environment[MULTIPROCESS] = str(_emptied(config.data_dir.resolve() / "metrics"))
        command = [sys.executable, "-m", "gunicorn", "search.app:create_app()"]
        command += ["--bind", f"fd://{listening.fileno()}", "--worker-class", "search.pacing.PacedWorker"]
        command += ["--workers", str(web), "--threads", str(_THREADS), "--timeout", str(_TIMEOUT_S)]
        # The application says by itself what is too long.
        command += ["--limit-request-line", "0", "--graceful-timeout", "10", "--log-level", "warning"]
        programs = [Program("the web service", command, environment, (listening.fileno(),))]
        programs += [Program(f"worker {number}", _worker_command(), environment) for number in range(1, workers + 1)]
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listening.getsockname()[1]}"

        def ready() -> None:
            click.echo(f"Shelfwise answers at {address} (data in {config.data_dir}); Ctrl-C stops it.")

        Supervisor(programs, lambda news: click.echo(news, err=True)).run(ready)
    click.echo("Stopped. What was acknowledged is kept.")


def _emptied(folder: Path) -> Path:
    """A folder with nothing in it: what processes of another day have counted is no part of today's numbers."""
    with disk_errors(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    return folder


def work(session: Session) -> None:
    """Becomes a worker; does not return."""
    environment = _environment(session)
    command = _worker_command()
    sys.stdout.flush()
    os.execve(command[0], command, environment)  # noqa: S606 - no shell is wanted


def _worker_command() -> list[str]:
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    # Celery warns of being root, which in a container is nothing special.
    return [
        sys.executable,
        "-W",
        "ignore:You're running",
        "-m",
        "celery",
        "--quiet",
        "-A",
        "workers.app",
        "worker",
        *quiet,
    ]


def _environment(session: Session) -> dict[str, str]:
    """What the programs need to have the same settings."""
    environment = {**os.environ, f"{PREFIX}DATA_DIR": str(session.config.data_dir.resolve())}
    file = session.config_file or os.environ.get(f"{PREFIX}CONFIG") or CONFIG_FILE
    if Path(file).exists():
        environment[f"{PREFIX}CONFIG"] = str(Path(file).resolve())
    return environment


def _check_keys(config: Config, host: str) -> None:
    if config.master_key or _is_loopback(host):
        return
    raise Failure(
        f"--host {host} answers other machines, and no key is set: set SHELFWISE_MASTER_KEY or "
        "SHELFWISE_MASTER_KEY_FILE, such as to the output of `openssl rand -hex 32`, or stay on 127.0.0.1",
        Exit.CONFIGURATION,
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _only_one(config: Config) -> Iterator[None]:
    """Keeps a second one off the same data."""
    path = config.data_dir / "locks" / "serve.lock"
    holder = path.with_suffix(".pid")
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            by = holder.read_text() if holder.exists() else "?"
            raise ConflictError(
                f"{config.data_dir} is served already, by process {by}: stop that one first, or serve another data "
                "directory with --data-dir"
            ) from error
        holder.write_text(str(os.getpid()))
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The socket, which stays open when the web service is started again: who asks meanwhile waits."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise Failure(
            f"{host}:{port} cannot be listened on: {error.strerror or error}; choose another --port or --host",
            Exit.CONFLICT,
        ) from error
    with listening:
        yield listening
