"""Tasks over HTTP: looked at, waited for, cancelled; and feeds that are uploaded."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from service import Service, service

FEED = b"id,title,price\n1,Kettle,12\n2,Teapot,free\n3,Cup,3\n"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Service]:
    with service(tmp_path) as opened:
        yield opened


def upload(shop: Service, feed: bytes, query: str = "", index: str = "shop") -> str:
    told = shop.ask("POST", f"/v1/indexes/{index}/imports?{query}", 202, data=feed)
    assert (told["task"]["kind"], told["task"]["lane"]) == ("import", "bulk")
    return str(told["task"]["id"])


def test_an_upload_is_imported(shop: Service) -> None:
    id_ = upload(shop, FEED, "currency=EUR")
    shop.work()
    task = shop.ask("GET", f"/v1/tasks/{id_}")
    result = task["result"]
    assert (task["state"], result["rows"], result["created"], result["rejected"]) == ("succeeded", 3, 2, 1)
    assert task["progress"]["errors"] == 1
    assert result["first_rejects"][0]["line"] == 3
    assert shop.found("kettle", filters="price=12") == ["1"]
    assert not list(shop.services.config.uploads_dir.iterdir())
    lines = shop.client.get(f"/v1/tasks/{id_}/rejects")
    assert lines.content_type.startswith("application/x-ndjson")
    assert json.loads(lines.text)["value"] == "free"


def test_a_form_with_a_file_and_a_compressed_feed_are_taken(shop: Service) -> None:
    form = {"feed": (BytesIO(gzip.compress(FEED)), "feed.csv.gz")}
    told = shop.ask("POST", "/v1/indexes/shop/imports?map=title=title", 202, data=form)
    shop.work()
    assert shop.ask("GET", f"/v1/tasks/{told['task']['id']}")["result"]["created"] == 2


def test_a_sync_that_would_remove_too_much_is_refused(shop: Service) -> None:
    upload(shop, FEED)
    shop.work()
    id_ = upload(shop, b"id,title\n1,Kettle\n", "sync=true")
    shop.work()
    refused = shop.ask("GET", f"/v1/tasks/{id_}")
    assert refused["state"] == "failed"
    assert "1 of 2 products would be removed" in refused["error"]
    id_ = upload(shop, b"id,title\n1,Kettle\n", "sync=true&force=true")
    shop.work()
    assert shop.ask("GET", f"/v1/tasks/{id_}")["result"]["removed"] == 1
    assert not list(shop.services.config.uploads_dir.iterdir())


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        (b"a,b\n1,2\n", "id"),
        (b"id,title,price\n1,Cup,free\n", "none of the 1 rows"),
        (b'[{"id": "1", "title": "Cup"}, {"id": "2", "ti', "imported"),
    ],
)
def test_what_is_no_good_feed_fails_with_the_reason(shop: Service, feed: bytes, said: str) -> None:
    id_ = upload(shop, feed)
    shop.work()
    task = shop.ask("GET", f"/v1/tasks/{id_}")
    assert task["state"] == "failed"
    assert said in task["error"]


@pytest.mark.parametrize(
    "query", ["format=cvs", "map=title", "sync=perhaps", "currency=EUR&currency=USD", "colour=red", "wait_s=x"]
)
def test_a_wrong_parameter_of_an_import_is_told_at_once(shop: Service, query: str) -> None:
    shop.ask("POST", f"/v1/indexes/shop/imports?{query}", 400, data=FEED)
    assert shop.ask("GET", "/v1/tasks")["tasks"] == []


def test_an_empty_feed_and_one_that_is_too_long_are_told_at_once(tmp_path: Path) -> None:
    with service(tmp_path, max_upload_bytes=1000) as shop:
        shop.ask("POST", "/v1/indexes/shop/imports", 400, data=b"")
        shop.ask("POST", "/v1/indexes/shop/imports", 413, data=b"x" * 1001)
        assert not list(shop.services.config.uploads_dir.glob("*"))


def test_two_imports_into_one_index_come_one_after_the_other(shop: Service) -> None:
    upload(shop, FEED)
    upload(shop, FEED)
    assert shop.work() == 2
    states = {task["state"] for task in shop.ask("GET", "/v1/tasks")["tasks"]}
    assert states == {"succeeded"}


def test_tasks_are_listed_newest_first_and_narrowed_down(shop: Service) -> None:
    ids = [upload(shop, FEED, index=index) for index in ("a", "b", "a")]
    shop.ask("POST", f"/v1/tasks/{ids[0]}/cancel", 202)
    listed = shop.ask("GET", "/v1/tasks?limit=2")
    assert [task["id"] for task in listed["tasks"]] == [ids[2], ids[1]]
    rest = shop.ask("GET", f"/v1/tasks?before={listed['next_before']}")
    assert ([task["id"] for task in rest["tasks"]], rest["next_before"]) == ([ids[0]], None)

    def ids_of(query: str) -> list[str]:
        return [task["id"] for task in shop.ask("GET", f"/v1/tasks?{query}")["tasks"]]

    assert ids_of("index=a") == [ids[2], ids[0]]
    assert ids_of("state=cancelled") == [ids[0]]
    assert ids_of("kind=rebuild") == []
    assert ids_of("state=cancelled&state=queued&index=b") == [ids[1]]


@pytest.mark.parametrize("query", ["state=done", "limit=0", "limit=1001", "before=x", "kinds=apply"])
def test_a_wrong_parameter_of_the_list_is_a_problem(shop: Service, query: str) -> None:
    shop.ask("GET", f"/v1/tasks?{query}", 400)


def test_a_cancelled_task_is_never_done(shop: Service) -> None:
    id_ = upload(shop, FEED)
    assert shop.ask("POST", f"/v1/tasks/{id_}/cancel", 202)["state"] == "cancelled"
    assert shop.work() == 0
    assert shop.ask("POST", f"/v1/tasks/{id_}/cancel", 202)["state"] == "cancelled"


def test_what_does_not_exist_is_a_404(shop: Service) -> None:
    for path in ("/v1/tasks/nothing", "/v1/tasks/nothing/rejects"):
        shop.ask("GET", path, 404)
    shop.ask("POST", "/v1/tasks/nothing/cancel", 404)
    id_ = upload(shop, b"id,title\n1,Cup\n")
    shop.ask("GET", f"/v1/tasks/{id_}/rejects", 404)
    shop.work()
    shop.ask("GET", f"/v1/tasks/{id_}/rejects", 404)


def test_who_waits_is_answered_when_it_is_done(shop: Service) -> None:
    id_ = upload(shop, FEED)
    shop.runner.start()
    try:
        assert shop.ask("GET", f"/v1/tasks/{id_}?wait_s=20")["state"] == "succeeded"
        told = shop.ask("POST", "/v1/indexes/shop/documents?wait_s=20", 200, json={"id": "9", "title": "Vase"})
        assert told["task"]["state"] == "succeeded"
        assert shop.found("vase") == ["9"]
    finally:
        shop.runner.close()


def test_a_search_key_sees_no_tasks_and_writes_nothing(tmp_path: Path) -> None:
    from search.keys import key_hash

    keys = {"master_key": key_hash("m" * 20), "search_key": key_hash("s" * 20)}
    with service(tmp_path, **keys) as shop:
        with_key = {"headers": {"Authorization": f"Bearer {'s' * 20}"}}
        for method, path in (
            ("GET", "/v1/tasks"),
            ("GET", "/v1/tasks/x"),
            ("POST", "/v1/tasks/x/cancel"),
            ("POST", "/v1/indexes/shop/documents"),
            ("PATCH", "/v1/indexes/shop/documents"),
            ("PATCH", "/v1/indexes/shop/documents/x"),
            ("PATCH", "/v1/indexes/shop/documents/x/variants/y"),
            ("DELETE", "/v1/indexes/shop/documents/x"),
            ("DELETE", "/v1/indexes/shop/documents?id=x"),
            ("POST", "/v1/indexes/shop/documents/delete"),
            ("POST", "/v1/indexes/shop/imports"),
            ("PUT", "/v1/indexes/shop"),
            ("DELETE", "/v1/indexes/shop"),
            ("PUT", "/v1/indexes/shop/settings"),
            ("PATCH", "/v1/indexes/shop/settings"),
            ("POST", "/v1/indexes/shop/rebuild"),
            ("POST", "/v1/indexes/shop/rollback"),
        ):
            shop.ask(method, path, 403, **with_key)
        assert shop.client.get("/v1/tasks").status_code == 401


def test_writers_at_the_same_moment_lose_nothing(shop: Service) -> None:
    shop.ask("POST", "/v1/indexes/shop/documents", 202, json={"id": "n", "title": "Counter"})

    def write(number: int) -> None:
        with shop.client.application.test_client() as client:
            for n in range(10):
                body = {f"w{number}n{n}": n}
                assert client.patch("/v1/indexes/shop/documents/n", json=body).status_code == 202

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shop.ask("GET", "/v1/indexes/shop/documents/n")["document"]["attributes"]) == 40
