"""Events: what shoppers did, acknowledged when it is on disk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from api_shop import ask, product, read, serve
from flask.testing import FlaskClient

from indexer.store.catalogue import open_catalogue
from indexer.store.event_records import EventRecord, EventType, NewEvent
from search.app import create_app
from search.keys import key_hash

SEARCH, MASTER = "search-key-of-the-tests", "master-key-of-the-tests"
URL = "/v1/events"
CLICK = {"index": "shop", "type": "click", "product_id": "p1"}
DAY = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Any:
    keys = {"master_key": key_hash(MASTER), "search_key": key_hash(SEARCH)}
    return serve(tmp_path_factory.mktemp("data"), [product("p1", "Desk lamp")], **keys)


@pytest.fixture
def client(data: Any) -> Iterator[FlaskClient]:
    app = create_app(data)
    yield app.test_client()
    app.extensions["shelfwise"].close()


def send(client: FlaskClient, body: Any, status: int = 200, key: str = SEARCH) -> dict[str, Any]:
    return ask(client, URL, key, status, method="POST", json=body)


def kept(client: FlaskClient) -> list[EventRecord]:
    """What is on disk, as another process sees it."""
    catalogue = open_catalogue(client.application.extensions["shelfwise"].config.catalogue_url)
    found = catalogue.events.scan(0, 10_000)
    catalogue.close()
    return found


def counts(answer: dict[str, Any]) -> tuple[int, int, int]:
    return answer["accepted"], answer["duplicates"], len(answer["rejected"])


def test_an_event_is_on_disk_when_it_is_acknowledged(client: FlaskClient) -> None:
    whole = {
        **CLICK,
        "type": "purchase",
        "id": "order-1/p1",
        "time": DAY.isoformat(),
        "query_id": "0c6f3f6d1c6f4b0f9f1f6b0f4e8f1c55",
        "user_id": "alma",
        "session_id": "visit",
        "quantity": 2,
        "value": 25.98,
        "currency": "EUR",
    }
    assert send(client, whole) == {"accepted": 1, "duplicates": 0, "rejected": []}
    expected = NewEvent(
        "order-1/p1",
        "shop",
        EventType.PURCHASE,
        "p1",
        DAY,
        "0c6f3f6d1c6f4b0f9f1f6b0f4e8f1c55",
        "alma",
        "visit",
        2,
        2598,
        "EUR",
    )
    assert [found.event for found in kept(client)][-1] == expected
    assert counts(send(client, {**whole, "value": 1})) == (0, 1, 0)  # by its id it is the same one


def test_the_same_content_is_the_same_event(client: FlaskClient) -> None:
    event = {**CLICK, "time": DAY.isoformat(), "session_id": "same content"}
    assert counts(send(client, [event, event, {**event, "product_id": "p2"}])) == (2, 1, 0)
    zoned = DAY.astimezone(timezone(timedelta(hours=5))).isoformat()
    assert counts(send(client, {**event, "time": zoned})) == (0, 1, 0)
    assert counts(send(client, {**event, "user_id": "alma"})) == (1, 0, 0)


def test_an_event_without_time_is_of_now_and_each_is_another(client: FlaskClient) -> None:
    before = datetime.now(UTC)
    for _ in range(2):
        assert counts(send(client, {**CLICK, "session_id": "no time"})) == (1, 0, 0)
    found = [one for one in kept(client) if one.event.session_id == "no time"]
    assert len(found) == 2
    assert all(before <= one.event.time <= datetime.now(UTC) for one in found)


def test_lines_are_taken_one_by_one(client: FlaskClient) -> None:
    lines = [json.dumps({**CLICK, "id": f"line {number}"}) for number in range(3)]
    body = "\n".join([lines[0], "", '{"index": ', lines[1], "7", lines[2]]) + "\n"
    headers = {"Authorization": f"Bearer {SEARCH}", "Content-Type": "application/x-ndjson"}
    answer = read(client.post(URL, data=body, headers=headers))
    assert counts(answer) == (3, 0, 2)
    assert [(one["place"], one["parameter"]) for one in answer["rejected"]] == [(1, "body"), (3, "event")]


def test_a_wrong_event_keeps_no_other_out(client: FlaskClient) -> None:
    answer = send(
        client,
        [
            {**CLICK, "id": "right 1"},
            {**CLICK, "typ": "click"},
            {**CLICK, "index": "nowhere"},
            "click",
            {**CLICK, "id": "right 2"},
        ],
    )
    assert counts(answer) == (2, 0, 3)
    by_place = {one["place"]: one for one in answer["rejected"]}
    assert [(place, one["status"]) for place, one in by_place.items()] == [(1, 400), (2, 404), (3, 400)]
    assert by_place[1]["nearest"] == ["type"]
    assert "shop" not in by_place[2]["detail"]  # which indexes there are is the master key's
    assert {"right 1", "right 2"} <= {one.event.id for one in kept(client)}


def test_a_list_with_nothing_right_in_it_is_a_problem(client: FlaskClient) -> None:
    answer = send(client, [{**CLICK, "type": "clik"}, {}], 400)
    assert (answer["parameter"], counts(answer)) == ("type", (0, 0, 2))


@pytest.mark.parametrize(
    ("change", "parameter", "says"),
    [
        ({"type": "clik"}, "type", "wanted is one of view, click, add_to_cart, remove_from_cart"),
        ({"type": None}, "type", "it is missing; wanted is one of view,"),
        ({"product_id": ""}, "product_id", "it is missing; wanted is the id of a product"),
        ({"product_id": 7}, "product_id", "wanted is the id of a product, as a text, not 7"),
        ({"product_id": "ü" * 257}, "product_id", "it has 514 bytes; an id has 1 to 512"),
        ({"user_id": "u" * 201}, "user_id", "wanted is a text of at most 200 characters"),
        ({"user_id": "a\0b"}, "user_id", "it has a character NUL"),
        ({"query_id": "q" * 65}, "query_id", "wanted is the query_id of an answer, unchanged"),
        ({"time": "yesterday"}, "time", "wanted is a time such as 2026-01-31T12:00:00Z"),
        ({"time": 1_770_000_000}, "time", "wanted is a time such as"),
        ({"time": "9999-12-31T23:59:59-12:00"}, "time", "it lies in the future"),
        ({"time": "0001-01-01T00:00:00+12:00"}, "time", "it is older than 365 days"),
        ({"time": (datetime.now(UTC) + timedelta(days=2)).isoformat()}, "time", "it lies in the future"),
        ({"quantity": 0}, "quantity", "wanted is a whole number from 1 to 1,000,000, not 0"),
        ({"quantity": 1.5}, "quantity", "wanted is a whole number"),
        ({"value": 12.99}, "currency", "it is missing beside value; give both, or neither"),
        ({"currency": "EUR"}, "value", "it is missing beside currency"),
        ({"value": "12.99", "currency": "EUR"}, "value", "wanted is an amount such as 12.99"),
        ({"value": -1, "currency": "EUR"}, "value", "wanted is an amount"),
        ({"value": 12.999, "currency": "EUR"}, "value", "an amount of EUR has at most 2 digits behind the point"),
        ({"value": 1, "currency": "euro"}, "currency", "wanted is a currency such as EUR"),
        ({"sku": "1"}, "sku", "there is no such parameter; known are index, type, product_id"),
    ],
)
def test_what_is_wrong_is_told(client: FlaskClient, change: dict[str, Any], parameter: str, says: str) -> None:
    before = len(kept(client))
    answer = send(client, {**CLICK, **change}, 400)
    assert answer["parameter"] == parameter
    assert says in answer["detail"]
    assert len(kept(client)) == before


def test_what_is_just_right_is_taken(client: FlaskClient) -> None:
    ahead = (datetime.now(UTC) + timedelta(minutes=55)).isoformat()
    old = (datetime.now(UTC) - timedelta(days=364)).isoformat()
    sent = [
        {**CLICK, "time": ahead, "id": "ahead"},
        {**CLICK, "time": old, "id": "old"},
        {**CLICK, "value": 1299, "currency": "JPY", "id": "yen"},
        {**CLICK, "value": 0.29, "currency": "EUR", "id": "cents"},
    ]
    assert counts(send(client, sent)) == (4, 0, 0)
    values = {one.event.id: one.event.value for one in kept(client)}
    assert (values["yen"], values["cents"]) == (1299, 29)


@pytest.mark.parametrize("count", [0, 1_001])
def test_how_many_are_taken_at_once(client: FlaskClient, count: int) -> None:
    answer = send(client, [CLICK] * count, 400)
    assert (answer["parameter"], answer["value"]) == ("body", f"{count:,} events")


def test_who_may_send(client: FlaskClient) -> None:
    assert counts(send(client, {**CLICK, "id": "by master"}, key=MASTER)) == (1, 0, 0)
    assert ask(client, URL, "", 401, method="POST", json=CLICK)
    assert ask(client, URL, SEARCH, 405)
    assert ask(client, f"{URL}?id=7", SEARCH, 400, method="POST", json=CLICK)["parameter"] == "id"


def test_a_refusing_database_acknowledges_nothing(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from indexer.errors import StorageError

    def refuse(*_: object) -> int:
        raise StorageError("the disk is full")

    monkeypatch.setattr("indexer.store.events.SqlEvents.add", refuse)
    assert "accepted" not in send(client, CLICK, 503)
