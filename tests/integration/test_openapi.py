"""The description of the API: it is valid, it forgets nothing, and its examples work as they stand."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from typing import Any
from urllib.parse import urlsplit

import pytest
from described import check, conforms
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator
from service import Service, service
from werkzeug.test import TestResponse

from indexer.feeds.sniff import FORMATS
from indexer.fields import Schema
from search.api.docs_page import curl
from search.api.openapi.document import MASTER_KEY, SEARCH_KEY, TOPICS, openapi_document
from search.api.openapi.imports import FORMATS as DESCRIBED_FORMATS
from search.app import create_app
from search.config import Config
from search.keys import key_hash
from search.request.body import SearchBody
from search.settings import Ranking

_CONVERTER = re.compile(r"<(?:\w+:)?(\w+?)_?>")
_FOR_PEOPLE = "page."
"""The page at `/`, whose answers and errors are for people, is no part of the API."""
_ADDED_BY_FLASK = {"HEAD", "OPTIONS"}
DOCUMENT = openapi_document()
CALLS = [
    pytest.param(path, method, call, id=call["operationId"])
    for path, methods in DOCUMENT["paths"].items()
    for method, call in methods.items()
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app(Config(data_dir=tmp_path_factory.mktemp("data"), master_key=key_hash("a master key of tests")))


def test_every_route_is_described_and_every_description_has_a_route(app: Flask) -> None:
    routes = {
        (method, _CONVERTER.sub(r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - _ADDED_BY_FLASK
        if not rule.endpoint.startswith(_FOR_PEOPLE)
    }
    described = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert described == routes


def test_the_document_is_valid() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_names_are_unique() -> None:
    names = [call["operationId"] for methods in DOCUMENT["paths"].values() for call in methods.values()]
    assert len(names) == len(set(names))
    schemas = [name for topic in TOPICS for name in topic.schemas]
    assert len(schemas) == len(set(schemas))


@pytest.mark.parametrize(("path", "method", "call"), CALLS)
def test_who_may_call_is_as_the_view_says(app: Flask, path: str, method: str, call: Any) -> None:
    (rule,) = (
        rule
        for rule in app.url_map.iter_rules()
        if _CONVERTER.sub(r"{\1}", rule.rule) == path and method.upper() in (rule.methods or ())
    )
    view = app.view_functions[rule.endpoint]
    keys = {name for entry in call["security"] for name in entry}
    if not getattr(view, "needs_key", True):
        assert keys == set()
    else:
        assert keys == ({SEARCH_KEY, MASTER_KEY} if getattr(view, "for_search_key", False) else {MASTER_KEY})


@pytest.mark.parametrize(("path", "method", "call"), CALLS)
def test_examples_are_as_their_schemas_say(path: str, method: str, call: Any) -> None:
    for parameter in call.get("parameters", ()):
        if "example" in parameter:
            check(parameter["schema"], parameter["example"], closed=False)
    for content in call.get("requestBody", {}).get("content", {}).values():
        if "example" in content:
            check(content["schema"], content["example"], closed=False)
    for answer in call["responses"].values():
        for content in answer.get("content", {}).values():
            if "example" in content:
                check(content["schema"], content["example"])
    assert {"401", "403", "503"} <= set(call["responses"]) or not call["security"]


def test_examples_of_errors_are_problems() -> None:
    for name, answer in DOCUMENT["components"]["responses"].items():
        (content,) = answer["content"].values()
        check(content["schema"], content["example"])
        assert name == f"Error{content['example']['status']}"


# --- the examples, asked as the page shows them -----------------------------------------------------------------------


LAMPS: list[dict[str, Any]] = [
    {"id": f"lamp/{number}", "title": f"Desk lamp {number}", "brand": "Alma", "category": "Home > Lamps",
     "price": number, "currency": "EUR", "colour": ("red", "blue")[number % 2]}
    for number in range(10, 31)
]  # fmt: skip
LAMP_21 = {**LAMPS[11], "variants": [{"sku": "lamp-21-red", "colour": "red", "price": 12.99, "currency": "EUR"}]}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A shop in which the examples have something to do; they are asked one after another."""
    with service(tmp_path_factory.mktemp("data")) as opened:
        opened.ask("POST", "/v1/indexes/shop/documents", 202, json=[*LAMPS, LAMP_21])
        opened.work()
        opened.ask("POST", "/v1/indexes/shop/rebuild", 202)
        opened.work()
        yield opened


def asked(shop: Service, line: str) -> TestResponse:
    """The answer to a line of curl."""
    words = shlex.split(line.replace("$KEY", "no key is needed here"))
    assert words.pop(0) == "curl"
    asked: dict[str, Any] = {"method": "GET", "headers": {}}
    while words:
        match words.pop(0):
            case "-X":
                asked["method"] = words.pop(0)
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                asked["headers"][name] = value
            case "--data-binary":
                asked["data"] = words.pop(0).encode()
            case address:
                parts = urlsplit(address)
                asked |= {"path": parts.path, "query_string": parts.query}
    return shop.client.open(**asked)


def prepared(shop: Service, name: str, line: str) -> str:
    """The line, after what has to be there before it; with the id of a task that there is."""
    shop.client.post("/v1/indexes/shop/documents", json=LAMP_21)
    if name in ("makeIndex", "deleteIndex"):
        return line.replace("indexes/shop", "indexes/new")
    if name == "showRejects":
        url = "/v1/indexes/shop/imports?format=csv"
        shop.ask("POST", url, 202, data=b"id,title,price\n1,One,1\n2,Two,much\n", content_type="text/csv")
        shop.work()
    task = shop.ask("GET", "/v1/tasks")["tasks"][0]["id"]
    return re.sub("tasks/[0-9a-f]{32}", f"tasks/{task}", line)


@pytest.mark.parametrize(("path", "method", "call"), CALLS)
def test_the_example_of_a_call_is_answered_as_described(shop: Service, path: str, method: str, call: Any) -> None:
    name = call["operationId"]
    if name == "deleteIndex":
        shop.client.put("/v1/indexes/new")
    answer = asked(shop, prepared(shop, name, curl(method.upper(), path, call)))
    assert answer.status_code in (200, 201, 202), answer.text
    conforms(answer)


@pytest.mark.parametrize(
    "query",
    [
        "explain=true&explain_id=lamp/99",
        "q=lamp&explain=true&explain_id=lamp/30&page_size=2&highlight=true",
        "q=lmap&facets=price,colour,brand&mode=lexical",
        "q=lamp+nonsuch&filters=price>500&explain_id=lamp/12",
        "similar_to=lamp/12&explain=true",
        "q=lamp&fields=title,price,colour",
        "mode=vector&q=lamp",
    ],
)
def test_answers_to_searches_are_as_described(shop: Service, query: str) -> None:
    shop.ask("GET", f"/v1/indexes/shop/search?{query}")


def test_answers_of_every_other_kind_are_as_described(shop: Service) -> None:
    url = "/v1/indexes/shop"
    shop.ask("GET", f"{url}/documents?id=lamp/12")
    shop.ask("GET", f"{url}/documents?ids=lamp/12&ids=nobody")
    conforms(shop.client.get(f"{url}/documents", headers={"Accept": "application/x-ndjson"}))
    shop.ask("POST", f"{url}/documents/delete", 202, json={"filter": "price > 29"})
    shop.ask("POST", f"{url}/documents", 202, json=[{"id": "new", "title": "New"}, {"title": "No id"}])
    shop.ask("PATCH", f"{url}/settings?dry_run=true", json={"ranking": {"min_matches": 3}})
    version = shop.ask("PATCH", f"{url}/settings", 202, json={"schema": {"max_text_chars": 100}})["settings_version"]
    unchanged = shop.client.get(f"{url}/settings", headers={"If-None-Match": f'"{version}"'})
    conforms(unchanged)
    assert unchanged.status_code == 304
    shop.work()
    shop.ask("POST", f"{url}/rollback", 202)
    shop.work()
    for task in shop.ask("GET", "/v1/tasks?state=succeeded&state=failed")["tasks"]:
        shop.ask("GET", f"/v1/tasks/{task['id']}")
    shop.ask("POST", "/v1/search", json={"searches": [{"index": "nowhere"}, {"index": "shop", "q": "lamp"}, 7]})


# --- what the description has from elsewhere --------------------------------------------------------------------------


def test_what_is_declared_elsewhere_is_described_whole() -> None:
    assert tuple(FORMATS) == DESCRIBED_FORMATS
    schemas = DOCUMENT["components"]["schemas"]
    assert set(schemas["Search"]["properties"]) == set(SearchBody.model_fields)
    parameters = {
        parameter["name"] for parameter in DOCUMENT["paths"]["/v1/indexes/{index}/search"]["get"]["parameters"]
    }
    assert parameters == {"index", *SearchBody.model_fields}
    for name in ("Settings", "NewSettings", "ChangedSettings"):
        parts = schemas[name]["properties"]
        assert set(parts["schema"]["properties"]) == {field.name for field in fields(Schema)}
        assert set(parts["ranking"]["properties"]) == {field.name for field in fields(Ranking)}


# --- how it is served -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["/openapi.json", "/docs"])
def test_it_needs_no_key_under_any_host_and_is_sent_once(app: Flask, url: str) -> None:
    answer = app.test_client().get(url, headers={"Host": "shop.example"})
    assert answer.status_code == 200
    conforms(answer)
    again = app.test_client().get(url, headers={"If-None-Match": answer.headers["ETag"]})
    conforms(again)
    assert (again.status_code, again.data) == (304, b"")
    assert app.test_client().get(f"{url}?x=1").status_code == 400


def test_the_document_is_sent_whole(app: Flask) -> None:
    assert app.test_client().get("/openapi.json").json == DOCUMENT


def test_nothing_is_described_before_somebody_asks() -> None:
    script = "import sys, search.app; print([name for name in sys.modules if 'openapi' in name or 'docs_page' in name])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
