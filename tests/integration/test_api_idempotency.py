"""Writes that come twice under one key are done once."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from service import Service, service

URL = "/v1/indexes/shop/documents"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Service]:
    with service(tmp_path) as opened:
        opened.ask("POST", URL, 202, json={"id": "a", "title": "Lamp", "price": 10, "currency": "EUR"})
        opened.work()
        yield opened


def key(value: str) -> dict[str, dict[str, str]]:
    return {"headers": {"Idempotency-Key": value}}


def price(shop: Service) -> int:
    found: int = shop.ask("GET", f"{URL}/a")["document"]["offers"]["default"]["price"]
    return found


def test_who_takes_gzip_gets_the_same_again_as_who_does_not(shop: Service) -> None:
    many = [{"id": str(number), "title": "Lamp", "price": "much"} for number in range(50)]
    sent = {"json": many, "headers": {"Idempotency-Key": "many", "Accept-Encoding": "gzip"}}
    first, again = (shop.client.post(URL, **sent) for _ in range(2))
    assert first.headers["Content-Encoding"] == again.headers["Content-Encoding"] == "gzip"
    assert again.headers["Idempotency-Replayed"] == "true"
    told = json.loads(gzip.decompress(first.data))
    assert json.loads(gzip.decompress(again.data)) == told
    assert shop.ask("POST", URL, json=many, **key("many")) == told


def test_a_write_that_comes_again_is_answered_and_not_done_again(shop: Service) -> None:
    first = shop.ask("PATCH", f"{URL}/a", 202, json={"price": 11}, **key("one"))
    shop.ask("PATCH", f"{URL}/a", 202, json={"price": 12}, **key("two"))
    again = shop.client.patch(f"{URL}/a", json={"price": 11}, **key("one"))
    assert (again.status_code, again.get_json()) == (202, first)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert price(shop) == 1200


def test_without_a_key_it_is_done_again(shop: Service) -> None:
    for amount in (11, 12, 11):
        shop.ask("PATCH", f"{URL}/a", 202, json={"price": amount})
    assert price(shop) == 1100


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [("PATCH", f"{URL}/a", {"price": 12}), ("PATCH", URL, {"price": 11, "id": "a"}), ("POST", URL, {"price": 11}),
     ("PATCH", f"{URL}/a?wait_s=0", {"price": 11})],
)  # fmt: skip
def test_a_key_belongs_to_one_request(shop: Service, method: str, url: str, body: dict[str, object]) -> None:
    shop.ask("PATCH", f"{URL}/a", 202, json={"price": 11}, **key("one"))
    problem = shop.ask(method, url, 422, json=body, **key("one"))
    assert "was sent with another request before" in problem["detail"]
    assert price(shop) == 1100


def test_a_request_that_was_refused_may_be_sent_again(shop: Service) -> None:
    shop.ask("PATCH", f"{URL}/b", 404, json={"price": 11}, **key("one"))
    shop.ask("POST", URL, 202, json={"id": "b", "title": "Vase"})
    shop.ask("PATCH", f"{URL}/b", 202, json={"price": 11}, **key("one"))


@pytest.mark.parametrize("wrong", ["", "with space", "x" * 129, "ä"])
def test_a_key_that_is_none_is_told(shop: Service, wrong: str) -> None:
    problem = shop.ask("PATCH", f"{URL}/a", 400, json={"price": 11}, **key(wrong))
    assert problem["parameter"] == "Idempotency-Key"
    assert price(shop) == 1000


def test_keys_are_forgotten_in_the_end(shop: Service) -> None:
    shop.ask("PATCH", f"{URL}/a", 202, json={"price": 11}, **key("one"))
    requests = shop.services.catalogue.requests
    assert requests.prune(datetime.now(UTC) - timedelta(days=1)) == 0
    assert requests.prune(datetime.now(UTC) + timedelta(days=1)) == 1
    shop.ask("PATCH", f"{URL}/a", 202, json={"price": 12}, **key("one"))


def test_a_feed_is_taken_once(shop: Service) -> None:
    ids = {
        shop.ask("POST", "/v1/indexes/shop/imports", 202, data=b"id,title\n1,Cup\n", **key("f"))["task"]["id"]
        for _ in range(2)
    }
    assert len(ids) == 1
    assert len(list(shop.services.config.uploads_dir.iterdir())) == 1
