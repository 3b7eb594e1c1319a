"""A circuit breaker: while a server is away, who asks is told at once, and only one at a time tries again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FAILURES = 3
"""So many in a row open it."""
_FIRST_S, _LONGEST_S = 0.5, 2.0


class Breaker:
    """Thread-safe.

    Args:
        clock: seconds, growing.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._until = 0.0
        self._pause_s = _FIRST_S

    def lets_through(self) -> bool:
        """Whether to try; once the pause is over, one is let through to find out, and the others wait for its luck."""
        with self._lock:
            if self._failures < FAILURES:
                return True
            now = self._clock()
            if now < self._until:
                return False
            self._until = now + self._pause_s
            return True

    def succeeded(self) -> None:
        """An answer came, of whatever kind."""
        with self._lock:
            self._failures = 0
            self._pause_s = _FIRST_S

    def failed(self) -> None:
        """No answer came."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES:
                self._until = self._clock() + self._pause_s
                self._pause_s = min(_LONGEST_S, 2 * self._pause_s)
