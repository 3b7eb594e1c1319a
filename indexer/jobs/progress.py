"""Progress of long work, and the wish to stop it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Hears how far the work is; the command line draws bars, a worker writes the task's row."""

    def stage(self, name: str, total: int | None) -> None:
        """A new part of the work begins; `total` is None where nobody knows."""
        ...

    def advance(self, done: int) -> None:
        """So much more of the present part is done."""
        ...

    def stopping(self) -> bool:
        """Whether somebody asked to stop; asked between chunks, after which everything is consistent."""
        ...


class Silent:
    """Nobody listens."""

    def stage(self, name: str, total: int | None) -> None:
        """See `Progress`."""

    def advance(self, done: int) -> None:
        """See `Progress`."""

    def stopping(self) -> bool:
        """See `Progress`."""
        return False


class Stopped(Exception):  # noqa: N818 - a wish that was followed is no error
    """The work stopped between two chunks because somebody asked; the next run goes on from there."""
