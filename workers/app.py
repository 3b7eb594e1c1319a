"""The Celery app of the workers: `celery -A workers.app worker`, or `shelfwise worker`.

Nothing is opened at import. Each process that does tasks opens its own services when it is ready, after any fork.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import Any

from celery import Celery, bootsteps, signals

from search.broker import celery_settings
from search.config import load_config
from search.logs import set_up_logs
from search.services import Services
from workers import tasks
from workers.jobs import AFTERWARDS, JOBS
from workers.runner import Runner

_log = logging.getLogger(__name__)

_LOOK_S = 0.5


class _Process:
    """What this process has open: services and a runner. A fork has none."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pid = 0
        self._services: Services | None = None
        self._runner: Runner | None = None

    def runner(self) -> Runner:
        """The runner of this process, started when first asked for."""
        with self._lock:
            if self._runner is None or self._pid != os.getpid():
                self._pid = os.getpid()
                self._services = Services(load_config())
                self._runner = Runner(self._services, JOBS, AFTERWARDS)
                self._runner.start()
            return self._runner

    def leave(self) -> None:
        """Lets what is under way stop soon."""
        if self._runner is not None and self._pid == os.getpid():
            self._runner.leave()

    def close(self) -> None:
        """Stops what is under way where another process can go on."""
        with self._lock:
            if self._runner is not None and self._services is not None and self._pid == os.getpid():
                self._runner.close()
                self._services.close()
            self._runner = self._services = None


_process = _Process()


def _settings() -> dict[str, Any]:
    # Threads by default: the native libraries of the engine are not to be carried over a fork.
    threads = {"worker_pool": "threads", "worker_concurrency": 1}
    return {**celery_settings(load_config()), **threads, "worker_hijack_root_logger": False}


def _wake() -> None:
    _process.runner().wake()


class _Begin(bootsteps.StartStopStep):  # type: ignore[misc]
    """Begins to work after any fork, and whether the broker answers or not: a worker looks by itself."""

    requires = frozenset({"celery.worker.components:Hub", "celery.worker.components:Pool"})

    def start(self, parent: Any) -> None:
        set_up_logs(load_config())
        if parent.hub is not None:
            # A loop that sleeps until its server speaks would see only then that it is to stop.
            parent.hub.call_repeatedly(_LOOK_S, lambda: None)
        _process.runner()


def _leave(**_: object) -> None:
    _process.leave()


def _end(**_: object) -> None:
    _process.close()


signals.worker_shutting_down.connect(_leave)
signals.worker_shutdown.connect(_end)
signals.worker_process_shutdown.connect(_end)

app = Celery("shelfwise")
app.add_defaults(_settings)
app.steps["worker"].add(_Begin)
tasks.register(app, _wake)
