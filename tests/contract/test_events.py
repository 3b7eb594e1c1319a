"""What every store of events does."""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from task_cases import START, StoppedClock

from indexer.errors import InputError
from indexer.store.catalogue import open_catalogue
from indexer.store.event_protocol import EventStore
from indexer.store.event_records import EventRecord, EventType, NewEvent, Person

TIME = datetime(2026, 1, 30, 8, 15, 30, 125_000, tzinfo=UTC)


def event(id_: str, **values: object) -> NewEvent:
    return replace(NewEvent(id_, "shop", EventType.CLICK, "lamp/21", TIME), **values)  # type: ignore[arg-type]


def ids(found: list[EventRecord]) -> list[str]:
    return [record.event.id for record in found]


def test_an_event_is_kept_whole(events: EventStore, clock: StoppedClock) -> None:
    sent = event("e1", type=EventType.PURCHASE, query_id="q1", user_id="alma", session_id="visit", quantity=2)
    sent = replace(sent, value=12_99, currency="EUR")
    assert events.add([sent, event("e2")]) == 2
    first, second = events.scan(0, 10)
    assert first == EventRecord(first.number, START, sent)
    assert second == EventRecord(second.number, START, event("e2"))
    assert first.number < second.number


def test_times_are_kept_in_utc(events: EventStore) -> None:
    zone = timezone(timedelta(hours=2))
    events.add([event("e1", time=TIME.astimezone(zone))])
    (found,) = events.scan(0, 10)
    assert found.event.time == TIME
    assert found.event.time.tzinfo is UTC


def test_the_same_event_is_kept_once(events: EventStore, clock: StoppedClock) -> None:
    assert events.add([event("e1"), event("e2"), event("e1", product_id="other")]) == 2
    clock.pass_s(60)
    assert events.add([event("e2", product_id="other"), event("e3")]) == 1
    assert [(found.event.id, found.event.product_id) for found in events.scan(0, 10)] == [
        ("e1", "lamp/21"),
        ("e2", "lamp/21"),
        ("e3", "lamp/21"),
    ]
    assert events.add([event("e1", index="b")]) == 1  # another index has ids of its own
    assert events.add([event("e1")]) == 0
    assert events.add([]) == 0


def test_events_are_read_on_from_where_one_was(events: EventStore) -> None:
    events.add([event(f"e{number}", index="b" if number % 2 else "shop") for number in range(6)])
    first = events.scan(0, 4)
    assert ids(first) == ["e0", "e1", "e2", "e3"]
    assert ids(events.scan(first[-1].number, 4)) == ["e4", "e5"]
    assert ids(events.scan(0, 10, "b")) == ["e1", "e3", "e5"]


def test_a_thousand_are_added_at_once_and_no_more(events: EventStore) -> None:
    many = [event(f"e{number}") for number in range(1_001)]
    with pytest.raises(InputError, match="1,001 events came at once; wanted: at most 1,000"):
        events.add(many)
    assert events.scan(0, 1) == []
    assert events.add(many[:1000]) == 1000


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"id": ""}, "id of event '' has 0 characters; wanted: 1 to 200"),
        ({"id": "e" * 201}, "has 201 characters"),
        ({"index": ""}, "index of event 'bad' has 0"),
        ({"user_id": "u" * 201}, "user_id of event 'bad' has 201 characters; wanted: 0 to 200"),
        ({"session_id": "u" * 201}, "session_id of event 'bad'"),
        ({"query_id": "q" * 65}, "query_id of event 'bad'"),
        ({"product_id": ""}, "product_id of event 'bad' is ''; wanted: a product's id"),
        ({"time": TIME.replace(tzinfo=None)}, "time of event 'bad' has no time zone"),
    ],
)
def test_one_wrong_event_keeps_all_out(events: EventStore, values: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        events.add([event("good"), event("bad", **values)])
    assert events.scan(0, 10) == []


def of_alma(events: EventStore) -> Person:
    """Eight events, of which four are hers."""
    events.add([
        event("by user", user_id="alma"),
        event("by session", session_id="visit"),
        event("by query", query_id="q1"),
        event("twice", user_id="alma", query_id="q2", session_id="visit"),
        event("of another", user_id="bert", session_id="other", query_id="q3"),
        event("of another, by her search", user_id="bert", query_id="q1"),
        event("of another visit, by her search", session_id="other", query_id="q1"),
        event("of nobody"),
    ])  # fmt: skip
    return Person("alma", "visit", frozenset({"q1", "q2", *(f"x{number}" for number in range(1_200))}))


def test_the_events_of_a_person(events: EventStore) -> None:
    person = of_alma(events)
    assert ids(events.of_person(person)) == ["by user", "by session", "by query", "twice"]
    assert ids(events.of_person(Person(user_id="alma"))) == ["by user", "twice"]
    assert events.of_person(Person()) == []


def test_the_events_of_a_person_go_for_good(events: EventStore) -> None:
    person = of_alma(events)
    assert events.erase(Person()) == 0
    assert events.erase(person) == 4
    assert ids(events.scan(0, 10)) == [
        "of another",
        "of another, by her search",
        "of another visit, by her search",
        "of nobody",
    ]
    assert events.erase(person) == 0


def die_after_adding(url: str) -> None:
    open_catalogue(url).events.add([event("e1")])
    os._exit(9)


def test_what_was_acknowledged_survives_the_process(url: str) -> None:
    process = multiprocessing.get_context("spawn").Process(target=die_after_adding, args=(url,))
    process.start()
    process.join(60)
    assert process.exitcode == 9
    store = open_catalogue(url)
    assert ids(store.events.scan(0, 10)) == ["e1"]
    store.close()


def test_a_backup_has_the_events(url: str, tmp_path: Path) -> None:
    store = open_catalogue(url)
    store.events.add([event("e1")])
    store.backup(tmp_path / "copy.db")
    store.close()
    copy = open_catalogue(f"sqlite:///{tmp_path}/copy.db")
    assert ids(copy.events.scan(0, 10)) == ["e1"]
    copy.close()
