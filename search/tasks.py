"""The tasks that workers do: what each is called, what it is told, and how it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from indexer.store.task_protocol import TaskStore
from indexer.store.task_records import Lane, NewTask, TaskRecord
from search.dispatch import Dispatcher

APPLY = "apply"
IMPORT = "import"
REBUILD = "rebuild"
ROLL_BACK = "rollback"
DELETE = "delete"

_PATIENT = 100
"""Attempts of what must not be given up: products that were acknowledged and are not searchable yet."""


@dataclass(frozen=True, slots=True)
class Tasks:
    """Asks workers for work.

    Args:
        store: keeps the tasks.
        dispatcher: wakes a worker.
    """

    store: TaskStore
    dispatcher: Dispatcher

    def apply(self, index: str, first: int, last: int) -> TaskRecord:
        """Makes the changes `first` to `last` of the catalogue, which are of one write, searchable at once."""
        return self._ask(NewTask(APPLY, index, {"first": first, "last": last}, max_attempts=_PATIENT))

    def catch_up(self, index: str) -> TaskRecord:
        """Makes all changes of the catalogue searchable, when there is time; of several that wait, one is done."""
        return self._ask(NewTask(APPLY, index, {}, Lane.BULK, max_attempts=_PATIENT, coalesce_key="all"))

    def import_feed(self, index: str, upload: Mapping[str, Any], idempotency_key: str = "") -> TaskRecord:
        """Imports a feed.

        Args:
            upload: see `search.uploads.Upload`.
            idempotency_key: of equal ones, one is done; "" for each.
        """
        task = NewTask(IMPORT, index, upload, Lane.BULK, exclusive=f"import:{index}", idempotency_key=idempotency_key)
        return self._ask(task)

    def rebuild(self, index: str, note: str) -> TaskRecord:
        """Builds a generation of the present settings and switches to it; of several that wait, one is done."""
        return self._ask(
            NewTask(REBUILD, index, {"note": note}, Lane.BULK, exclusive=f"build:{index}", coalesce_key="rebuild")
        )

    def roll_back(self, index: str) -> TaskRecord:
        """Goes back to the generation before."""
        return self._ask(NewTask(ROLL_BACK, index, {}, Lane.BULK, exclusive=f"build:{index}", max_attempts=1))

    def delete_matching(self, index: str, filter_text: str) -> TaskRecord:
        """Deletes the products that match a filter."""
        return self._ask(NewTask(DELETE, index, {"filter": filter_text}, Lane.BULK))

    def _ask(self, task: NewTask) -> TaskRecord:
        record = self.store.enqueue(task)
        self.dispatcher.wake()
        return record
