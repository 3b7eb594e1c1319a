"""The clock of the stores: one, in UTC, that tests can put in the place of the real one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Gives the present time, with its zone."""


def utc_now() -> datetime:
    """The clock of the machine."""
    return datetime.now(UTC)
