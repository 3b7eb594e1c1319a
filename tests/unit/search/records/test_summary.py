"""Queries, counted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from search.records.record import to_line
from search.records.summary import Which, count_queries


@pytest.fixture
def asked(new_record: Any) -> list[dict[str, Any]]:
    searches: Sequence[dict[str, Any]] = (
        {"q": "Desk  lamp", "at_s": 20, "total": 4},
        {"q": "desk lamp", "at_s": 10, "total": 9},
        {"q": "desk lamp", "at_s": 10, "page": 2},
        {"q": "desk lamp", "at_s": 30, "index": "b"},
        {"q": "unicorn", "at_s": 10, "total": 0},
        {"q": "unicorn", "at_s": 20, "total": 2, "given_up": ("corn", "uni")},
        {"q": "unicorn", "at_s": 30, "total": 0},
        {"q": "", "at_s": 10},
    )
    records = [json.loads(to_line(new_record(**search))) for search in searches]
    return [*records, {"kind": "page", "query_id": "q1", "index": {"name": "shop"}, "time": "", "ids": []}]


def test_the_most_frequent_come_first_whatever_their_case(asked: list[dict[str, Any]]) -> None:
    unicorn, lamp, other = count_queries(asked, Which.ALL, 10)
    assert (unicorn.query, unicorn.searches, unicorn.zero_results, unicorn.relaxed) == ("unicorn", 3, 2, 1)
    assert (lamp.query, lamp.index, lamp.searches) == ("desk lamp", "shop", 2)
    assert (lamp.total, lamp.last) == (4, "1970-01-01T00:00:20.000+00:00")
    assert (other.index, other.searches) == ("b", 1)
    assert count_queries(asked, Which.ALL, 1) == [unicorn]


def test_searches_without_results(asked: list[dict[str, Any]]) -> None:
    (found,) = count_queries(asked, Which.ZERO_RESULTS, 10)
    assert (found.query, found.searches, found.total) == ("unicorn", 2, 0)


def test_searches_that_gave_words_up(asked: list[dict[str, Any]]) -> None:
    (found,) = count_queries(asked, Which.RELAXED, 10)
    assert (found.query, found.searches, found.given_up) == ("unicorn", 1, ("corn", "uni"))
