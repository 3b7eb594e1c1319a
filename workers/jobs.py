"""What is done for each kind of task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indexer.jobs.applying import Applied
from indexer.jobs.heartbeat import Heartbeat
from indexer.store.task_records import Lane, TaskRecord
from search.maintenance import Maintenance
from search.services import Services
from search.tasks import APPLY, DELETE, IMPORT, REBUILD, ROLL_BACK
from search.uploads import Upload, import_upload, remove_upload
from workers.runner import Afterwards, Job

WAIT_S = 5.0
"""For another process that works on the same index; the task is tried again later, after it."""


def apply(services: Services, task: TaskRecord, heartbeat: Heartbeat) -> Mapping[str, Any]:
    """Makes changes searchable."""
    maintenance = Maintenance(services, WAIT_S)
    if task.lane is Lane.INTERACTIVE:
        applied = maintenance.catch_up_with(task.index, task.payload["first"], task.payload["last"])
    else:
        applied = maintenance.catch_up(task.index, heartbeat)
    heartbeat.rejected(applied.rejected)
    # Under many writers these would come one by one, and find that nothing is left to do.
    nothing = applied_result(Applied(0, 0, applied.change_number))
    services.catalogue.tasks.succeed_waiting(APPLY, task.index, "last", applied.change_number, nothing)
    return applied_result(applied)


def import_feed(services: Services, task: TaskRecord, heartbeat: Heartbeat) -> Mapping[str, Any]:
    """Imports an uploaded feed."""
    result = import_upload(services, task.index, Upload(**task.payload), heartbeat, WAIT_S)
    heartbeat.rejected(result["rejected"] + result["not_indexed"])
    return result


def forget_feed(services: Services, task: TaskRecord) -> None:
    """Removes an uploaded feed: only once the end of its task is written does nobody need it any more."""
    remove_upload(services, Upload(**task.payload))


def rebuild(services: Services, task: TaskRecord, heartbeat: Heartbeat) -> Mapping[str, Any]:
    """Builds a generation and switches to it."""
    built = Maintenance(services, WAIT_S).rebuild(task.index, heartbeat, task.payload["note"])
    heartbeat.rejected(built.applied.rejected)
    vectors = {"computed": built.computed_vectors, "reused": built.reused_vectors}
    return {"generation": built.number, "products": built.products, "vectors": vectors, **applied_result(built.applied)}


def roll_back(services: Services, task: TaskRecord, heartbeat: Heartbeat) -> Mapping[str, Any]:
    """Goes back to the generation before."""
    return {"generation": Maintenance(services, WAIT_S).roll_back(task.index, heartbeat).number}


def delete_matching(services: Services, task: TaskRecord, heartbeat: Heartbeat) -> Mapping[str, Any]:
    """Deletes the products that match a filter."""
    deleted = Maintenance(services, WAIT_S).delete_matching(task.index, task.payload["filter"], heartbeat)
    return {"deleted": deleted}


def applied_result(applied: Applied) -> dict[str, Any]:
    """What an engine took, as the result of a task."""
    return {
        "written": applied.written,
        "deleted": applied.deleted,
        "change_number": applied.change_number,
        "not_indexed": applied.rejected,
        "reasons": dict(applied.reasons),
    }


JOBS: Mapping[str, Job] = {
    APPLY: apply,
    IMPORT: import_feed,
    REBUILD: rebuild,
    ROLL_BACK: roll_back,
    DELETE: delete_matching,
}

AFTERWARDS: Mapping[str, Afterwards] = {IMPORT: forget_feed}
"""What is done when the end of a task is written; a worker that is lost before that leaves it to `Runner`'s tidying."""
