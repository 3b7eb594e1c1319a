"""What shoppers did."""

from __future__ import annotations

from indexer.store.event_records import (
    MAX_EVENT_ID_CHARS,
    MAX_EVENTS,
    MAX_PERSON_CHARS,
    MAX_QUERY_ID_CHARS,
    EventType,
)
from search.api.openapi.json_schema import (
    COUNT,
    TEXT,
    TIME,
    described,
    either,
    list_of,
    nullable,
    number,
    one_of_texts,
    record,
    ref,
    whole,
)
from search.api.openapi.operation import LINES, PROBLEM, Access, Answer, Body, Content, Operation, Topic
from search.api.openapi.parameters import INDEX_NAME, PRODUCT_ID
from search.api.openapi.problem import problem_schema

_PERSON = {"type": ["string", "null"], "maxLength": MAX_PERSON_CHARS}
_EXAMPLE = {
    "index": "shop",
    "type": "click",
    "product_id": "lamp/21",
    "query_id": "0c6f3f6d1c6f4b0f9f1f6b0f4e8f1c55",
    "session_id": "visit-17",
}

_NONE = Answer(
    "None of them can be kept: the first problem, beside all of them.", (Content(ref("NoEvents"), type=PROBLEM),)
)

TOPIC = Topic(
    "Events",
    "What shoppers did, kept to learn from. The search key may tell of it.",
    (
        Operation(
            "addEvents",
            "POST",
            "/v1/events",
            "Tell what shoppers did",
            Access.SEARCH_KEY,
            {
                200: Answer(
                    "What is accepted is on disk; the same event again is a duplicate.",
                    (
                        Content(
                            record(
                                {
                                    "accepted": COUNT,
                                    "duplicates": COUNT,
                                    "rejected": described(list_of(ref("RejectedEvent")), "All others are kept."),
                                }
                            ),
                            {"accepted": 1, "duplicates": 0, "rejected": []},
                        ),
                    ),
                ),
                400: _NONE,
                404: _NONE,
            },
            description=f"One event, a list of at most {MAX_EVENTS:,}, or one a line.",
            body=Body(
                (
                    Content(either(ref("Event"), list_of(ref("Event"), minItems=1, maxItems=MAX_EVENTS)), [_EXAMPLE]),
                    Content(TEXT, type=LINES),
                )
            ),
        ),
    ),
    {
        "Event": record(
            {"index": INDEX_NAME, "type": one_of_texts([kind.value for kind in EventType]), "product_id": PRODUCT_ID},
            {
                "time": described(nullable(TIME), "When; without it when it comes in."),
                "id": described(
                    {"type": ["string", "null"], "maxLength": MAX_EVENT_ID_CHARS},
                    "The same again is not kept twice.",
                ),
                "query_id": described(
                    {"type": ["string", "null"], "maxLength": MAX_QUERY_ID_CHARS}, "Of the answer it came from."
                ),
                "user_id": _PERSON,
                "session_id": _PERSON,
                "quantity": nullable(whole(1, 1_000_000)),
                "value": described(nullable(number(0, 10**12)), "An amount such as 12.99, beside its currency."),
                "currency": {"type": ["string", "null"], "pattern": "^([A-Z]{3})?$"},
            },
            closed=True,
        ),
        "RejectedEvent": problem_schema({"place": described(COUNT, "Among those that were sent, from 0.")}),
        "NoEvents": problem_schema(
            {}, {"accepted": COUNT, "duplicates": COUNT, "rejected": list_of(ref("RejectedEvent"))}
        ),
    },
)
