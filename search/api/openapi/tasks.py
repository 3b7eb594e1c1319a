"""Tasks: what workers do, and how far they are."""

from __future__ import annotations

from indexer.store.task_records import MAX_LISTED, Lane, TaskState
from search.api.openapi.json_schema import (
    COUNT,
    FLAG,
    NUMBER,
    TEXT,
    TIME,
    WHOLE,
    described,
    list_of,
    map_of,
    nullable,
    one_of_texts,
    record,
    ref,
    whole,
)
from search.api.openapi.operation import LINES, Access, Answer, Content, Operation, Parameter, Topic
from search.api.openapi.parameters import WAIT_S
from search.api.tasks import DEFAULT_LIMIT

_STATES = [state.value for state in TaskState]
_ID = Parameter(
    "task_id",
    "path",
    "The id of a task.",
    {"type": "string", "pattern": "^[^/]+$"},
    "3f0e5c1c8f5b4d2ab0c5e7a1f6d29b44",
)

TASK_EXAMPLE = {
    "id": "3f0e5c1c8f5b4d2ab0c5e7a1f6d29b44",
    "number": 12,
    "kind": "apply",
    "index": "shop",
    "lane": "interactive",
    "state": "queued",
    "parent": None,
    "created_at": "2026-02-03T10:15:00+00:00",
    "started_at": None,
    "finished_at": None,
    "attempts": 0,
    "cancel_requested": False,
    "progress": {"stage": "", "done": 0, "total": None, "errors": 0, "rate_per_s": 0.0, "remaining_s": None},
    "result": None,
    "error": None,
}
_TASK = {
    "id": TEXT,
    "number": described(WHOLE, "Grows with each task."),
    "kind": described(TEXT, "What is done: apply, import, rebuild, rollback or delete."),
    "index": TEXT,
    "lane": one_of_texts([lane.value for lane in Lane]),
    "state": one_of_texts(_STATES),
    "parent": described(nullable(TEXT), "The task that it is a part of."),
    "created_at": TIME,
    "started_at": nullable(TIME),
    "finished_at": nullable(TIME),
    "attempts": COUNT,
    "cancel_requested": FLAG,
    "progress": record(
        {
            "stage": TEXT,
            "done": COUNT,
            "total": nullable(COUNT),
            "errors": described(COUNT, "Rows or products that were refused so far."),
            "rate_per_s": NUMBER,
            "remaining_s": nullable(NUMBER),
        }
    ),
    "result": described(nullable(map_of({})), "What it did, by its kind; null unless it succeeded."),
    "error": described(nullable(TEXT), "What went wrong last, and the remedy."),
}

TOPIC = Topic(
    "Tasks",
    "Work that goes on after its answer: an index takes up products, imports a feed, is rebuilt. With the master key.",
    (
        Operation(
            "listTasks",
            "GET",
            "/v1/tasks",
            "List tasks, newest first",
            Access.MASTER_KEY,
            {
                200: Answer(
                    "A page of them; `next_before` asks for the next one, and is null at the end.",
                    (
                        Content(
                            record({"tasks": list_of(ref("Task")), "next_before": nullable(WHOLE)}),
                            {"tasks": [TASK_EXAMPLE], "next_before": None},
                        ),
                    ),
                )
            },
            parameters=(
                Parameter("index", "query", "Only those of this index.", TEXT, "shop"),
                Parameter("kind", "query", "Only those of this kind; repeated for several.", list_of(TEXT)),
                Parameter(
                    "state", "query", "Only those in this state; repeated for several.", list_of(one_of_texts(_STATES))
                ),
                Parameter("limit", "query", f"Tasks on a page, {DEFAULT_LIMIT} without it.", whole(1, MAX_LISTED), 10),
                Parameter(
                    "before", "query", "The `next_before` of the page before.", {"type": "integer", "minimum": 1}
                ),
            ),
        ),
        Operation(
            "showTask",
            "GET",
            "/v1/tasks/{task_id}",
            "Show a task",
            Access.MASTER_KEY,
            {
                200: Answer(
                    "How far it is, with its parts where it has any.",
                    (Content(ref("Task"), TASK_EXAMPLE),),
                )
            },
            parameters=(_ID, WAIT_S),
        ),
        Operation(
            "showRejects",
            "GET",
            "/v1/tasks/{task_id}/rejects",
            "Get the rows that an import refused",
            Access.MASTER_KEY,
            {200: Answer("One JSON line for each.", (Content(TEXT, type=LINES),))},
            parameters=(_ID,),
        ),
        Operation(
            "cancelTask",
            "POST",
            "/v1/tasks/{task_id}/cancel",
            "Ask a task to stop",
            Access.MASTER_KEY,
            {202: Answer("The task as it is now; what is finished stays so.", (Content(ref("Task"), TASK_EXAMPLE),))},
            parameters=(_ID,),
        ),
    ),
    {"Task": record(_TASK, {"parts": list_of(record(_TASK))})},
)
