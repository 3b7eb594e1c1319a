"""Bulks in chunks, and the circuit breaker."""

from __future__ import annotations

from indexer.breaker import FAILURES, Breaker
from indexer.engines.elasticsearch.bulk import Action, chunks


def test_chunks_by_count_and_by_bytes() -> None:
    actions = [Action(str(number), 1, b"x" * 100) for number in range(7)]
    assert [len(chunk) for chunk in chunks(actions, 3, 10_000)] == [3, 3, 1]
    own = sum(len(line) + 1 for line in actions[0].lines())
    assert [len(chunk) for chunk in chunks(actions, 100, 2 * own)] == [2, 2, 2, 1]
    assert [len(chunk) for chunk in chunks(actions, 100, 1)] == [1] * 7  # one document always goes
    assert list(chunks([], 3, 10)) == []


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_breaker_opens_lets_one_try_and_closes() -> None:
    clock = _Clock()
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        assert breaker.lets_through()
        breaker.failed()
    assert not breaker.lets_through()
    clock.now += 0.6
    assert breaker.lets_through()
    assert not breaker.lets_through()  # another is trying
    breaker.failed()
    clock.now += 0.6
    assert not breaker.lets_through()  # the pause is longer now
    clock.now += 1.0
    assert breaker.lets_through()
    breaker.succeeded()
    assert breaker.lets_through()
    assert breaker.lets_through()
