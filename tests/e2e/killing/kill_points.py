"""The named points at which a process of the service can be killed, and what is made quicker for that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def _always(result: Any) -> bool:
    return True


def _there(result: Any) -> bool:
    return result is not None


def _written(result: Any) -> bool:
    return bool(result.written)


@dataclass(frozen=True)
class Point:
    """A passing of a function of the product.

    Args:
        program: "worker" or "web".
        module, path: of the function, as this module sees it.
        when: "before" or "after" the call.
        within: only where this function is among the callers.
        counts: only after a call with such a result.
    """

    program: str
    module: str
    path: str
    when: str
    within: str = ""
    counts: Callable[[Any], bool] = _always


_CATALOGUE = "indexer.store.catalogue"
_TASKS = "indexer.store.tasks"
_GENERATIONS = "indexer.store.generations"
_WRITER = "indexer.engines.embedded.writer"
_ENGINE = "indexer.engines.embedded.engine"
_BUILDING = "indexer.jobs.building"

POINTS: dict[str, Point] = {
    # a task and its work
    "task: leased": Point("worker", _TASKS, "SqlTasks.lease", "after", counts=_there),
    "task: lease in renewal": Point("worker", "indexer.store.task_rows", "find_held", "after", within="renew"),
    "task: lease renewed": Point("worker", _TASKS, "SqlTasks.renew", "after"),
    "apply: some documents written": Point("worker", _WRITER, "EmbeddedWriter._append", "after"),
    "apply: deletions written": Point("worker", _WRITER, "EmbeddedWriter.delete", "after", counts=_written),
    "apply: files synced, text not committed": Point("worker", _WRITER, "EmbeddedWriter._commit_text", "before"),
    "apply: text committed": Point("worker", _WRITER, "EmbeddedWriter._commit_text", "after"),
    "apply: done, not recorded": Point("worker", _GENERATIONS, "SqlGenerations.advance", "before"),
    "task: done, success not recorded": Point("worker", _TASKS, "SqlTasks.succeed", "before"),
    "task: success recorded": Point("worker", _TASKS, "SqlTasks.succeed", "after"),
    # a rebuild
    "rebuild: recorded, not created": Point("worker", _ENGINE, "EmbeddedEngine.create", "before"),
    "rebuild: between chunks": Point("worker", _WRITER, "EmbeddedWriter.commit", "after", within="_fill"),
    "rebuild: before the pointer": Point("worker", _ENGINE, "EmbeddedEngine.switch", "before"),
    "rebuild: after the pointer": Point("worker", _ENGINE, "EmbeddedEngine.switch", "after"),
    "rebuild: between the two switches": Point("worker", _GENERATIONS, "_find_locked", "after", within="switch"),
    "rebuild: both switched": Point("worker", _GENERATIONS, "SqlGenerations.switch", "after"),
    "rebuild: half pruned": Point("worker", _ENGINE, "shutil.rmtree", "before"),
    "rebuild: done, success not recorded": Point("worker", _TASKS, "SqlTasks.succeed", "before", within="run_next"),
    # an uploaded feed
    "upload: some rows in the catalogue": Point("worker", _CATALOGUE, "SqlCatalogue.upsert", "after"),
    "upload: in the catalogue, not in the engine": Point(
        "worker", "search.generations", "Generations.follow", "before", within="import_feed"
    ),
    "upload: imported, success not recorded": Point("worker", "workers.jobs", "import_upload", "after"),
    "upload: feed removed": Point("worker", "workers.jobs", "remove_upload", "after"),
    # a write over HTTP
    "web: before the catalogue": Point("web", _CATALOGUE, "SqlCatalogue.modify", "before"),
    "web: rows written, transaction open": Point("web", "indexer.store.products", "put", "after"),
    "web: written, no task": Point("web", _TASKS, "SqlTasks.enqueue", "before"),
    "web: deleted, no task": Point("web", _CATALOGUE, "SqlCatalogue.delete", "after"),
    "web: task written, not answered": Point("web", _TASKS, "SqlTasks.enqueue", "after"),
    "web: answer made": Point("web", "search.api.storing", "_told", "after"),
}

HELD_UP: dict[str, tuple[str, str]] = {
    "task: lease in renewal": (_WRITER, "EmbeddedWriter.commit"),
    "task: lease renewed": (_WRITER, "EmbeddedWriter.commit"),
}
"""Point → the function that takes long while it is armed: the lease of a short task is never renewed."""

HURRIED: dict[tuple[str, str], Any] = {
    # Kills in quick succession are no program that cannot start.
    ("search.cli.supervisor", "_SETTLED_S"): 0.5,
    ("workers.runner", "SWEEP_S"): 1.0,
}


def armed_file(folder: Path, point: str) -> Path:
    """The file that arms a point while it is there."""
    return folder / "".join(letter if letter.isalnum() else "-" for letter in point)
