"""Products that are written, changed and deleted: durable when it is answered, searchable when the task is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from io import BytesIO
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, current_app, request

from indexer.errors import NotFoundError as IndexerNotFoundError
from indexer.errors import RowError
from indexer.fields import Schema
from indexer.product import UNKNOWN_CURRENCY, Product
from indexer.store.task_records import TaskRecord
from search.api.reading import body_text, json_object, known_parameters, one, parsed_json
from search.api.tasks import awaited, task_to_json, wait_s
from search.api.writing import json_response
from search.errors import NoIndexError, NotFoundError, RequestError, shown
from search.filters import nearest, parse
from search.services import Services
from search.settings import settings_from_json

# What knows feeds is imported where it is called: with it come libraries that no search needs.
if TYPE_CHECKING:
    from indexer.jobs.storing import Fault, Stored

storing = Blueprint("storing", __name__, url_prefix="/v1/indexes/<index>/documents")

MAX_DELETED = 10_000
_LINES = ("application/x-ndjson", "application/jsonl", "application/x-jsonlines")


@storing.post("")
def write_documents(index: str) -> Response:
    """Creates or replaces products; an index that does not exist is made."""
    from indexer.jobs.storing import Stored, store_products
    from search.maintenance import Maintenance

    found = known_parameters(("wait_s",))
    seconds = wait_s(found)
    body, lines = _body()
    services = _services()
    products, faults = _products(body, lines, _schema_or_default(index))
    stored = Stored()
    if products:
        record, _ = Maintenance(services).ensure_index(index)
        stored = store_products(services.catalogue, index, products, settings_from_json(record.settings).schema)
    return _answer(index, stored, faults, seconds, alone=not lines and body.lstrip()[:1] == b"{")


@storing.patch("")
def patch_documents(index: str) -> Response:
    """Merges changes into products, each with its id."""
    from indexer.jobs.storing import Fault

    found = known_parameters(("id", "wait_s"))
    seconds = wait_s(found)
    schema = _schema(index)
    if "id" in found:
        return _patched(index, schema, [(one(found, "id"), json_object())], [], seconds, alone=True)
    body, lines = _body()
    patches: list[tuple[str, Mapping[str, Any]]] = []
    faults: list[Fault] = []
    for place, item in enumerate(_items(body, lines)):
        try:
            patches.append((_id_of(item), item))
        except RowError as error:
            faults.append(Fault(place, "", error.field, error.value, error.reason))
    return _patched(index, schema, patches, faults, seconds, alone=not lines and body.lstrip()[:1] == b"{")


@storing.patch("/<product_id:id_>")
def patch_document(index: str, id_: str) -> Response:
    """Merges a change into one product."""
    seconds = wait_s(known_parameters(("wait_s",)))
    return _patched(index, _schema(index), [(id_, json_object())], [], seconds, alone=True)


@storing.patch("/<product_id:id_>/variants/<product_id:sku>")
def patch_one_variant(index: str, id_: str, sku: str) -> Response:
    """Merges a change into one variant of a product."""
    from indexer.jobs.storing import patch_variant

    seconds = wait_s(known_parameters(("wait_s",)))
    stored = patch_variant(_services().catalogue, index, id_, sku, json_object(), _schema(index))
    return _answer(index, stored, [], seconds, alone=True)


@storing.delete("")
def delete_document_by_parameter(index: str) -> Response:
    """Deletes the product of `id`."""
    found = known_parameters(("id", "wait_s"))
    if "id" not in found:
        raise RequestError("id", "", "it is missing; several are deleted by POST …/documents/delete")
    return _deleted(index, [one(found, "id")], wait_s(found), alone=True)


@storing.delete("/<product_id:id_>")
def delete_document(index: str, id_: str) -> Response:
    """Deletes one product."""
    return _deleted(index, [id_], wait_s(known_parameters(("wait_s",))), alone=True)


@storing.post("/delete")
def delete_documents(index: str) -> Response:
    """Deletes products by `ids`, or all that match a `filter`."""
    seconds = wait_s(known_parameters(("wait_s",)))
    body = json_object()
    for name in body:
        if name not in ("ids", "filter"):
            near = nearest(name, ("ids", "filter"))
            raise RequestError(shown(name), shown(body[name]), "the body has ids or a filter", nearest=near)
    if ("ids" in body) == ("filter" in body):
        raise RequestError("body", shown(body), "exactly one of ids and filter is wanted")
    if "ids" in body:
        return _deleted(index, _ids(body["ids"]), seconds, alone=False)
    text = body["filter"]
    if not isinstance(text, str) or not text.strip():
        raise RequestError("filter", shown(text), "a filter is wanted; to delete all products, delete the index")
    parse(text, _schema(index), undeclared=_services().undeclared(index), parameter="filter")
    task = _services().tasks.delete_matching(index, text)
    return _told(index, task, seconds, {})


# --- what is read ----------------------------------------------------------------------------------------------------


def _body() -> tuple[bytes, bool]:
    """(body, whether it is lines of JSON)."""
    request.max_content_length = _services().config.max_documents_bytes
    return body_text().encode(), request.mimetype in _LINES


def _items(body: bytes, lines: bool) -> list[Any]:
    """The items of a body, which is an object, an array or NDJSON."""
    if lines:
        texts = [line for line in body.split(b"\n") if line.strip()]
        items = [parsed_json(text, f"line {number} of the body") for number, text in enumerate(texts, 1)]
    else:
        whole = parsed_json(body)
        items = whole if isinstance(whole, list) else [whole]
    if not any(isinstance(item, dict) for item in items):
        raise RequestError("body", shown(body.decode()), "it has no products: an object, or a list of them, is wanted")
    return items


def _products(body: bytes, lines: bool, schema: Schema) -> tuple[list[Product], list[Fault]]:
    """The products of a body, recognised as those of a feed are, and what is wrong with the others."""
    from indexer.feeds import open_feed
    from indexer.feeds.errors import UnrecognisedError
    from indexer.feeds.records import Rejected
    from indexer.jobs.storing import Fault

    items = _items(body, lines)
    raw = b"\n".join(orjson.dumps(item) for item in items)
    products: list[Product] = []
    faults: list[Fault] = []
    try:
        with open_feed(
            BytesIO(raw),
            format="jsonl",
            default_currency=schema.currencies.get(schema.channel, UNKNOWN_CURRENCY),
            default_language=schema.language,
            max_row_bytes=_services().config.max_row_bytes,
        ) as feed:
            for row in feed:
                if isinstance(row, Rejected):
                    faults.append(Fault(row.line - 1, row.id, row.field, row.value, row.reason))
                else:
                    products.append(row.product)
    except UnrecognisedError as error:
        # Its words are of columns and of the command line.
        seen = ", ".join(name for name, _ in error.columns) or "none"
        detail = f"no product in it has both an id and a title, under names that are known; members seen: {shown(seen)}"
        raise RequestError("body", shown(body.decode()), detail) from error
    return products, faults


def _id_of(item: Any) -> str:
    from indexer.feeds.ids import read_id

    if not isinstance(item, dict):
        raise RowError("", shown(item), "a change is an object with the id of its product")
    if "id" not in item:
        raise RowError("id", "", "the id is missing: it says which product is to be changed")
    return read_id("id", item["id"])


def _ids(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(id_, str) for id_ in value):
        raise RequestError("ids", shown(value), "a list of texts is wanted")
    if not 1 <= len(value) <= MAX_DELETED:
        raise RequestError("ids", f"{len(value):,} ids", f"1 to {MAX_DELETED:,} are deleted at once")
    return list(dict.fromkeys(value))


def _schema_or_default(index: str) -> Schema:
    try:
        return _schema(index)
    except NoIndexError:
        return Schema()


def _schema(index: str) -> Schema:
    return _services().settings(index)[0].schema


# --- what is answered ------------------------------------------------------------------------------------------------


def _patched(
    index: str,
    schema: Schema,
    patches: Sequence[tuple[str, Mapping[str, Any]]],
    faults: list[Fault],
    seconds: float,
    *,
    alone: bool,
) -> Response:
    from indexer.jobs.storing import patch_products

    return _answer(index, patch_products(_services().catalogue, index, patches, schema), faults, seconds, alone=alone)


def _deleted(index: str, ids: Sequence[str], seconds: float, *, alone: bool) -> Response:
    from indexer.jobs.storing import delete_products

    try:
        stored = delete_products(_services().catalogue, index, ids)
    except IndexerNotFoundError as error:
        raise NoIndexError(str(error)) from error
    return _answer(index, stored, [], seconds, alone=alone)


def _answer(index: str, stored: Stored, faults: Sequence[Fault], seconds: float, *, alone: bool) -> Response:
    """What became of a write; one product that was sent alone and refused is an error as a whole.

    Raises:
        NotFoundError, RequestError: see above.
    """
    faults = [*faults, *stored.faults]
    if alone and faults:
        fault = faults[0]
        if fault.unknown:
            raise NotFoundError(f"{fault.field} {fault.value!r}: {fault.reason}")
        raise RequestError(fault.field or "body", fault.value, fault.reason)
    counts = {
        "created": stored.created,
        "updated": stored.updated,
        "unchanged": stored.unchanged,
        "deleted": stored.deleted,
        "change_number": stored.change_number,
        "problems": [_problem(fault) for fault in sorted(faults, key=lambda fault: fault.place)],
    }
    task: TaskRecord | None = None
    if len(stored.ranges) == 1:
        task = _services().tasks.apply(index, *stored.ranges[0])
    elif stored.ranges:
        task = _services().tasks.catch_up(index)
    return _told(index, task, seconds, counts)


def _told(index: str, task: TaskRecord | None, seconds: float, counts: Mapping[str, Any]) -> Response:
    if task is not None and seconds:
        task = awaited(task.id, seconds)
    done = task is None or task.state.finished
    told = {"index": index, **counts, "task": None if task is None else task_to_json(task)}
    response = json_response(told, 200 if done else 202)
    if task is not None:
        response.headers["Location"] = f"/v1/tasks/{task.id}"
    return response


def _problem(fault: Fault) -> dict[str, Any]:
    problem = asdict(fault)
    problem["status"] = 404 if problem.pop("unknown") else 400
    return problem


def _services() -> Services:
    services: Services = current_app.extensions["shelfwise"]
    return services
