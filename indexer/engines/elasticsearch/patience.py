"""Doing again what a busy or absent server did not do, for a while."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from indexer.errors import UnavailableError

_log = logging.getLogger(__name__)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_T = TypeVar("_T")


class Patience:
    """Lasts from when it is made.

    Args:
        lasts_s: for so long.
        what: that is written to, as log lines call it.
        sleep: waits so many seconds.
        clock: seconds, growing.
    """

    def __init__(
        self,
        lasts_s: float,
        what: str,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what = what
        self._sleep = sleep
        self._clock = clock
        self._deadline = clock() + lasts_s
        self._attempt = 0

    def pause(self, reason: str) -> bool:
        """Waits, longer each time; whether there is time for another attempt at all."""
        longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0**self._attempt)
        # Another one for each of several writers.
        pause_s = longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
        if self._clock() + pause_s > self._deadline:
            return False
        _log.warning("writing to %s is repeated in %.1f s: %s", self._what, pause_s, reason)
        self._sleep(pause_s)
        self._attempt += 1
        return True

    def succeeded(self) -> None:
        """The next pause is a short one again."""
        self._attempt = 0

    def until_done(self, work: Callable[[], _T]) -> _T:
        """Does it, again and again while the server is not there; it must do no harm to do it twice.

        Raises:
            UnavailableError: of the last attempt.
        """
        while True:
            try:
                result = work()
            except UnavailableError as error:
                if not self.pause(str(error)):
                    raise
            else:
                self.succeeded()
                return result
