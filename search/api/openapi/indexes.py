"""Indexes: which there are, and what operators do to them."""

from __future__ import annotations

from indexer.store.records import GenerationState
from search.api.openapi.json_schema import (
    COUNT,
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
)
from search.api.openapi.operation import Access, Answer, Body, Content, Operation, Topic
from search.api.openapi.parameters import INDEX, LOCATION, WAIT_S
from search.api.openapi.settings import SETTINGS_EXAMPLE
from search.api.openapi.tasks import TASK_EXAMPLE

_SUMMARY = {
    "name": TEXT,
    "created_at": TIME,
    "products": COUNT,
    "change_number": described(COUNT, "Of the newest change of the catalogue."),
    "live": described(nullable(WHOLE), "The generation that answers searches; null before the first."),
    "generations": list_of(ref("Generation")),
    "settings_version": WHOLE,
}
_SUMMARY_EXAMPLE = {
    "name": "shop",
    "created_at": "2026-02-03T10:15:00+00:00",
    "products": 40,
    "change_number": 40,
    "live": 1,
    "generations": [
        {
            "number": 1,
            "state": "live",
            "change_number": 40,
            "created_at": "2026-02-03T10:15:02+00:00",
            "note": "first build",
            "bytes": 81920,
        }
    ],
    "settings_version": 1,
}
_EXAMPLE = {**_SUMMARY_EXAMPLE, "settings": SETTINGS_EXAMPLE, "undeclared": {}}
_TASK_OF_INDEX = Content(record({"index": TEXT, "task": ref("Task")}), {"index": "shop", "task": TASK_EXAMPLE})
_TASKS = {
    200: Answer("The task is done.", (_TASK_OF_INDEX,), LOCATION),
    202: Answer("The task waits, or runs.", (_TASK_OF_INDEX,), LOCATION),
}

TOPIC = Topic(
    "Indexes",
    "What an index is and holds. With the master key.",
    (
        Operation(
            "listIndexes",
            "GET",
            "/v1/indexes",
            "List all indexes",
            Access.MASTER_KEY,
            {
                200: Answer(
                    "All indexes, without their settings.",
                    (Content(record({"indexes": list_of(record(_SUMMARY))}), {"indexes": [_SUMMARY_EXAMPLE]}),),
                )
            },
        ),
        Operation(
            "showIndex",
            "GET",
            "/v1/indexes/{index}",
            "Show an index",
            Access.MASTER_KEY,
            {200: Answer("Everything that is known of it.", (Content(ref("Index"), _EXAMPLE),))},
            parameters=(INDEX,),
        ),
        Operation(
            "makeIndex",
            "PUT",
            "/v1/indexes/{index}",
            "Make an index",
            Access.MASTER_KEY,
            {
                200: Answer("It was there already, with these settings.", (Content(ref("Index"), _EXAMPLE),)),
                201: Answer("It is made, and empty.", (Content(ref("Index"), _EXAMPLE),)),
            },
            description="What the settings leave out gets its default. Without any, the first products declare the "
            "fields by themselves.",
            parameters=(INDEX,),
            body=Body(
                (
                    Content(
                        record({}, {"settings": ref("ChangedSettings")}, closed=True),
                        {"settings": {"schema": {"language": "en", "currencies": {"default": "EUR"}}}},
                    ),
                ),
                required=False,
            ),
            errors=(409,),
        ),
        Operation(
            "deleteIndex",
            "DELETE",
            "/v1/indexes/{index}",
            "Delete an index",
            Access.MASTER_KEY,
            {
                200: Answer(
                    "It is gone, with its products; its tasks are cancelled.",
                    (Content(record({"deleted": TEXT, "products": COUNT}), {"deleted": "shop", "products": 40}),),
                )
            },
            parameters=(INDEX,),
            errors=(409,),
        ),
        Operation(
            "rebuildIndex",
            "POST",
            "/v1/indexes/{index}/rebuild",
            "Rebuild an index",
            Access.MASTER_KEY,
            _TASKS,
            description="Builds a new generation from the catalogue, and switches to it.",
            parameters=(INDEX, WAIT_S),
            errors=(409,),
        ),
        Operation(
            "rollBackIndex",
            "POST",
            "/v1/indexes/{index}/rollback",
            "Roll an index back",
            Access.MASTER_KEY,
            _TASKS,
            description="Goes back to the generation before, with its settings. Where there is none, the task fails.",
            parameters=(INDEX, WAIT_S),
            errors=(409,),
        ),
    ),
    {
        "Index": record(
            {
                **_SUMMARY,
                "settings": ref("Settings"),
                "undeclared": map_of(COUNT, "Attributes that it does not declare, with the products that have them."),
            }
        ),
        "Generation": record(
            {
                "number": WHOLE,
                "state": one_of_texts([state.value for state in GenerationState]),
                "change_number": COUNT,
                "created_at": TIME,
                "note": TEXT,
                "bytes": COUNT,
            }
        ),
    },
)
