"""What pydantic found wrong with a body, as an error that a caller can act on."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from search.errors import RequestError, shown
from search.filters import nearest
from search.request.body import FacetBody, SearchBody


def to_request_error(error: ValidationError, body: type[BaseModel] = SearchBody) -> RequestError:
    """The first problem: which parameter, the value seen, what is wanted, and for an unknown name the nearest known.

    Args:
        body: of which model.
    """
    first = error.errors(include_url=False)[0]
    model, name = _declared(first["loc"], body)
    parameter = shown(".".join(str(part) for part in first["loc"]))
    value = _seen(first["input"])
    if first["type"] == "extra_forbidden":
        near = nearest(name, model.model_fields)
        known = "" if near else f"; known are {', '.join(model.model_fields)}"
        return RequestError(parameter, value, f"there is no such parameter{known}", nearest=near)
    return RequestError(parameter, value, _detail(first, value, model.model_fields[name].description or ""))


def _declared(place: tuple[int | str, ...], body: type[BaseModel]) -> tuple[type[BaseModel], str]:
    """The model, and the name in it, that a problem's place belongs to."""
    inside_facet = place[0] == "facets" and len(place) > 2
    return (FacetBody, str(place[2])) if inside_facet else (body, str(place[0]))


def _detail(problem: ErrorDetails, value: str, wanted: str) -> str:
    match problem["type"]:
        case "value_error":
            return str(problem["ctx"]["error"])
        case "missing":
            return f"it is missing; wanted is {wanted}"
        case _:
            seen = f'"{value}"' if isinstance(problem["input"], str) else value
            return f"wanted is {wanted}, not {seen}"


def _seen(value: object) -> str:
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return shown(value if isinstance(value, str) else json.dumps(value))
