"""Bad requests: each is told what is wrong with it, and none is a fault of the service."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from api_shop import read
from bad_requests import BAD_READS, SEARCH, SETTINGS, Bad
from bad_writes import BAD_WRITES
from described import conforms
from service import Service, service
from werkzeug.datastructures import Headers

from search.keys import key_hash

BAD_REQUESTS = [*BAD_READS, *BAD_WRITES]
MASTER_KEY = "master-key-of-the-tests"
SEARCH_KEY = "search-key-of-the-tests"
VERSION = 2
"""Of the settings of the shop, after its first product has declared them."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with service(tmp_path_factory.mktemp("data")) as opened:
        product = {"id": "p1", "title": "Desk lamp", "brand": "Alma", "price": 5, "currency": "EUR", "colour": "red"}
        opened.ask("POST", "/v1/indexes/shop/documents", 202, json=[product])
        opened.work()
        assert opened.ask("GET", SETTINGS)["settings_version"] == VERSION
        yield opened


def test_there_are_many_of_them_and_none_twice() -> None:
    asked = [(bad.method, bad.url, bad.data, bad.type, str(bad.headers)) for bad in BAD_REQUESTS]
    assert len(set(asked)) == len(asked) >= 80


@pytest.mark.parametrize("bad", BAD_REQUESTS, ids=lambda bad: bad.name)
def test_a_bad_request_is_told_what_is_wrong(shop: Service, caplog: pytest.LogCaptureFixture, bad: Bad) -> None:
    headers = Headers(dict(bad.headers))
    length = headers.pop("Content-Length", None)
    answer = shop.client.open(
        bad.url,
        method=bad.method,
        data=bad.data,
        content_type=bad.type if bad.data is not None else None,
        headers=headers,
        environ_overrides={"CONTENT_LENGTH": length} if length else None,
    )
    problem = read(answer, bad.status)
    assert problem.get("parameter", "") == bad.parameter, problem
    assert bad.says in problem["detail"]
    assert problem["detail"]
    assert len(answer.data) < 5_000
    for inside in ("Traceback", " object at 0x", "sqlite", "site-packages", str(shop.services.config.data_dir)):
        assert inside not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert caplog.records == []


def test_nothing_of_them_stays(shop: Service) -> None:
    """Runs after the others: they changed no product, made no index, and left no task."""
    assert [index["name"] for index in shop.ask("GET", "/v1/indexes")["indexes"]] == ["shop"]
    assert shop.ask("GET", "/v1/indexes/shop")["products"] == 1
    assert shop.ask("GET", "/v1/indexes/shop/settings")["settings_version"] == VERSION
    assert [task["state"] for task in shop.ask("GET", "/v1/tasks")["tasks"]] == ["succeeded"]
    assert not shop.services.config.uploads_dir.exists() or not list(shop.services.config.uploads_dir.iterdir())


def test_of_two_changes_of_the_same_version_one_is_refused(shop: Service) -> None:
    version = shop.client.get(SETTINGS).headers["ETag"]

    def change(number: int) -> int:
        client = shop.client.application.test_client()
        body = {"ranking": {"rrf_k": number}}
        answer = client.patch(SETTINGS, json=body, headers={"If-Match": version})
        read(answer, answer.status_code)
        return answer.status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(change, range(100, 108)))
    assert statuses.count(200) == 1
    # Who reads the version before the first change, and writes behind it, is told of a conflict.
    assert set(statuses) <= {200, 409, 412}
    chosen = 100 + statuses.index(200)
    assert shop.ask("GET", SETTINGS)["settings"]["ranking"]["rrf_k"] == chosen
    assert shop.client.get(SETTINGS).headers["ETag"] != version


@pytest.mark.parametrize("name", ["X-Request-Id", "If-Match", "If-None-Match", "Accept", "Authorization", "Range"])
@pytest.mark.parametrize(
    "value", ["x" * 8_000, "%0d%0aSet-Cookie: x=1", "\N{LATIN SMALL LETTER U WITH DIAERESIS}", '"']
)
def test_a_strange_header_is_no_fault_of_the_service(shop: Service, name: str, value: str) -> None:
    answer = shop.client.get(SETTINGS, headers={name: value})
    assert answer.status_code < 500
    conforms(answer)
    assert value not in answer.headers.get("X-Request-Id", "")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("authorization", "status"),
    [("", 401), ("Bearer", 401), ("Bearer ", 401), ("Basic YTpi", 401), ("Bearer wrong key", 401),
     ("Bearer " + "x" * 8_000, 401),
     ("Bearer ' OR '1'='1", 401), (f"Bearer {SEARCH_KEY}", 403), (f"Bearer {MASTER_KEY}", 200)],
)  # fmt: skip
def test_a_key_that_is_none_opens_nothing(tmp_path: Path, authorization: str, status: int) -> None:
    with service(tmp_path, master_key=key_hash(MASTER_KEY), search_key=key_hash(SEARCH_KEY)) as shop:
        headers = {"Authorization": authorization} if authorization else {}
        problem = read(shop.client.get("/v1/indexes", headers=headers), status)
        assert MASTER_KEY not in str(problem)


def test_a_line_of_the_log_is_one_line(
    shop: Service, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("search.api.searching.answer", broken)
    read(shop.client.get(SEARCH, headers={"X-Request-Id": "one two"}, query_string={"q": "a\r\nCRITICAL b"}), 500)
    (record,) = caplog.records
    assert "\n" not in record.getMessage()
    assert "CRITICAL" not in record.getMessage()
