"""What is kept of a search."""

from __future__ import annotations

import json
from typing import Any

from search.filters import Between
from search.records.record import PageRecord, to_line
from search.request import SearchRequest


def test_a_search_is_kept_whole(new_record: Any) -> None:
    from dataclasses import replace

    request = SearchRequest(
        q="desk lamp",
        filters="price < 50",
        refine={"brand": ("Alma",), "price": (Between("10", "20"),)},
        sort=("price:asc",),
        language="de",
        channel="web",
        page=2,
        page_size=10,
        user_id="alma",
        session_id="visit",
    )
    line = to_line(replace(new_record(at_s=1_770_000_000.25), request=request))
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    assert json.loads(line) == {
        "kind": "search",
        "time": "2026-02-02T02:40:00.250+00:00",
        "query_id": "q1",
        "index": {"name": "shop", "generation": 1, "change_number": 40},
        "encoder": "hashing-1",
        "request": {
            "q": "desk lamp",
            "similar_to": "",
            "filters": "price < 50",
            "refine": {"brand": ["Alma"], "price": ["10..20"]},
            "sort": ["price:asc"],
            "mode": "hybrid",
            "sold_out": None,
            "language": "de",
            "channel": "web",
            "page": 2,
            "page_size": 10,
        },
        "user_id": "alma",
        "session_id": "visit",
        "caller": {"role": "shop window", "filter": "brand:Alma"},
        "corrected_query": "",
        "matching": {"words": ["desk", "lamp"], "given_up": [], "corrected": {}, "language": "en"},
        "total": 3,
        "start": 10,
        "ids": ["p1", "p2"],
        "window": {
            "ids": ["p1", "p2", "p3"],
            "lexical": [8.21, 7.5, None],
            "lexical_rank": [1, 2, None],
            "vector": [0.71, None, 0.75],
            "vector_rank": [2, None, 1],
            "fused": [0.0246, 0.0161, 0.0082],
        },
        "degraded": [{"stage": "vector", "reason": "broken"}],
        "timings_ms": {"total": 1.5},
    }


def test_no_key_is_kept(new_record: Any) -> None:
    assert b"search:abc" not in to_line(new_record())


def test_a_later_page_refers_to_its_search() -> None:
    page = PageRecord(1_770_000_000.0, "q1", 20, ("p9",), "alma", "visit", {"name": "shop", "generation": 1})
    assert json.loads(to_line(page)) == {
        "kind": "page",
        "time": "2026-02-02T02:40:00.000+00:00",
        "query_id": "q1",
        "index": {"name": "shop", "generation": 1},
        "user_id": "alma",
        "session_id": "visit",
        "start": 20,
        "ids": ["p9"],
    }
