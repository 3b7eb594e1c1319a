"""Requests drawn from the description of the API, right and wrong ones: no fault of the service, no answer outside its
description.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from described import conforms
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.transport.wsgi import WSGI_TRANSPORT
from service import Service, service

from search.api.openapi.document import openapi_document

SHORT_EXAMPLES = 6
LONG_EXAMPLES = 120
LONG_SEEDS = (1, 2, 3)
_KNOWN = {"index": "shop", "id": "lamp/1", "sku": "red", "field": "colour"}
"""What is there in the shop; most requests name it."""

_MEANT: dict[str, Any] = {
    "index": {"const": "shop"},
    "filters": {"enum": ["price < 2", 'colour:"red" AND NOT EXISTS(rating)', "id IN (lamp/1, lamp/2)"]},
    "facets": {"type": "array", "items": {"enum": ["colour", "price", "category", "in_stock"]}},
    "sort": {"type": "array", "items": {"enum": ["price:asc", "popularity", "colour:desc"]}},
    "fields": {"type": "array", "items": {"enum": ["id", "title", "offers", "colour", "price"]}},
}
"""Values with a meaning, beside those that the description allows and hardly anybody would send."""

OPERATIONS = [
    pytest.param(path, method, id=call["operationId"])
    for path, methods in openapi_document()["paths"].items()
    for method, call in methods.items()
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with service(tmp_path_factory.mktemp("data"), max_body_bytes=20_000, max_documents_bytes=20_000) as opened:
        lamps = [
            {"id": f"lamp/{number}", "title": "Desk lamp", "price": number, "currency": "EUR", "colour": "red",
             "variants": [{"sku": "red", "price": number}]}
            for number in range(3)
        ]  # fmt: skip
        opened.ask("POST", "/v1/indexes/shop/documents", 202, json=lamps)
        opened.work()
        yield opened


@pytest.fixture(scope="module")
def known(shop: Service) -> dict[str, str]:
    return {**_KNOWN, "task_id": shop.ask("GET", "/v1/tasks")["tasks"][0]["id"]}


@pytest.fixture(scope="module")
def schema() -> BaseSchema:
    """The description, with values that mean something in the shop."""
    document = copy.deepcopy(openapi_document())
    for methods in document["paths"].values():
        for call in methods.values():
            # Nobody does the tasks here, so waiting for them would only take time.
            call["parameters"] = [one for one in call.get("parameters", ()) if one["name"] != "wait_s"]
            for parameter in call["parameters"]:
                if parameter["in"] == "query" and parameter["name"] in _MEANT:
                    parameter["schema"] = _either(parameter["name"], parameter["schema"])
    for name in ("Search", "SearchInIndex", "Event"):
        members = document["components"]["schemas"][name]["properties"]
        members |= {member: _either(member, members[member]) for member in members.keys() & _MEANT.keys()}
    return schemathesis.openapi.from_dict(document)


def _either(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [_MEANT[name], schema]}


def fuzz(
    shop: Service, schema: BaseSchema, known: dict[str, str], path: str, method: str, examples: int, number: int
) -> None:
    """Asks so many requests."""
    operation = schema[path][method.upper()]
    cases = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if operation.path_parameters or operation.query or operation.headers or operation.body:
        cases = st.one_of(cases, operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    # The shop and its products must not go away.
    there = {name: value for name, value in known.items() if not (method == "delete" and path.endswith(f"{{{name}}}"))}

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases, st.sampled_from([True, True, True, False]))
    def ask(case: schemathesis.Case, is_known: bool) -> None:
        request = WSGI_TRANSPORT.serialize_case(case)
        if is_known:
            names = {name: there.get(name, value) for name, value in (case.path_parameters or {}).items()}
            request["path"] = path.format(**names)
        # Some parameters are drawn as they stand in an address, some are not.
        request["path"] = request["path"].replace("?", "%3F")
        answer = shop.client.open(**request)
        assert answer.status_code < 500, f"{request}: {answer.text}"
        try:
            conforms(answer)
        except AssertionError as error:
            error.add_note(str(request))
            raise

    ask()


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_drawn_requests_are_answered_as_described(
    shop: Service, schema: BaseSchema, known: dict[str, str], path: str, method: str
) -> None:
    fuzz(shop, schema, known, path, method, SHORT_EXAMPLES, 0)


@pytest.mark.long
@pytest.mark.parametrize("number", LONG_SEEDS)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_many_drawn_requests_are_answered_as_described(
    shop: Service, schema: BaseSchema, known: dict[str, str], path: str, method: str, number: int
) -> None:
    fuzz(shop, schema, known, path, method, LONG_EXAMPLES, number)
