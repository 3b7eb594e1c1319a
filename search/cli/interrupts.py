"""Ctrl-C: the first asks the work to stop where everything is consistent, the second ends the program."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType, TracebackType
from typing import Self

SHOW_CURSOR = "\x1b[?25h"


class Interrupts:
    """Listens for Ctrl-C while it is entered; only in the main thread, which alone hears signals.

    Attributes:
        requested: whether somebody asked to stop.
    """

    def __init__(self) -> None:
        self.requested = False

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _hear(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as `signal` calls it
        if self.requested:
            if sys.stderr.isatty():
                sys.stderr.write(SHOW_CURSOR)  # a bar that is drawn hides it
                sys.stderr.flush()
            # As the signal itself would have done: nothing waits, and what is committed survives any end.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        self.requested = True
        sys.stderr.write("Stopping after this chunk; Ctrl-C again ends it at once.\n")
        sys.stderr.flush()
