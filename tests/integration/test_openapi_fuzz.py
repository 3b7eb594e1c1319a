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
"""What is there in the shop; half of the requests name it."""

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
def schema(shop: Service) -> BaseSchema:
    """The description, with a shop in it that there is."""
    document = copy.deepcopy(openapi_document())
    known = {**_KNOWN, "task_id": shop.ask("GET", "/v1/tasks")["tasks"][0]["id"]}
    for path, methods in document["paths"].items():
        for method, call in methods.items():
            # Nobody does the tasks here, so waiting for them would only take time.
            call["parameters"] = [one for one in call.get("parameters", ()) if one["name"] != "wait_s"]
            for parameter in call["parameters"]:
                is_last = method == "delete" and path.endswith(f"{{{parameter['name']}}}")
                if parameter["in"] == "path" and not is_last:
                    there: dict[str, Any] = {"const": known[parameter["name"]]}
                    parameter["schema"] = {"anyOf": [there, parameter["schema"]]}
    return schemathesis.openapi.from_dict(document)


def fuzz(shop: Service, schema: BaseSchema, path: str, method: str, examples: int, number: int) -> None:
    """Asks so many requests."""
    operation = schema[path][method.upper()]
    cases = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if operation.path_parameters or operation.query or operation.headers or operation.body:
        cases = st.one_of(cases, operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases)
    def ask(case: schemathesis.Case) -> None:
        answer = shop.client.open(**WSGI_TRANSPORT.serialize_case(case))
        assert answer.status_code < 500, answer.text
        conforms(answer)

    ask()


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_drawn_requests_are_answered_as_described(shop: Service, schema: BaseSchema, path: str, method: str) -> None:
    fuzz(shop, schema, path, method, SHORT_EXAMPLES, 0)


@pytest.mark.long
@pytest.mark.parametrize("number", LONG_SEEDS)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_many_drawn_requests_are_answered_as_described(
    shop: Service, schema: BaseSchema, path: str, method: str, number: int
) -> None:
    fuzz(shop, schema, path, method, LONG_EXAMPLES, number)
