"""What a check of `shelfwise doctor` found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is: fine; worth knowing; or something does not work."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Args:
        check: what was looked at.
        state: how bad it is.
        detail: what was seen.
        remedy: what to do, "" where nothing is to be done.
    """

    check: str
    state: State
    detail: str
    remedy: str = ""
