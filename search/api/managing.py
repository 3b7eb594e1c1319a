"""What operators do to an index over HTTP: make it, change its settings, rebuild it, roll it back, delete it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, request

from indexer.errors import ConfigurationError, ConflictError
from indexer.errors import NotFoundError as IndexerNotFoundError
from indexer.merge_patch import merged
from indexer.store.task_records import TaskRecord, TaskState
from search.api.reading import json_object, known_parameters, yes_or_no
from search.api.tasks import awaited, task_to_json, wait_s
from search.api.writing import json_response
from search.describe import describe
from search.errors import NoIndexError, PreconditionError, RequestError, shown
from search.filters import nearest
from search.services import Services
from search.settings import IndexSettings, check_settings, settings_from_json, settings_to_json

if TYPE_CHECKING:
    from search.maintenance import Maintenance

managing = Blueprint("managing", __name__, url_prefix="/v1/indexes/<index>")

_PATIENCE_S = 10.0


@managing.put("")
def make_index(index: str) -> Response:
    """Makes an empty index; one that is there already, with the same settings, stays as it is."""
    known_parameters()
    body = json_object() if request.content_length else {}
    for name in body:
        if name != "settings":
            near = nearest(name, ("settings",))
            raise RequestError(shown(name), shown(body[name]), "the body has settings and nothing else", nearest=near)
    given = body.get("settings", {})
    if not isinstance(given, dict):
        raise RequestError("settings", shown(given), "an object of settings is wanted")
    services, maintenance = _services(), _maintenance()
    wanted = _read(merged(settings_to_json(maintenance.new_settings()), given))
    record, made = maintenance.ensure_index(index, wanted)
    present = settings_from_json(record.settings)
    if not made and _read(merged(settings_to_json(present), given)) != present:
        raise ConflictError(
            f"index {index!r} exists with other settings; change them by PATCH /v1/indexes/{index}/settings"
        )
    return json_response(describe(services, index), 201 if made else 200)


@managing.delete("")
def delete_index(index: str) -> Response:
    """Deletes an index with its products; its tasks are cancelled."""
    known_parameters()
    services = _services()
    services.settings(index)
    store = services.catalogue.tasks
    for task in store.list_tasks(index=index, states=[TaskState.QUEUED, TaskState.RUNNING], limit=1000):
        store.cancel(task.id)
    products = services.catalogue.count(index)
    _maintenance(_PATIENCE_S).delete(index)
    return json_response({"deleted": index, "products": products})


@managing.put("/settings")
def replace_settings(index: str) -> Response:
    """Puts these settings in the place of all that there are; what is left out gets its default."""
    return _change(index, json_object())


@managing.patch("/settings")
def change_settings(index: str) -> Response:
    """Merges these settings into those that there are (RFC 7396)."""
    present = settings_to_json(_services().settings(index)[0])
    return _change(index, merged(present, json_object()))


@managing.post("/rebuild")
def rebuild(index: str) -> Response:
    """Builds a new generation from the catalogue and switches to it."""
    seconds = wait_s(known_parameters(("wait_s",)))
    services = _services()
    services.settings(index)
    _maintenance().check_space(index)
    return _task(services.tasks.rebuild(index, "asked for"), seconds, {"index": index})


@managing.post("/rollback")
def roll_back(index: str) -> Response:
    """Goes back to the generation before, with its settings."""
    seconds = wait_s(known_parameters(("wait_s",)))
    services = _services()
    services.settings(index)
    return _task(services.tasks.roll_back(index), seconds, {"index": index})


def _change(index: str, new: Mapping[str, Any]) -> Response:
    found = known_parameters(("dry_run", "wait_s"))
    seconds, dry_run = wait_s(found), yes_or_no(found, "dry_run")
    services = _services()
    old, version = services.settings(index)
    if request.if_match and not request.if_match.contains(str(version)):
        raise PreconditionError(
            f"the settings of {index!r} are of version {version} by now, not {request.if_match.to_header()}: read them "
            "again, and make the change anew"
        )
    settings = _read(new)
    maintenance = _maintenance()
    plan = maintenance.plan_settings(index, settings)
    told: dict[str, Any] = {
        "index": index,
        "changed": settings != old,
        "needs_rebuild": bool(plan.rebuild_reasons),
        "reasons": list(plan.rebuild_reasons),
        "settings": settings_to_json(settings),
    }
    if dry_run:
        return json_response({**told, "settings_version": version, "dry_run": True})
    if settings != old:
        try:
            version = maintenance.put_settings(index, settings, version)
        except IndexerNotFoundError as error:
            raise NoIndexError(str(error)) from error
    if not plan.rebuild_reasons:
        return _settled(told, version)
    task = services.tasks.rebuild(index, "; ".join(plan.rebuild_reasons))
    return _task(task, seconds, {**told, "settings_version": version})


def _settled(told: Mapping[str, Any], version: int) -> Response:
    response = json_response({**told, "settings_version": version, "task": None})
    response.set_etag(str(version))
    return response


def _task(task: TaskRecord, seconds: float, told: Mapping[str, Any]) -> Response:
    if seconds:
        task = awaited(task.id, seconds)
    response = json_response({**told, "task": task_to_json(task)}, 200 if task.state.finished else 202)
    response.headers["Location"] = f"/v1/tasks/{task.id}"
    return response


def _read(new: Mapping[str, Any]) -> IndexSettings:
    try:
        settings = settings_from_json(new)
        check_settings(settings)
    except ConfigurationError as error:
        raise RequestError("settings", "", str(error)) from error
    return settings


def _services() -> Services:
    services: Services = current_app.extensions["shelfwise"]
    return services


def _maintenance(wait_s: float | None = None) -> Maintenance:
    # Imported here since it knows feeds, and with them libraries that no search needs.
    from search.maintenance import MOMENT_S, Maintenance

    return Maintenance(_services(), MOMENT_S if wait_s is None else wait_s)
