"""`GET /v1/indexes/{index}/documents…`: products as the catalogue has them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, request
from werkzeug.routing import BaseConverter

from indexer.store.protocol import CatalogueStore
from indexer.store.records import ProductRecord
from search.api.reading import Parameters, known_parameters, one, whole
from search.api.request_id import request_id
from search.api.writing import json_response
from search.errors import NotFoundError, RequestError, shown
from search.export import DEFAULT_PAGE, MAX_PAGE, export_lines, export_page, in_order
from search.services import Services

documents = Blueprint("documents", __name__, url_prefix="/v1/indexes/<index>/documents")

MAX_IDS = 1_000
LINES = "application/x-ndjson"

_log = logging.getLogger(__name__)


class ProductId(BaseConverter):
    """The rest of an address as an id, slashes included, wherever they stand."""

    regex = ".+"
    part_isolating = False


@documents.get("")
def list_documents(index: str) -> Response:
    """One product by `id`, some by `ids`, or all of them page by page."""
    found = known_parameters(("id", "ids", "cursor", "limit"))
    _check_alone(found)
    if "id" in found:
        return _one(index, one(found, "id"))
    if "ids" in found:
        return _some(index, found["ids"])
    if request.accept_mimetypes.best_match(("application/json", LINES)) == LINES:
        return _lines(index, found)
    page = export_page(_catalogue(), index, one(found, "cursor"), whole(found, "limit", DEFAULT_PAGE, MAX_PAGE))
    return json_response({**_listed(page.records), "next_cursor": page.next_cursor or None})


@documents.get("/<product_id:id_>")
def show_document(index: str, id_: str) -> Response:
    """One product."""
    known_parameters()
    return _one(index, id_)


def _one(index: str, id_: str) -> Response:
    record = _catalogue().get(index, [id_]).get(id_)
    if record is None:
        raise NotFoundError(f"there is no product {shown(id_)!r} in index {index!r}")
    return json_response({**_version(record), "document": orjson.Fragment(record.document)})


def _some(index: str, ids: list[str]) -> Response:
    if len(ids) > MAX_IDS:
        raise RequestError("ids", f"{len(ids):,} ids", f"at most {MAX_IDS:,} are read at once")
    records, missing = in_order(_catalogue().get(index, ids), list(dict.fromkeys(ids)))
    return json_response({**_listed(records), "missing": missing})


def _lines(index: str, found: Parameters) -> Response:
    if "limit" in found:
        raise RequestError("limit", shown(found["limit"][0]), f"{LINES} has all products and no pages; leave it out")
    lines = export_lines(_catalogue(), index, one(found, "cursor"))
    return Response(_told_of(lines, index, request_id()), mimetype=LINES)


def _told_of(lines: Iterator[bytes], index: str, id_: str) -> Iterator[bytes]:
    """The lines; where they break off, the log says why, and the connection ends without the end of the response."""
    try:
        yield from lines
    except Exception:
        _log.exception("request %s: the export of index %s breaks off", id_, index)
        raise


def _listed(records: list[ProductRecord] | tuple[ProductRecord, ...]) -> dict[str, Any]:
    """Products as they would be imported again, and apart from them what the catalogue alone knows of each."""
    return {
        "documents": [orjson.Fragment(record.document) for record in records],
        "versions": [_version(record) for record in records],
    }


def _version(record: ProductRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "change_number": record.change_number,
        "updated_at": record.updated_at.isoformat(),
    }


def _check_alone(found: Parameters) -> None:
    for name in ("id", "ids"):
        beside = sorted(found.keys() - {name})
        if name in found and beside:
            raise RequestError(beside[0], shown(found[beside[0]][0]), f"it cannot stand beside {name}; leave one out")


def _catalogue() -> CatalogueStore:
    services: Services = current_app.extensions["shelfwise"]
    return services.catalogue
