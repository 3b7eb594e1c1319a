"""Finds what no message announced: products that were written and that no task makes searchable."""

from __future__ import annotations

from indexer.jobs.locks import Work
from indexer.store.records import IndexRecord
from indexer.store.task_records import TaskState
from search.services import Services


class Sweep:
    """Looks again and again; an index is behind when two looks find it where it was, and nobody at work on it.

    A command that was killed between the catalogue and the engine leaves one like that, and so does a service that was
    killed between a write and its task.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._behind: dict[str, tuple[int, int]] = {}

    def look(self) -> list[str]:
        """Asks for what is missing; the indexes that were behind."""
        behind = {}
        asked = []
        for record in self._services.catalogue.list_indexes():
            at = (record.change_number, self._reached(record))
            if at[0] == at[1] or self._is_worked_on(record.name):
                continue
            behind[record.name] = at
            if self._behind.get(record.name) == at:
                self._services.tasks.catch_up(record.name)
                asked.append(record.name)
        self._behind = behind
        return asked

    def _reached(self, record: IndexRecord) -> int:
        live = self._services.catalogue.generations.live(record.name)
        return 0 if live is None else live.change_number

    def _is_worked_on(self, index: str) -> bool:
        unfinished = [TaskState.QUEUED, TaskState.RUNNING]
        if self._services.catalogue.tasks.list_tasks(index=index, states=unfinished, limit=1):
            return True
        return any(self._services.locks.held(index, work) for work in (Work.IMPORT, Work.BUILD))
