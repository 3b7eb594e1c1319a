"""A reader that adds up how long its calls took."""

from __future__ import annotations

import time
from typing import Any, cast

from indexer.engines.protocol import EngineReader
from indexer.engines.query import Scope
from search.timed_reader import TimedReader


class _Slow:
    """Stands in for a reader: each call takes a while."""

    spec: Any = None

    def count(self, words: object, scope: Scope) -> int:
        time.sleep(0.01)
        return 7

    def vocabulary(self, enforced: Scope) -> _Words:
        return _Words()


class _Words:
    def near(self, word: str, max_edits: int, limit: int) -> list[tuple[str, int, int]]:
        time.sleep(0.01)
        return [(word, max_edits, limit)]


def test_calls_are_passed_on_and_their_time_is_added_up() -> None:
    reader = TimedReader(cast(EngineReader, _Slow()))

    assert reader.count(None, Scope()) == 7
    after_one = reader.ms
    assert after_one >= 10
    assert reader.vocabulary(Scope()).near("lamp", 1, 3) == [("lamp", 1, 3)]
    assert reader.ms >= after_one + 10
