"""Wakes workers: there is a task to be done."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Protocol

from indexer.breaker import Breaker
from search.config import Config

if TYPE_CHECKING:
    from celery import Celery

WAKE_TASK = "shelfwise.wake"
WAKE_EXPIRES_S = 60
_RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0}

_log = logging.getLogger(__name__)


class Dispatcher(Protocol):
    """Wakes a worker. A wake-up that gets lost loses nothing: workers look by themselves, a second later."""

    def wake(self) -> None: ...


class Nobody:
    """Wakes nobody; for programs beside which no worker runs, or that need not hurry."""

    def wake(self) -> None:
        """See `Dispatcher`."""


class CeleryDispatcher:
    """Sends a message to whichever worker hears it first; opened with the first one.

    A broker that is away costs each of the first few messages a second, and then one now and again.

    Args:
        config: says where the broker is.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._app: Celery | None = None
        self._lock = threading.Lock()
        self._breaker = Breaker()

    def wake(self) -> None:
        """See `Dispatcher`."""
        if not self._breaker.lets_through():
            return
        try:
            # Once more, since a connection that lay idle may have been closed.
            self._opened().send_task(WAKE_TASK, expires=WAKE_EXPIRES_S, retry=True, retry_policy=_RETRY)
        except Exception as error:  # noqa: BLE001 - whatever a broker may raise: the task is written, and will be found
            self._breaker.failed()
            _log.warning("no worker could be woken; the next that looks finds the task: %s", error)
        else:
            self._breaker.succeeded()

    def _opened(self) -> Celery:
        with self._lock:
            if self._app is None:
                # Imported here: most processes that could wake a worker never do.
                from celery import Celery

                from search.broker import celery_settings

                self._app = Celery("shelfwise", set_as_current=False)
                self._app.conf.update(celery_settings(self._config, sends=True))
            return self._app
