"""What the service tells of itself: numbers for Prometheus, and log lines that give nobody away."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from service import Service, service

from search.config import Config
from search.keys import key_hash
from search.logs import JsonLines, Lines, set_up_logs

SEARCH = "/v1/indexes/<index>/search"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Service]:
    with service(tmp_path) as opened:
        opened.ask("POST", "/v1/indexes/shop/documents", 202, json={"id": "a", "title": "Lamp"})
        yield opened


def numbers(shop: Service) -> dict[str, float]:
    answer = shop.client.get("/metrics")
    assert (answer.status_code, answer.content_type.split(";")[0]) == (200, "text/plain")
    lines = [line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def test_requests_searches_and_tasks_are_counted(shop: Service) -> None:
    queued = numbers(shop)['shelfwise_tasks{lane="interactive",state="queued"}']
    shop.work()
    shop.found("lamp")
    shop.found("lamp")
    shop.ask("GET", "/v1/indexes/shop/search?pag=1", 400)
    now = numbers(shop)
    assert queued == 1
    assert now['shelfwise_tasks{lane="interactive",state="succeeded"}'] == 1
    assert now[f'shelfwise_requests_total{{endpoint="{SEARCH}",method="GET",status="200"}}'] == 2
    assert now[f'shelfwise_requests_total{{endpoint="{SEARCH}",method="GET",status="400"}}'] == 1
    assert now[f'shelfwise_request_seconds_count{{endpoint="{SEARCH}"}}'] == 3
    assert now['shelfwise_search_stage_seconds_count{stage="retrieve"}'] == 2
    assert now['shelfwise_dropped_records{kind="search records"}'] == 0


def test_answers_that_lack_a_part_are_counted(tmp_path: Path) -> None:
    with service(tmp_path) as shop:
        shop.ask("POST", "/v1/indexes/shop/documents", 202, json={"id": "a", "title": "Lamp"})
        shop.work()
        shop.client.application.extensions["shelfwise"].searcher("shop").encoder = None
        shop.ask("GET", "/v1/indexes/shop/search?q=lamp&mode=vector")
        assert numbers(shop)['shelfwise_degraded_total{stage="vector"}'] == 1


def test_only_the_master_key_reads_the_numbers(tmp_path: Path) -> None:
    keys = {"master_key": key_hash("m" * 20), "search_key": key_hash("s" * 20)}
    with service(tmp_path, **keys) as shop:
        assert shop.client.get("/metrics").status_code == 401
        with_key = {"Authorization": f"Bearer {'s' * 20}"}
        assert shop.client.get("/metrics", headers=with_key).status_code == 403


def test_a_request_is_logged_without_what_was_searched(shop: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    shop.work()
    shop.ask("GET", "/v1/indexes/shop/search?q=secretlamp&user_id=u-17", headers={"X-Request-Id": "r1"})
    shop.ask("GET", "/v1/indexes/shop/documents/secret-id", 404)
    lines = [JsonLines().format(record) for record in caplog.records]
    told = [json.loads(line) for line in lines if '"shelfwise.access"' in line]
    searched = next(line for line in told if line["request_id"] == "r1")
    assert {name: searched[name] for name in ("method", "endpoint", "index", "status")} == {
        "method": "GET",
        "endpoint": SEARCH,
        "index": "shop",
        "status": 200,
    }
    assert searched["ms"] > 0
    assert not re.search("secret|u-17", "\n".join(lines))


def test_what_was_searched_is_logged_where_that_is_switched_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with service(tmp_path, log_queries="on") as shop:
        shop.ask("GET", "/v1/indexes/shop/search?q=secretlamp", 404)
    assert "secretlamp" in "\n".join(JsonLines().format(record) for record in caplog.records)


def test_lines_are_text_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    try:
        for form in ("text", "json"):
            set_up_logs(Config(log_format=form, log_level="INFO"))
            logging.getLogger("shop").info("hello %s", "you", extra={"fields": {"request_id": "r1"}})
    finally:
        root.handlers, root.level = before
    text, line = capsys.readouterr().err.splitlines()
    assert text.endswith("INFO shop: hello you request_id=r1")
    told = json.loads(line)
    assert (told["message"], told["level"], told["request_id"]) == ("hello you", "INFO", "r1")
    assert isinstance(Lines(), logging.Formatter)
