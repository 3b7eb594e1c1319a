"""Parameters that several calls have; those of a search come from the form of its body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indexer.index_name import MAX_NAME_BYTES
from indexer.product import MAX_ID_BYTES
from search.api.openapi.json_schema import FLAG, TEXT, number
from search.api.openapi.operation import JsonSchema, Parameter
from search.api.tasks import MAX_WAIT_S
from search.request.body import SearchBody

PRODUCT_ID: JsonSchema = {"type": "string", "minLength": 1, "maxLength": MAX_ID_BYTES}
INDEX_NAME: JsonSchema = {"type": "string", "minLength": 1, "maxLength": MAX_NAME_BYTES, "pattern": "^[^/]+$"}

INDEX = Parameter("index", "path", "The name of an index.", INDEX_NAME, "shop")
ID = Parameter(
    "id", "path", "The id of a product; slashes may be written as they are, or as `%2F`.", PRODUCT_ID, "lamp/21"
)
WAIT_S = Parameter(
    "wait_s",
    "query",
    f"So many seconds the answer may wait for the end of the task, 0 to {MAX_WAIT_S}; 0 where it is not given.",
    number(0, MAX_WAIT_S),
)
DRY_RUN = Parameter("dry_run", "query", "Tells what would be, and changes nothing.", FLAG)
IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "header",
    "Any text of the caller's own: sent again under the same one, the request is answered as before, and done once.",
    {"type": "string", "pattern": "^[!-~]{1,128}$"},
)
LOCATION = {"Location": "The address of the task, where there is one."}

_MEANINGS = {
    "q": "What the shopper typed; empty browses. Words in quotes stand side by side and are not corrected; `-word` "
    "leaves out what has it.",
    "filters": 'The scope, as a filter such as `brand:"Sony" AND price < 500`: `field:value`, `=`, `!=`, `<`, `<=`, '
    '`>`, `>=`, ranges such as `price:10..20`, `brand IN ("Sony", "LG")`, `EXISTS rating`, joined by AND, OR, NOT and '
    'parentheses. Values in quotes take `\\"` for a quotation mark, names of fields with blanks stand in backticks. '
    '`category:"Home > Lamps"` takes in what is below. A product by its id is `id:"lamp/21"`. The fields are those of '
    "the index, its attributes among them; one that there is not is answered with those that there are.",
    "refine": "The shopper's facet choices by field: values, or ranges such as `10..20`. They narrow the result. "
    "Several values of one field are alternatives, and several fields must all be met; each facet is counted without "
    "its own.",
    "facets": "The fields to count; 20 values of each, most frequent first. Of numbers, prices and dates the least and "
    "greatest value comes in `facet_stats`, and counts only for the `ranges` that the body of a POST asks for.",
    "sort": "An explicit order such as `price:asc`, in the place of relevance; leave it out for relevance.",
    "page": "From 1; pages reach 10,000 products deep.",
    "page_size": "How many hits a page has.",
    "cursor": "The `next_cursor` of an earlier answer, which goes on with that search for ten minutes, under the same "
    "`query_id`; only `page_size`, `user_id` and `session_id` may stand beside it.",
    "mode": "Which sides the results come from.",
    "fields": "Which parts of the documents come back; all of them without it.",
    "highlight": "Whether the words that match are marked, with `<em>`; all else in `highlights` is escaped HTML.",
    "language": "The language of the query, a code of ISO 639; without it the index's own, or what is recognised.",
    "channel": "Whose prices and stock are meant; without it the index's default.",
    "user_id": "The shopper.",
    "session_id": "The visit.",
    "similar_to": "The id of a product whose like is looked for, in the place of `q`.",
    "explain": "Whether each hit tells what each stage did to it.",
    "explain_id": "The id of a product: the answer tells why it is, or is not, on the page.",
    "sold_out": "What becomes of products that cannot be bought; without it as the index is set.",
}
_EXAMPLES: Mapping[str, Any] = {
    "q": "desk lamp",
    "filters": "price < 50",
    "refine": {"refine.colour": ["red", "blue"]},
    "facets": ["colour", "price"],
    "page_size": 5,
}
SEARCH_EXAMPLE = {
    "q": "desk lamp",
    "filters": "price < 50",
    "refine": {"colour": ["red"]},
    "facets": ["colour", {"field": "price", "ranges": ["..20", "20..50"]}],
    "page_size": 5,
    "highlight": True,
}
_REFINE_IN_QUERY: JsonSchema = {
    "type": "object",
    "patternProperties": {r"^refine\..+$": {"type": "array", "items": TEXT}},
    "additionalProperties": False,
}


def search_schemas() -> dict[str, JsonSchema]:
    """The bodies of a search and of a facet in it, by name."""
    schema = SearchBody.model_json_schema(ref_template="#/components/schemas/{model}")
    facet = schema.pop("$defs")["FacetBody"]
    for name, part in schema["properties"].items():
        part["description"] = _MEANINGS[name]
    return {"Search": _plain(schema), "FacetBody": _plain(facet)}


def search_parameters(*names: str) -> tuple[Parameter, ...]:
    """The parameters of a search as a query string has them.

    Args:
        names: some of them; all where none is given.
    """
    properties = search_schemas()["Search"]["properties"]
    return tuple(_in_query(name, properties[name]) for name in names or properties)


def _in_query(name: str, schema: JsonSchema) -> Parameter:
    meaning, example = _MEANINGS[name], _EXAMPLES.get(name)
    if name == "refine":
        return Parameter(
            name,
            "query",
            f"{meaning} Written `refine.colour=red&refine.colour=blue`; a comma is part of a value.",
            _REFINE_IN_QUERY,
            example,
        )
    if name in ("facets", "sort", "fields"):
        listed: JsonSchema = {"type": "array", "items": {"type": "string"}}
        return Parameter(name, "query", f"{meaning} A list with commas.", listed, example, explode=False)
    one = schema["anyOf"][0] if "anyOf" in schema else schema
    return Parameter(
        name, "query", meaning, {key: value for key, value in one.items() if key != "description"}, example
    )


def _plain(schema: Any) -> Any:
    """A schema without the titles, and the defaults that say nothing, that pydantic puts in."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    names = schema.get("properties")
    kept = {
        name: _plain(value)
        for name, value in schema.items()
        if name != "properties" and not (name == "title" and isinstance(value, str)) and not _says_nothing(name, value)
    }
    if isinstance(names, dict):
        kept["properties"] = {name: _plain(value) for name, value in names.items()}
    return kept


def _says_nothing(name: str, value: object) -> bool:
    return name == "default" and (value is None or value == "" or value in ([], {}))
