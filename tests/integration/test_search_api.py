"""The search endpoint over HTTP: both ways of asking, every way of going wrong, and many at once."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from indexer.feeds.records import Row
from indexer.fields import Schema
from indexer.jobs.importing import ImportOptions
from indexer.jobs.progress import Silent
from indexer.product import Availability, Offer, Product
from search.app import create_app
from search.config import Config
from search.maintenance import Maintenance
from search.services import Services
from search.settings import IndexSettings

URL = "/v1/indexes/lamps/search"
PROBLEM = "application/problem+json"


def lamps(first: int, count: int) -> list[Row]:
    """Lamps with a colour each; every fourth is sold out."""
    states = [Availability.IN_STOCK, Availability.PREORDER, Availability.IN_STOCK, Availability.OUT_OF_STOCK]
    return [
        Row(
            number,
            100 * number,
            Product(
                f"lamp/{number}",
                f"Desk lamp {number}",
                brand="Alma" if number % 2 else "Brod",
                attributes={"colour": ("red", "blue", "green")[number % 3]},
                offers={"default": Offer(500 + number, "EUR", availability=states[number % 4])},
            ),
        )
        for number in range(first, first + count)
    ]


def imported(services: Services, rows: list[Row]) -> None:
    Maintenance(services).import_feed("lamps", rows, ImportOptions(), Silent(), schema=Schema(encoder="hashing"))


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    config = Config(
        data_dir=tmp_path_factory.mktemp("data"), text_model="hashing", threads=1, refresh_ms=0, max_body_bytes=2000
    )
    with Services(config) as services:
        imported(services, lamps(1, 40))
        Maintenance(services).ensure_index("empty", IndexSettings())
    return config


@pytest.fixture(scope="module")
def client(config: Config) -> Iterator[FlaskClient]:
    app = create_app(config)
    yield app.test_client()
    app.extensions["shelfwise"].close()


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without what differs from request to request."""
    return {name: value for name, value in answer.items() if name not in ("query_id", "timings_ms", "next_cursor")}


def test_get_and_post_give_the_same_answer(client: FlaskClient) -> None:
    got = client.get(
        f"{URL}?q=desk+lamp&filters=price<5.30&refine.colour=red&refine.colour=blue&facets=colour,brand"
        "&sort=price:desc&page=2&page_size=5&fields=title,price&highlight=true&explain_id=lamp/3&sold_out=show"
    )
    posted = client.post(
        URL,
        json={
            "q": "desk lamp", "filters": "price<5.30", "refine": {"colour": ["red", "blue"]},
            "facets": ["colour", "brand"], "sort": ["price:desc"], "page": 2, "page_size": 5,
            "fields": ["title", "price"], "highlight": True, "explain_id": "lamp/3", "sold_out": "show",
        },
    )  # fmt: skip
    assert (got.status_code, posted.status_code) == (200, 200)
    assert got.content_type == posted.content_type == "application/json"
    assert got.json is not None
    assert posted.json is not None
    assert comparable(got.json) == comparable(posted.json)
    # 29 lamps are below 5.30, of which 19 are red or blue.
    assert got.json["total"] == 19
    assert sum(entry["count"] for entry in got.json["facets"]["colour"]) == 29
    assert [hit["id"] for hit in got.json["hits"]] == ["lamp/21", "lamp/19", "lamp/18", "lamp/16", "lamp/15"]
    assert got.json["hits"][0]["document"]["price"] == {"amount": 5.21, "currency": "EUR", "text": "€5.21"}
    assert got.json["hits"][0]["highlights"]["title"] == "<em>Desk</em> <em>lamp</em> 21"
    assert got.json["missing"]["dropped_by"] == "depth"


def test_a_response_has_the_documented_parts(client: FlaskClient) -> None:
    answer = client.get(f"{URL}?q=lamp").json
    assert answer is not None
    assert set(answer) == {
        "query_id", "hits", "total", "page", "page_size", "next_cursor", "stable", "facets", "facet_stats", "matching",
        "corrected_query", "timings_ms", "degraded", "index",
    }  # fmt: skip
    assert answer["index"] == {"name": "lamps", "generation": 1, "change_number": 40}
    assert answer["total"] == 40
    assert answer["timings_ms"]["total"] > 0


@pytest.mark.parametrize(
    ("query", "parameter", "more"),
    [
        ("qq=lamp", "qq", {"nearest": ["q"]}),
        ("page_siz=1", "page_siz", {"nearest": ["page_size", "page"]}),
        ("filters=brnad:Alma", "filters", {"column": 1, "nearest": ["brand"]}),
        ("filters=brand:Alma+AND+price+<", "filters", {"column": 23}),
        ("filters=price<cheap", "filters", {}),
        ("facets=colr", "facets.0", {"nearest": ["colour"]}),
        ("sort=price:up", "sort", {}),
        ("refine.colur=red", "refine.colur", {"nearest": ["colour"]}),
        ("page_size=201", "page_size", {}),
        ("page=501&page_size=20", "page", {}),
        ("mode=both", "mode", {}),
        ("q=a&q=b", "q", {}),
        ("channel=web", "channel", {}),
        ("language=english%20please", "language", {}),
        ("q=lamp&similar_to=lamp/1", "similar_to", {}),
        ("cursor=nonsense", "cursor", {}),
        ("cursor=nonsense&q=lamp", "q", {}),
        ("cursor=nonsense&page=2", "page", {}),
        ("fields=title,pirce", "fields.1", {"nearest": ["price"]}),
        ("q=%ff", "query string", {}),
        ("=x", "query string", {"value": "=x"}),
        ("language=xx", "language", {"value": "xx"}),
        ("filters=brand:%22%c3%22", "query string", {}),
        (f"q={'x' * 513}", "q", {}),
    ],
)
def test_a_wrong_parameter_is_a_problem_that_names_it(
    client: FlaskClient, query: str, parameter: str, more: dict[str, Any]
) -> None:
    answer = client.get(f"{URL}?{query}")
    problem = answer.json
    assert (answer.status_code, answer.content_type) == (400, PROBLEM)
    assert problem is not None
    assert problem["status"] == 400
    assert problem["parameter"] == parameter
    assert problem["detail"].startswith(parameter)
    assert {name: problem[name] for name in more} == more


@pytest.mark.parametrize(
    ("body", "parameter", "value", "says"),
    [
        (b"", "body", "", "it is empty"),
        (b"{", "body", "{", "it is no JSON"),
        (b"[]", "body", "[]", "wanted is a JSON object, not a list"),
        (b"null", "body", "null", "not null"),
        (b"17", "body", "17", "not a number"),
        (b'{"q": "\xff"}', "body", "byte 8 is 0xff", "it is not valid UTF-8"),
        (b'{"": 1}', "body", "1", "a parameter has no name"),
        (b'{"q": 1}', "q", "1", "wanted is a text"),
        (b'{"page": "1"}', "page", "1", "a whole number"),
    ],
)
def test_a_wrong_body_is_a_problem(client: FlaskClient, body: bytes, parameter: str, value: str, says: str) -> None:
    answer = client.post(URL, data=body)
    assert (answer.status_code, answer.content_type) == (400, PROBLEM)
    assert answer.json is not None
    assert (answer.json["parameter"], answer.json["value"]) == (parameter, value)
    assert says in answer.json["detail"]


@pytest.mark.parametrize("length", ["abc", "-5", "1e3", "1 0"])
def test_a_length_that_is_none_is_told(client: FlaskClient, length: str) -> None:
    answer = client.post(URL, data=b'{"q": "lamp"}', environ_overrides={"CONTENT_LENGTH": length})
    assert (answer.status_code, answer.content_type) == (400, PROBLEM)
    assert answer.json is not None
    assert (answer.json["parameter"], answer.json["value"]) == ("Content-Length", length)


def test_a_control_character_parts_words(client: FlaskClient) -> None:
    answer = client.get(f"{URL}?q=desk%00lamp").json
    assert answer is not None
    assert answer["matching"]["words"] == ["desk", "lamp"]


def test_a_post_takes_no_parameters_beside_its_body(client: FlaskClient) -> None:
    answer = client.post(f"{URL}?page_size=1", json={"q": "lamp"})
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["parameter"] == "page_size"


@pytest.mark.parametrize(
    ("method", "url", "status", "says"),
    [
        ("GET", "/v1/indexes/nowhere/search", 404, "nowhere"),
        ("GET", "/v1/indexes/..%2F..%2Fetc/search", 404, ""),
        ("GET", "/v1/indexes/empty/search", 404, "import a feed"),
        ("GET", "/v1/nothing", 404, ""),
        ("GET", f"{URL}?similar_to=lamp/99", 404, "'lamp/99'"),
        ("DELETE", URL, 405, "this address takes GET or POST, not DELETE"),
        ("PUT", "/v1/search", 405, "this address takes POST, not PUT"),
        ("GET", "/v1/indexes?=x", 400, "query string: a parameter has no name"),
        ("GET", "/v1/indexes?x=1", 400, "x: there is no such parameter; this address takes none"),
        ("POST", f"{URL}?=x", 400, "query string: a POST is asked by its body alone"),
    ],
)
def test_other_errors_are_problems_too(client: FlaskClient, method: str, url: str, status: int, says: str) -> None:
    answer = client.open(url, method=method)
    assert (answer.status_code, answer.content_type) == (status, PROBLEM)
    assert answer.json is not None
    assert answer.json["status"] == status
    assert says in answer.json["detail"]
    assert status != 405 or "POST" in answer.headers["Allow"]


def test_a_body_beyond_the_limit_is_refused(client: FlaskClient) -> None:
    answer = client.post(URL, data=b'{"q": "' + b"x" * 2000 + b'"}')
    assert (answer.status_code, answer.content_type) == (413, PROBLEM)


def test_a_bug_is_a_problem_without_its_insides(config: Config, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(config)
    app.extensions["shelfwise"].close()
    app.extensions["shelfwise"] = None
    answer = app.test_client().get(URL)
    assert (answer.status_code, answer.content_type) == (500, PROBLEM)
    assert answer.json is not None
    assert "NoneType" not in answer.get_data(as_text=True)
    assert "AttributeError" in caplog.text


def test_importing_the_application_takes_no_heavy_library() -> None:
    script = (
        "import sys, search.app; "
        "print(*sorted({'torch', 'transformers', 'sentence_transformers', 'pyarrow', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == ""


def test_answers_stay_whole_while_a_writer_commits(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path, text_model="hashing", threads=1, refresh_ms=0)
    with Services(config) as writer:
        imported(writer, lamps(1, 30))
        app = create_app(config)
        done = threading.Event()

        def ask(number: int) -> tuple[int, int]:
            """(answers, how many totals were seen); each answer must agree with itself."""
            client = app.test_client()
            totals: set[int] = set()
            answers = 0
            while not done.is_set() or not answers:
                q = ("lamp", "desk lamp", "", "lapm")[number % 4]
                response = client.get(f"{URL}?q={q}&facets=colour,in_stock&page_size=200")
                assert response.status_code == 200, response.get_data(as_text=True)
                answer = response.json
                assert answer is not None
                for counts in answer["facets"].values():
                    assert sum(entry["count"] for entry in counts) == answer["total"]
                assert answer["degraded"] == []
                totals.add(answer["total"])
                answers += 1
            return answers, len(totals)

        with ThreadPoolExecutor(8) as threads:
            asking = [threads.submit(ask, number) for number in range(8)]
            try:
                for batch in range(6):
                    imported(writer, lamps(31 + 10 * batch, 10))
            finally:
                done.set()
            outcomes = [future.result() for future in asking]
        assert app.test_client().get(f"{URL}?q=lamp").json["total"] == 90  # type: ignore[index]
        assert max(totals for _, totals in outcomes) > 1
        app.extensions["shelfwise"].close()
