"""Products read from the catalogue, and written to it."""

from __future__ import annotations

from search.api.documents import MAX_IDS
from search.api.openapi.document_writes import WRITES, WRITTEN
from search.api.openapi.json_schema import COUNT, TEXT, TIME, either, list_of, nullable, record, ref, whole
from search.api.openapi.operation import LINES, Access, Answer, Content, Operation, Parameter, Topic
from search.api.openapi.parameters import ID, INDEX, PRODUCT_ID
from search.api.openapi.product import SCHEMAS, STORED_EXAMPLE
from search.export import DEFAULT_PAGE, MAX_PAGE

_VERSION = {"id": PRODUCT_ID, "change_number": COUNT, "updated_at": TIME}
_VERSION_EXAMPLE = {"id": "lamp/21", "change_number": 4711, "updated_at": "2026-02-03T10:15:00+00:00"}
_ONE = Content(ref("Document"), {**_VERSION_EXAMPLE, "document": STORED_EXAMPLE})
_LISTED = {"documents": list_of(ref("StoredProduct")), "versions": list_of(record(_VERSION))}
_PAGE = Content(
    either(ref("DocumentPage"), ref("DocumentList"), ref("Document")),
    {"documents": [STORED_EXAMPLE], "versions": [_VERSION_EXAMPLE], "next_cursor": None},
)

TOPIC = Topic(
    "Products",
    "Products as the catalogue has them, which is ahead of the search by what is still to be indexed. A write is kept "
    "when it is answered, and can be found when its task is done. With the master key.",
    (
        Operation(
            "listDocuments",
            "GET",
            "/v1/indexes/{index}/documents",
            "Read products",
            Access.MASTER_KEY,
            {
                200: Answer(
                    "A page of them, those of `ids`, or the one of `id`; with `Accept: application/x-ndjson` all of "
                    "them, one a line.",
                    (_PAGE, Content(TEXT, type=LINES)),
                )
            },
            description="All products in the order of their ids, page by page. `id` and `ids` stand alone.",
            parameters=(
                INDEX,
                Parameter("limit", "query", f"Products on a page, {DEFAULT_PAGE} without it.", whole(1, MAX_PAGE), 100),
                Parameter("cursor", "query", "The `next_cursor` of the page before.", TEXT),
                Parameter("id", "query", "One product, also where an address would rewrite its id.", TEXT),
                Parameter("ids", "query", "Some products; repeated for more.", list_of(TEXT, maxItems=MAX_IDS)),
            ),
        ),
        Operation(
            "showDocument",
            "GET",
            "/v1/indexes/{index}/documents/{id}",
            "Read one product",
            Access.MASTER_KEY,
            {200: Answer("The product.", (_ONE,))},
            parameters=(INDEX, ID),
        ),
        *WRITES,
    ),
    {
        **SCHEMAS,
        "Document": record({**_VERSION, "document": ref("StoredProduct")}),
        "DocumentPage": record({**_LISTED, "next_cursor": nullable(TEXT)}),
        "DocumentList": record({**_LISTED, "missing": list_of(TEXT)}, description="Asked for by `ids`."),
        **WRITTEN,
    },
)
