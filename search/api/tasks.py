"""`GET /v1/tasks`, `/v1/tasks/{id}`, its rejects, and the wish to cancel it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app

from indexer.store.task_protocol import TaskStore
from indexer.store.task_records import MAX_LISTED, TaskRecord, TaskState
from search.api.reading import Parameters, known_parameters, one, whole
from search.api.writing import json_response
from search.errors import NotFoundError, RequestError, shown
from search.services import Services

tasks = Blueprint("tasks", __name__, url_prefix="/v1/tasks")

MAX_WAIT_S = 30
DEFAULT_LIMIT = 50
_SECONDS = re.compile(r"\d{1,9}(\.\d{0,9})?|\.\d{1,9}", re.ASCII)
_BLOCK_BYTES = 1 << 16
_LOOK_S = 0.02
_SLOWEST_LOOK_S = 0.25


@tasks.get("")
def list_tasks() -> Response:
    """Tasks, newest first."""
    found = known_parameters(("index", "kind", "state", "limit", "before"))
    limit = whole(found, "limit", DEFAULT_LIMIT, MAX_LISTED)
    before = whole(found, "before", 0, 2**53) if one(found, "before") else None
    listed = _store().list_tasks(
        index=one(found, "index") or None,
        kinds=found.get("kind"),
        states=[_state(state) for state in found["state"]] if "state" in found else None,
        before=before,
        limit=limit,
    )
    following = listed[-1].number if len(listed) == limit else None
    return json_response({"tasks": [task_to_json(task) for task in listed], "next_before": following})


@tasks.get("/<task_id>")
def show_task(task_id: str) -> Response:
    """One task, with its parts; `wait_s` waits for its end."""
    found = known_parameters(("wait_s",))
    task = awaited(task_id, wait_s(found))
    parts = [task_to_json(part) for part in _store().children(task_id)]
    return json_response({**task_to_json(task), **({"parts": parts} if parts else {})})


@tasks.get("/<task_id>/rejects")
def show_rejects(task_id: str) -> Response:
    """The rows that an import did not take, one JSON line each."""
    known_parameters()
    task = _store().get(task_id)
    name = (task.result or {}).get("rejects_file")
    if not name:
        raise NotFoundError(f"task {task_id} ({task.kind}, {task.state.value}) has no rejects")
    path = _services().config.imports_dir / Path(name).name
    if not path.exists():
        raise NotFoundError(f"the rejects of task {task_id} were removed; import the feed again")
    return Response(_blocks(path), mimetype="application/x-ndjson")


@tasks.post("/<task_id>/cancel")
def cancel_task(task_id: str) -> Response:
    """Asks a task to stop; what is finished stays as it is."""
    known_parameters()
    return json_response(task_to_json(_store().cancel(task_id)), 202)


def task_to_json(task: TaskRecord) -> dict[str, Any]:
    """A task as plain JSON types."""
    progress = task.progress
    return {
        "id": task.id,
        "number": task.number,
        "kind": task.kind,
        "index": task.index,
        "lane": task.lane.value,
        "state": task.state.value,
        "parent": task.parent,
        "created_at": task.created_at.isoformat(),
        "started_at": _time(task.started_at),
        "finished_at": _time(task.finished_at),
        "attempts": task.attempts,
        "cancel_requested": task.cancel_requested,
        "progress": {
            "stage": progress.stage,
            "done": progress.done,
            "total": progress.total,
            "errors": progress.errors,
            "rate_per_s": round(progress.rate_per_s, 1),
            "remaining_s": None if progress.remaining_s is None else round(progress.remaining_s, 1),
        },
        "result": task.result,
        "error": task.error or None,
    }


def wait_s(found: Parameters) -> float:
    """How long the caller wants to wait for the end of a task; 0 where nothing is said.

    Raises:
        RequestError: it is no number of seconds up to `MAX_WAIT_S`.
    """
    text = one(found, "wait_s")
    # float() would also take 1_0, digits of other scripts, and nan.
    seconds = float(text or 0) if not text or _SECONDS.fullmatch(text) else -1
    if not 0 <= seconds <= MAX_WAIT_S:
        raise RequestError("wait_s", shown(text), f"wanted is a number of seconds from 0 to {MAX_WAIT_S}")
    return seconds


def awaited(task_id: str, seconds: float) -> TaskRecord:
    """A task once it is finished, or as it is after so long."""
    end, pause = time.monotonic() + seconds, _LOOK_S
    while True:
        task = _store().get(task_id)
        left = end - time.monotonic()
        if task.state.finished or left <= 0:
            return task
        time.sleep(min(pause, left))
        pause = min(1.5 * pause, _SLOWEST_LOOK_S)


def _state(text: str) -> TaskState:
    try:
        return TaskState(text)
    except ValueError as error:
        wanted = ", ".join(state.value for state in TaskState)
        raise RequestError("state", shown(text), f"there is no such state; wanted: {wanted}") from error


def _blocks(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while block := file.read(_BLOCK_BYTES):
            yield block


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _store() -> TaskStore:
    return _services().catalogue.tasks


def _services() -> Services:
    services: Services = current_app.extensions["shelfwise"]
    return services
