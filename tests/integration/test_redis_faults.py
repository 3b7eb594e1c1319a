"""Searches go on while the Redis that keeps their later pages is emptied, killed or frozen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis

from indexer.feeds.records import Row
from indexer.fields import Schema
from indexer.jobs.importing import ImportOptions
from indexer.jobs.progress import Silent
from indexer.product import Product
from search.app import create_app
from search.config import Config
from search.maintenance import Maintenance
from search.services import Services
from tests.redis_server import OwnRedis, own_redis

URL = "/v1/indexes/shop/search"
PATIENCE_S = 2.5
"""Twice the half second that an answer of Redis is waited for, and room for a busy machine."""


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[OwnRedis]:
    with own_redis(tmp_path) as server:
        yield server


@pytest.fixture
def client(tmp_path: Path, redis: OwnRedis) -> Iterator[FlaskClient]:
    settings = Config(
        data_dir=tmp_path / "data", text_model="hashing", threads=1, redis_url=redis.url, namespace="shop-a"
    )
    app = create_app(settings)
    services: Services = app.extensions["shelfwise"]
    rows = [Row(number, 0, Product(f"p{number}", f"desk lamp {number}")) for number in range(60)]
    Maintenance(services).import_feed("shop", rows, ImportOptions(), Silent(), schema=Schema(encoder="hashing"))
    yield app.test_client()
    services.close()


def ask(client: FlaskClient, **request: Any) -> dict[str, Any]:
    answer = client.get(URL, query_string=request)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def goes_on(client: FlaskClient) -> bool:
    """Whether an answer has a second page."""
    cursor = ask(client, q="lamp")["next_cursor"]
    return cursor is not None and len(ask(client, cursor=cursor)["hits"]) == 20


def test_pages_are_kept_in_redis_and_nowhere_else(client: FlaskClient, redis: OwnRedis, tmp_path: Path) -> None:
    answer = ask(client, q="lamp")
    assert goes_on(client)
    with Redis.from_url(redis.url) as kept:
        assert kept.exists(f"shop-a:page:{answer['query_id']}")
    assert not (tmp_path / "data" / "pages.db").exists()


def test_an_emptied_redis_costs_the_pages_that_were_kept(client: FlaskClient, redis: OwnRedis) -> None:
    cursor = ask(client, q="lamp")["next_cursor"]
    with Redis.from_url(redis.url) as kept:
        kept.flushall()
    gone = client.get(URL, query_string={"cursor": cursor})
    assert gone.status_code == 410
    assert "send the query again" in gone.get_json()["detail"]
    assert goes_on(client)


def test_a_killed_redis_costs_cursors_until_it_is_back(client: FlaskClient, redis: OwnRedis) -> None:
    cursor = ask(client, q="lamp")["next_cursor"]
    redis.kill()
    for _ in range(5):
        answer = ask(client, q="lamp")
        assert len(answer["hits"]) == 20
        assert answer["next_cursor"] is None
        assert [part["stage"] for part in answer["degraded"]] == ["pages"]
    away = client.get(URL, query_string={"cursor": cursor})
    assert away.status_code == 503
    assert "Redis" in away.get_json()["detail"]
    redis.start()
    deadline = time.monotonic() + 10
    while not goes_on_or_not(client):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def goes_on_or_not(client: FlaskClient) -> bool:
    return ask(client, q="lamp")["next_cursor"] is not None and goes_on(client)


def test_a_frozen_redis_is_not_waited_for(client: FlaskClient, redis: OwnRedis) -> None:
    assert goes_on(client)
    redis.freeze()
    for _ in range(3):  # after these nobody asks it for a while
        ask(client, q="lamp")
    started = time.monotonic()
    for _ in range(10):
        assert len(ask(client, q="lamp")["hits"]) == 20
    assert time.monotonic() - started < PATIENCE_S
    redis.thaw()
    deadline = time.monotonic() + 10
    while not goes_on_or_not(client):
        assert time.monotonic() < deadline
        time.sleep(0.1)
