"""`POST /v1/events`: what shoppers did, kept to learn from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, request

from indexer.store.event_records import MAX_EVENTS, NewEvent
from search.api.access import for_search_key
from search.api.problems import problem_response, to_problem
from search.api.reading import known_parameters, parsed_json
from search.api.writing import json_response
from search.errors import NoIndexError, RequestError, shown
from search.events import read_event
from search.services import Services

events = Blueprint("events", __name__, url_prefix="/v1")

LINES = frozenset({"application/x-ndjson", "application/jsonl", "application/jsonlines"})


@events.post("/events")
@for_search_key
def add_events() -> Response:
    """Keeps one event, or a list or lines of them; what is said to be accepted is on disk."""
    known_parameters()
    services: Services = current_app.extensions["shelfwise"]
    raws, is_one = _sent()
    names = {record.name for record in services.catalogue.list_indexes()}
    now = datetime.now(UTC)
    good: list[NewEvent] = []
    rejected: list[dict[str, Any]] = []
    for place, raw in enumerate(raws):
        try:
            good.append(_known(read_event(_parsed(raw), now), names))
        except (RequestError, NoIndexError) as error:
            if is_one:
                raise
            rejected.append({"place": place, **to_problem(error)})
    accepted = services.catalogue.events.add(good)
    result = {"accepted": accepted, "duplicates": len(good) - accepted, "rejected": rejected}
    if not good:
        # Nothing was right: whoever looks only at the status must see it.
        first = {name: value for name, value in rejected[0].items() if name != "place"}
        return problem_response({**first, **result})
    return json_response(result)


def _sent() -> tuple[list[Any], bool]:
    """(events, whether it is one alone): as JSON types, but lines as they came, so that each is judged by itself."""
    data = request.get_data()
    if request.mimetype in LINES:
        raws: list[Any] = [line for line in data.splitlines() if line.strip()]
    else:
        body = _parsed(data)
        if not isinstance(body, list):
            return [body], True
        raws = body
    if not 1 <= len(raws) <= MAX_EVENTS:
        raise RequestError("body", f"{len(raws):,} events", f"1 to {MAX_EVENTS:,} events are taken at once")
    return raws, False


def _parsed(raw: Any) -> Any:
    return parsed_json(raw) if isinstance(raw, bytes) else raw


def _known(event: NewEvent, names: set[str]) -> NewEvent:
    if event.index not in names:
        listed = ", ".join(sorted(names)) or "none yet"
        raise NoIndexError(f"there is no index {shown(event.index)!r}; there are {listed}")
    return event
