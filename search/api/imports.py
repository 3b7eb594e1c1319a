"""`POST /v1/indexes/{index}/imports`: a whole feed, kept until a worker has imported it."""

from __future__ import annotations

from dataclasses import asdict
from typing import BinaryIO, cast

from flask import Blueprint, Response, current_app, request

from indexer.errors import ConfigurationError
from indexer.index_name import check_index_name, check_new_name
from search.api.reading import Parameters, known_parameters, one, yes_or_no
from search.api.tasks import awaited, task_to_json, wait_s
from search.api.writing import json_response
from search.errors import NoIndexError, RequestError, shown
from search.filters import nearest
from search.services import Services

imports = Blueprint("imports", __name__, url_prefix="/v1/indexes/<index>/imports")

_PARAMETERS = ("format", "encoding", "currency", "map", "sync", "force", "strict", "wait_s")


@imports.post("")
def import_feed(index: str) -> Response:
    """Takes a feed as the body, or as the one file of a form."""
    # It knows feeds, and with them libraries that no search needs.
    from search.uploads import Upload, save_upload

    found = known_parameters(_PARAMETERS)
    seconds = wait_s(found)
    services: Services = current_app.extensions["shelfwise"]
    _check_name(services, index)
    upload = Upload(
        format=_format(found),
        encoding=_encoding(found),
        mapping=_mapping(found),
        currency=_currency(found),
        sync=yes_or_no(found, "sync"),
        force=yes_or_no(found, "force"),
        strict=yes_or_no(found, "strict"),
    )
    most = services.config.max_upload_bytes
    request.max_content_length = most
    name = save_upload(services, _stream(), most)
    task = services.tasks.import_feed(index, {**asdict(upload), "file": name})
    if seconds:
        task = awaited(task.id, seconds)
    response = json_response({"index": index, "task": task_to_json(task)}, 200 if task.state.finished else 202)
    response.headers["Location"] = f"/v1/tasks/{task.id}"
    return response


def _check_name(services: Services, index: str) -> None:
    check_index_name(index)
    try:
        services.settings(index)
    except NoIndexError:
        check_new_name(index)


def _stream() -> BinaryIO:
    if request.mimetype != "multipart/form-data":
        return cast(BinaryIO, request.stream)
    files = list(request.files.values())
    if len(files) != 1:
        raise RequestError("body", f"{len(files)} files", "a form with exactly one file is wanted")
    return cast(BinaryIO, files[0].stream)


def _format(found: Parameters) -> str:
    from indexer.feeds.sniff import FORMATS

    name = one(found, "format")
    if name and name not in FORMATS:
        near = nearest(name, FORMATS)
        raise RequestError("format", shown(name), f"there is no such format; known: {', '.join(FORMATS)}", nearest=near)
    return name


def _encoding(found: Parameters) -> str:
    from indexer.feeds.encoding import check_encoding

    name = one(found, "encoding")
    try:
        return check_encoding(name) if name else ""
    except ConfigurationError as error:
        raise RequestError("encoding", shown(name), str(error)) from error


def _currency(found: Parameters) -> str:
    from indexer.feeds.currency import check_currency

    code = one(found, "currency").upper()
    try:
        return check_currency(code) if code else ""
    except ConfigurationError as error:
        raise RequestError("currency", shown(code), str(error)) from error


def _mapping(found: Parameters) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for text in found.get("map", []):
        target, equals, column = text.partition("=")
        if not (target and equals and column):
            raise RequestError("map", shown(text), "TARGET=COLUMN is wanted, such as title=name")
        mapping[target] = column
    return mapping
