"""gunicorn's threaded worker with a clock for each request: who sends too slowly is cut off, and holds no thread.

The body of a request that is cut off is a 408; one whose headers never end is closed.
"""

from __future__ import annotations

import socket
import time
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

LEAST_BYTES_PER_S = 2_000.0
"""What it sends buys it more time at this rate."""


class PacedSocket:
    """A socket that gives up where a request comes too slowly; a new one for each request.

    Args:
        wrapped: all but `recv` is its own.
        grace_s: so long a request may take, however little it sends.
    """

    def __init__(self, wrapped: socket.socket, grace_s: float) -> None:
        self._wrapped = wrapped
        self._grace_s = grace_s
        self._received = 0
        self._waited_s = 0.0

    def recv(self, size: int, *flags: int) -> bytes:
        """What has come, at most `size` bytes.

        Raises:
            TimeoutError: too little of the request has come for the time that was waited for it.
        """
        left_s = self._grace_s + self._received / LEAST_BYTES_PER_S - self._waited_s
        if left_s <= 0:
            raise TimeoutError
        before = self._wrapped.gettimeout()
        self._wrapped.settimeout(left_s)
        begin = time.monotonic()
        try:
            data = self._wrapped.recv(size, *flags)
        finally:
            # Only the waiting counts: what the service does with it meanwhile is no fault of the client's.
            self._waited_s += time.monotonic() - begin
            self._wrapped.settimeout(before)
        self._received += len(data)
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, name)


class PacedWorker(ThreadWorker):  # type: ignore[misc] # it carries no types
    """`ThreadWorker` whose requests are paced."""

    def enqueue_req(self, conn: TConn) -> None:
        """Begins the clock of a request."""
        wrapped = conn.sock._wrapped if isinstance(conn.sock, PacedSocket) else conn.sock
        # gunicorn's application is the Flask app of `search.app`.
        conn.sock = PacedSocket(wrapped, self.wsgi.extensions["shelfwise"].config.request_s)
        if conn.parser is not None:
            # It has the socket of the request before.
            conn.parser.unreader.sock = conn.sock
        super().enqueue_req(conn)
