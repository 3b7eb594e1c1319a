"""Products written, changed and deleted."""

from __future__ import annotations

from collections.abc import Mapping

from search.api.openapi.json_schema import (
    COUNT,
    TEXT,
    described,
    either,
    list_of,
    nullable,
    record,
    ref,
)
from search.api.openapi.operation import LINES, Access, Answer, Body, Content, JsonSchema, Operation, Parameter
from search.api.openapi.parameters import ID, INDEX, LOCATION, PRODUCT_ID, WAIT_S
from search.api.openapi.product import SENT_EXAMPLE
from search.api.openapi.tasks import TASK_EXAMPLE
from search.api.storing import MAX_DELETED

_COUNTS = ("created", "updated", "unchanged", "deleted", "change_number")
_WRITTEN_EXAMPLE = {
    "index": "shop",
    "created": 1,
    "updated": 0,
    "unchanged": 0,
    "deleted": 0,
    "change_number": 41,
    "problems": [],
    "task": TASK_EXAMPLE,
}
_CHANGE_EXAMPLE = [{"id": "lamp/21", "price": 9.99, "availability": "in stock"}]
_CHANGE_WITH_ID: JsonSchema = {
    "allOf": [ref("ProductChange"), {"type": "object", "required": ["id"]}],
    "description": "A change with the id of its product.",
}
_LINES_EXAMPLE = '{"id": "lamp/21", "title": "Desk lamp, red"}\n{"id": "t2", "title": "Oak table"}\n'


def _answers(schema: JsonSchema) -> Mapping[int, Answer]:
    return {
        200: Answer("It can be found, or nothing had to be changed.", (Content(schema, _WRITTEN_EXAMPLE),), LOCATION),
        202: Answer("It is kept; the task makes it searchable.", (Content(schema, _WRITTEN_EXAMPLE),), LOCATION),
    }


_ANSWERS = _answers(ref("Written"))

WRITTEN: Mapping[str, JsonSchema] = {
    "Written": record(
        {
            "index": TEXT,
            **dict.fromkeys(_COUNTS, COUNT),
            "problems": described(list_of(ref("WriteProblem")), "Products that were not written; all others are."),
            "task": nullable(ref("Task")),
        }
    ),
    "DeletionByIds": record({"ids": list_of(TEXT, minItems=1, maxItems=MAX_DELETED)}, closed=True),
    "DeletionByFilter": record({"filter": described(TEXT, "Such as `price > 100`.")}, closed=True),
    "DeletionTask": record({"index": TEXT, "task": ref("Task")}, description="By `filter`: the task does it."),
    "WriteProblem": record(
        {
            "place": described(COUNT, "Among those that were sent, from 0."),
            "id": TEXT,
            "field": TEXT,
            "value": TEXT,
            "reason": TEXT,
            "status": {"enum": [400, 404]},
        }
    ),
}


def _write(name: str, method: str, path: str, summary: str, **more: object) -> Operation:
    settings = {"answers": _ANSWERS, "errors": (409,), **more}
    return Operation(name, method, f"/v1/indexes/{{index}}/documents{path}", summary, Access.MASTER_KEY, **settings)  # type: ignore[arg-type]


WRITES = (
    _write(
        "writeDocuments",
        "POST",
        "",
        "Create or replace products",
        description="One product, a list of them, or one a line. An index that does not exist is made. Products that "
        "are wrong are named in `problems`, and keep no other from being written; one that is sent alone is an error.",
        parameters=(INDEX, WAIT_S),
        body=Body(
            (
                Content(either(ref("SentProduct"), list_of(ref("SentProduct"), minItems=1)), SENT_EXAMPLE),
                Content(TEXT, _LINES_EXAMPLE, LINES),
            )
        ),
    ),
    _write(
        "changeDocuments",
        "PATCH",
        "",
        "Change products",
        description="One change, a list of them, or one a line, each with the `id` of its product; or the change of "
        "the product that the parameter `id` names.",
        parameters=(
            INDEX,
            Parameter("id", "query", "The product that a single change is of.", PRODUCT_ID),
            WAIT_S,
        ),
        body=Body(
            (
                Content(either(ref("ProductChange"), list_of(_CHANGE_WITH_ID, minItems=1)), _CHANGE_EXAMPLE),
                Content(TEXT, '{"id": "lamp/21", "price": 9.99}\n', LINES),
            )
        ),
    ),
    _write(
        "deleteDocumentById",
        "DELETE",
        "",
        "Delete the product of a parameter",
        description="For ids that an address would rewrite, such as `a/../b`.",
        parameters=(INDEX, Parameter("id", "query", "The id of the product.", PRODUCT_ID, "lamp/21"), WAIT_S),
    ),
    _write(
        "changeDocument",
        "PATCH",
        "/{id}",
        "Change one product",
        parameters=(INDEX, ID, WAIT_S),
        body=Body((Content(ref("ProductChange"), {"price": 9.99}),)),
    ),
    _write("deleteDocument", "DELETE", "/{id}", "Delete one product", parameters=(INDEX, ID, WAIT_S)),
    _write(
        "changeVariant",
        "PATCH",
        "/{id}/variants/{sku}",
        "Change one variant of a product",
        parameters=(
            INDEX,
            ID,
            Parameter("sku", "path", "Which variant.", {"type": "string", "minLength": 1}, "lamp-21-red"),
            WAIT_S,
        ),
        body=Body((Content(ref("ProductChange"), {"price": 9.99, "availability": "sold out"}),)),
    ),
    _write(
        "deleteDocuments",
        "POST",
        "/delete",
        "Delete several products",
        answers=_answers(either(ref("Written"), ref("DeletionTask"))),
        description="Those of `ids`, or all that match a `filter`.",
        parameters=(INDEX, WAIT_S),
        body=Body(
            (
                Content(
                    either(ref("DeletionByIds"), ref("DeletionByFilter")),
                    {"ids": ["lamp/21"]},
                ),
            )
        ),
    ),
)
