"""Programs that are kept running: started, started again when they end, and stopped together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

from search.cli.exits import Exit, Failure

_PR_SET_PDEATHSIG = 1
_LOOK_S = 0.1
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 30.0
_SETTLED_S = 10.0
"""Who lived for so long has started well."""
_MAX_FAILED_STARTS = 4
STOP_S = 30.0
"""So long programs may take to end what they are doing."""


@dataclass
class Program:
    """A program that is to run.

    Args:
        name: for messages.
        command: with its arguments.
        environment: all of it.
        inherited: file descriptors that it gets.
    """

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    inherited: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    started_at_s: float = field(default=0.0, init=False)
    again_at_s: float = field(default=0.0, init=False)
    failed_starts: int = field(default=0, init=False)


class Supervisor:
    """Runs programs until somebody stops it by SIGINT or SIGTERM. Only in the main thread, which alone hears signals.

    Args:
        programs: stopped all at once.
        say: tells people what happens.
    """

    def __init__(self, programs: Sequence[Program], say: Callable[[str], None]) -> None:
        self._programs = programs
        self._say = say
        self._stopping = False
        self._impatient = False

    def run(self, ready: Callable[[], None]) -> None:
        """Runs them; returns when all have ended.

        Args:
            ready: called once, when all are started.

        Raises:
            Failure: one of them ends again and again as soon as it is started.
        """
        before = {number: signal.signal(number, self._hear) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            for program in self._programs:
                _start(program)
            ready()
            while not self._stopping:
                for program in self._programs:
                    self._look_after(program)
                time.sleep(_LOOK_S)
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _hear(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as `signal` calls it
        self._impatient = self._stopping
        self._stopping = True

    def _look_after(self, program: Program) -> None:
        now = time.monotonic()
        if program.process is None:
            if now >= program.again_at_s:
                _start(program)
            return
        code = program.process.poll()
        if code is None:
            if now - program.started_at_s >= _SETTLED_S:
                program.failed_starts = 0
            return
        program.process = None
        settled = now - program.started_at_s >= _SETTLED_S
        program.failed_starts = 0 if settled else program.failed_starts + 1
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        if program.failed_starts >= _MAX_FAILED_STARTS:
            raise Failure(
                f"{program.name} ended {how}, for the {program.failed_starts}th time as soon as it was started; see "
                "what it wrote above",
                Exit.CONFIGURATION,
            )
        pause = 0.0 if settled else min(_FIRST_PAUSE_S * 4 ** (program.failed_starts - 1), _LONGEST_PAUSE_S)
        program.again_at_s = now + pause
        self._say(f"{program.name} ended {how}, and is started again")

    def _stop(self) -> None:
        running = [program.process for program in self._programs if program.process is not None]
        for process in running:
            process.send_signal(signal.SIGTERM)
        end = time.monotonic() + STOP_S
        while any(process.poll() is None for process in running):
            if time.monotonic() >= end or self._impatient:
                for process in running:
                    process.kill()
            time.sleep(_LOOK_S / 2)


def _start(program: Program) -> None:
    program.process = subprocess.Popen(
        program.command,
        env=program.environment,
        pass_fds=program.inherited,
        # Ctrl-C reaches the supervisor alone, which stops the others one after the other.
        start_new_session=True,
        preexec_fn=_end_with_parent,
    )
    program.started_at_s = time.monotonic()


def _end_with_parent() -> None:
    """Asks the system to stop this process when its parent ends, however that ends. On Linux; elsewhere it lives on."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() == 1:
            os._exit(0)
