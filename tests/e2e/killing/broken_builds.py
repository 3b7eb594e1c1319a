"""Builds that lose something: what the judge must see."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

Patch = Callable[[ModuleType], None]

_LATER_S = 1.5


def _success_first(module: ModuleType) -> None:
    """The worker says that a task has succeeded, and then does it."""

    def finish(runner: Any, lease: Any, heartbeat: Any) -> None:
        runner._tasks.succeed(lease, {})
        runner._jobs[lease.task.kind](runner._services, lease.task, heartbeat)

    module.Runner._finish = finish


def _answered_early(module: ModuleType) -> None:
    """The web service answers a change before the catalogue has it."""
    modify = module.SqlCatalogue.modify

    def later(catalogue: Any, index: str, ids: Any, change: Any) -> Any:
        timer = threading.Timer(_LATER_S, modify, (catalogue, index, ids, change))
        timer.daemon = True
        timer.start()
        return module.UpsertReport((), 0)

    module.SqlCatalogue.modify = later


def _nobody_sweeps(module: ModuleType) -> None:
    """What was written without a task is never looked for."""
    module.Sweep.look = lambda sweep: []


def _lost_for_good(module: ModuleType) -> None:
    """A lease that has run out is not taken over..."""
    module.find_lost = lambda connection, now: []


def _gone_for_good(module: ModuleType) -> None:
    """...nor is the task of a worker that is gone."""
    module.take_back_of_the_gone = lambda tasks: 0


BROKEN: dict[str, dict[str, Patch]] = {
    "success first": {"workers.runner": _success_first},
    "answered early": {"indexer.store.catalogue": _answered_early},
    "nobody sweeps": {"workers.sweep": _nobody_sweeps},
    "no takeover": {"indexer.store.task_rows": _lost_for_good, "workers.runner": _gone_for_good},
}
"""Name → what is done to which module."""
