"""What shoppers did."""

from __future__ import annotations

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

_TYPES = ("view", "click", "add_to_cart", "remove_from_cart", "add_to_wishlist", "purchase", "return")
_PERSON = {"type": ["string", "null"], "maxLength": 200}
_EXAMPLE = {
    "index": "shop",
    "type": "click",
    "product_id": "lamp/21",
    "query_id": "0c6f3f6d1c6f4b0f9f1f6b0f4e8f1c55",
    "session_id": "visit-17",
}

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
                400: Answer(
                    "None of them is right; the first problem, beside all of them.",
                    (Content(ref("NoEvents"), type=PROBLEM),),
                ),
            },
            description="One event, a list of at most 1,000, or one a line.",
            body=Body(
                (
                    Content(either(ref("Event"), list_of(ref("Event"), minItems=1, maxItems=1_000)), [_EXAMPLE]),
                    Content(TEXT, type=LINES),
                )
            ),
            errors=(404,),
        ),
    ),
    {
        "Event": record(
            {"index": INDEX_NAME, "type": one_of_texts(_TYPES), "product_id": PRODUCT_ID},
            {
                "time": described(nullable(TIME), "When; without it when it comes in."),
                "id": described(
                    {"type": ["string", "null"], "maxLength": 200}, "The same one again is not kept twice."
                ),
                "query_id": described(
                    {"type": ["string", "null"], "maxLength": 64}, "Of the answer that it came from."
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
