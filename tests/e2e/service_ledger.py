"""The ledger of a client of the service: what it was promised of each product, and what is in doubt."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

_LETTERS = "bcdfghjklmnpqrtvwxz"

State = tuple[int, int] | None
"""(number in the title, price in cents) of a product; None: there is none."""

Change = Callable[[State], State]
"""What a request makes of a product; a change of what is not there leaves it so."""


def word(number: int) -> str:
    """A word for a number: no stemmer changes it."""
    letters = ""
    for _ in range(4):
        number, place = divmod(number, len(_LETTERS))
        letters = _LETTERS[place] + letters
    return "v" + letters


def title(id_: str, number: int) -> str:
    return f"Lamp {id_} {word(number)}"


def document(id_: str, number: int) -> dict[str, Any]:
    """As it is sent."""
    return {"id": id_, "title": title(id_, number), "price": f"{number / 100:.2f} EUR"}


def state_of(id_: str, sent: str, cents: int) -> tuple[int, int]:
    """What a title and a price say; (-1, …) where the title is no title of this product."""
    number = 0
    for letter in sent.rpartition(" v")[2]:
        number = number * len(_LETTERS) + max(0, _LETTERS.find(letter))
    return (number if sent == title(id_, number) else -1, cents)


def put(number: int) -> Change:
    return lambda state: (number, number)


def retitled(number: int) -> Change:
    return lambda state: None if state is None else (number, state[1])


def repriced(number: int) -> Change:
    return lambda state: None if state is None else (state[0], number)


def deleted() -> Change:
    return lambda state: None


class Ledger:
    """Safe to share between threads; of each product, one thread at a time writes.

    Attributes:
        allowed: id → the states that it may have.
        acknowledged, doubtful: requests.
        problems: promises that an answer has already broken.
    """

    def __init__(self) -> None:
        self.allowed: dict[str, frozenset[State]] = {}
        self.acknowledged = 0
        self.doubtful = 0
        self.problems: list[str] = []
        self._lock = threading.Lock()

    def hear(self, status: int, answer: Mapping[str, Any], changes: Mapping[str, Change], *, creates: bool) -> None:
        """Takes down what became of a request; 599 stands for a connection that broke.

        Args:
            changes: of each product that the request speaks of.
            creates: whether it makes what is not there; else that is a 404.
        """
        with self._lock:
            if 200 <= status < 300:
                self.acknowledged += 1
                for id_, change in changes.items():
                    self._expect(id_, {change(state) for state in self._before(id_) if creates or state is not None})
                if answer.get("problems"):
                    self.problems.append(f"a write was refused in part: {answer['problems'][0]}")
            elif status == 404 and not creates:
                self.acknowledged += 1
                for id_ in changes:
                    self._expect(id_, self._before(id_) & {None})
            elif status >= 500:
                self.doubtful += 1
                for id_, change in changes.items():
                    before = self._before(id_)
                    self._expect(id_, before | {change(state) for state in before})
            else:
                self.problems.append(f"a write was answered by {status}: {str(answer)[:200]}")

    def state(self, id_: str) -> State:
        """The one state that a product can have, or one of several."""
        with self._lock:
            return next(iter(sorted(self._before(id_), key=str)))

    def is_certain(self, id_: str) -> bool:
        """Whether nothing of it is in doubt."""
        with self._lock:
            return len(self._before(id_)) == 1

    def complain(self, problem: str) -> None:
        """Takes down a broken promise."""
        with self._lock:
            self.problems.append(problem)

    def settle(self, states: Mapping[str, tuple[int, int]]) -> list[str]:
        """What is lost, by what is there; nothing is in doubt any more after it."""
        with self._lock:
            wrong = [
                f"{id_} is {states.get(id_)}, promised was one of {sorted(allowed, key=str)}"
                for id_, allowed in self.allowed.items()
                if states.get(id_) not in allowed
            ]
            wrong += [f"{id_} was never sent" for id_ in states.keys() - self.allowed.keys()]
            self.allowed = {id_: frozenset({states.get(id_)}) for id_ in self.allowed}
            return wrong

    def _before(self, id_: str) -> frozenset[State]:
        return self.allowed.get(id_, frozenset({None}))

    def _expect(self, id_: str, states: set[State] | frozenset[State]) -> None:
        if states:
            self.allowed[id_] = frozenset(states)
        else:
            known = sorted(self._before(id_), key=str)
            self.problems.append(f"lost: the answer to a change of {id_} denies what was acknowledged: {known}")
