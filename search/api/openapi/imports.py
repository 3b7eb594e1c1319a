"""Feeds that are sent as a whole."""

from __future__ import annotations

from search.api.openapi.json_schema import FLAG, TEXT, list_of, one_of_texts, record, ref
from search.api.openapi.operation import Access, Answer, Body, Content, JsonSchema, Operation, Parameter, Topic
from search.api.openapi.parameters import INDEX, LOCATION, WAIT_S
from search.api.openapi.tasks import TASK_EXAMPLE

# The names that `indexer.feeds` knows; it brings libraries along that no other call needs.
FORMATS = ("jsonl", "json", "csv", "tsv", "shopify", "xml", "parquet")
_FILE: JsonSchema = {"type": "string", "format": "binary"}
_CONTENT = Content(
    record({"index": TEXT, "task": ref("Task")}),
    {"index": "shop", "task": {**TASK_EXAMPLE, "kind": "import", "lane": "bulk"}},
)

TOPIC = Topic(
    "Imports",
    "Whole feeds, in the formats that shops export. With the master key.",
    (
        Operation(
            "importFeed",
            "POST",
            "/v1/indexes/{index}/imports",
            "Import a feed",
            Access.MASTER_KEY,
            {
                200: Answer("The import is done; its task says what became of the rows.", (_CONTENT,), LOCATION),
                202: Answer("The feed is kept; its task waits, or runs.", (_CONTENT,), LOCATION),
            },
            description="The feed is the body, or the one file of a form. What is not told is detected.",
            parameters=(
                INDEX,
                Parameter("format", "query", "Where it is detected wrongly.", one_of_texts(FORMATS)),
                Parameter("encoding", "query", "Where it is detected wrongly, such as `cp1252`.", TEXT),
                Parameter("currency", "query", "Of prices that name none, such as `EUR`.", TEXT),
                Parameter(
                    "map",
                    "query",
                    "`TARGET=COLUMN`, such as `title=name`, where a column is recognised wrongly; repeated for more.",
                    list_of({"type": "string", "pattern": "^[^=]+=.+$"}),
                ),
                Parameter("sync", "query", "Removes the products that the feed does not have.", FLAG),
                Parameter("force", "query", "Removes them also where they are suspiciously many.", FLAG),
                Parameter("strict", "query", "Stops at the first row that is wrong.", FLAG),
                WAIT_S,
            ),
            body=Body(
                (
                    Content(TEXT, 'id,title,price\nlamp/21,"Desk lamp, red",12.99 EUR\n', "text/csv"),
                    Content(record({"feed": _FILE}), type="multipart/form-data"),
                    Content(_FILE, type="application/octet-stream"),
                )
            ),
            errors=(409,),
        ),
    ),
)
