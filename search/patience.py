"""Asks what may hang, such as a server behind a broken network, for no longer than a budget."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from search.errors import UnavailableError

_T = TypeVar("_T")


class Patience(Generic[_T]):
    """One question at a time by a thread of its own. Safe to share between threads.

    Args:
        thing: what is asked, for messages.
        budget_s: so long an answer is waited for.
    """

    def __init__(self, thing: str, budget_s: float) -> None:
        self._thing = thing
        self._budget_s = budget_s
        self._asking: threading.Thread | None = None

    def ask(self, question: Callable[[], _T]) -> _T:
        """The answer.

        Raises:
            UnavailableError: there is none in time, or the one before is still waited for.
            Exception: what the question raises.
        """
        if self._asking is not None and self._asking.is_alive():
            raise UnavailableError(f"{self._thing} still does not answer")
        answers: list[_T] = []
        faults: list[BaseException] = []

        def run() -> None:
            try:
                answers.append(question())
            except BaseException as error:  # noqa: BLE001 - raised below, in the thread that asked
                faults.append(error)

        # A daemon, since a process that ends must not wait for it.
        self._asking = threading.Thread(target=run, name=f"asking {self._thing}", daemon=True)
        self._asking.start()
        self._asking.join(self._budget_s)
        if faults:
            raise faults[0]
        if not answers:
            raise UnavailableError(f"{self._thing} does not answer within {self._budget_s:g} s")
        return answers[0]
