"""Progress on a terminal: one bar for the part that is being worked on, with rate and remaining time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from indexer.jobs.progress import Progress, Stopped
from search.cli.exits import Interrupted
from search.cli.interrupts import Interrupts


class Measured(Protocol):
    """Something that is read from its beginning to its end, a feed for one."""

    @property
    def bytes_read(self) -> int: ...

    @property
    def total_bytes(self) -> int | None: ...


class CommandProgress(Progress, Protocol):
    """Progress that can also follow how much of a file was read."""

    def reading(self, source: Measured) -> None:
        """Begins a part that is as long as the source; what advances are its rows."""
        ...


class Unseen:
    """Progress that nobody watches; `stopping` as asked.

    Args:
        stopping: whether somebody asked to stop.
    """

    def __init__(self, stopping: Callable[[], bool]) -> None:
        self.stopping = stopping

    def stage(self, name: str, total: int | None) -> None:
        """See `Progress`."""

    def advance(self, done: int) -> None:
        """See `Progress`."""

    def reading(self, source: Measured) -> None:
        """See `CommandProgress`."""


class Bars:
    """Progress on stderr, gone when the work is done.

    Args:
        stopping: whether somebody asked to stop.
    """

    def __init__(self, stopping: Callable[[], bool]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        self.stopping = stopping
        self._task: TaskID | None = None
        self._rich = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[count]}"),
            TimeRemainingColumn(compact=True),
            console=Console(stderr=True),
            transient=True,
        )

    def start(self) -> None:
        """Begins to draw."""
        self._rich.start()

    def stop(self) -> None:
        """Wipes what was drawn."""
        self._rich.stop()

    def stage(self, name: str, total: int | None) -> None:
        """See `Progress`."""
        self._begin(name, total, None)

    def reading(self, source: Measured) -> None:
        """See `CommandProgress`."""
        self._begin("reading", source.total_bytes, source)

    def advance(self, done: int) -> None:
        """See `Progress`."""
        if self._task is None:
            return
        self._done += done
        completed = self._source.bytes_read if self._source is not None else self._done
        rate = self._done / max(time.monotonic() - self._started, 1e-3)
        self._rich.update(self._task, completed=completed, count=f"{self._done:,} ({rate:,.0f}/s)")

    def _begin(self, name: str, total: int | None, source: Measured | None) -> None:
        if self._task is not None:
            # Drawn once more, so that a part that was over before the next frame was seen too.
            self._rich.refresh()
            self._rich.remove_task(self._task)
        self._done = 0
        self._source = source
        self._started = time.monotonic()
        self._task = self._rich.add_task(name, total=total, count="")


@contextmanager
def following(shown: bool, stopping: Callable[[], bool] = lambda: False) -> Iterator[CommandProgress]:
    """Progress for as long as the block runs: bars where somebody watches, else nothing is drawn."""
    if not shown:
        yield Unseen(stopping)
        return
    bars = Bars(stopping)
    bars.start()
    try:
        yield bars
    finally:
        bars.stop()


@contextmanager
def stoppable(shown: bool, kept: Callable[[], str]) -> Iterator[CommandProgress]:
    """Progress of work that Ctrl-C stops between two chunks.

    Args:
        shown: whether bars are drawn.
        kept: says what is kept and how to go on, once it was stopped.

    Raises:
        Interrupted: it was stopped.
    """
    with Interrupts() as interrupts:
        try:
            with following(shown, lambda: interrupts.requested) as progress:
                yield progress
        except Stopped as error:
            raise Interrupted(f"Stopped. {kept()}") from error
