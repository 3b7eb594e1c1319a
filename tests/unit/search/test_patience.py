from __future__ import annotations

import threading
import time

import pytest

from search.errors import NoIndexError, UnavailableError
from search.patience import Patience


def test_an_answer_and_an_error_come_through() -> None:
    patience: Patience[int] = Patience("it", 5)
    assert patience.ask(lambda: 7) == 7

    def refuse() -> int:
        raise NoIndexError("there is none")

    with pytest.raises(NoIndexError, match="there is none"):
        patience.ask(refuse)
    assert patience.ask(lambda: 8) == 8


def test_what_hangs_is_waited_for_once_and_asked_again_when_it_is_over() -> None:
    patience: Patience[bool] = Patience("the database", 0.05)
    over = threading.Event()
    with pytest.raises(UnavailableError, match=r"the database does not answer within 0\.05 s"):
        patience.ask(lambda: over.wait(20))
    asked = time.monotonic()
    with pytest.raises(UnavailableError, match="the database still does not answer"):
        patience.ask(lambda: True)
    assert time.monotonic() - asked < 0.05
    over.set()
    deadline = time.monotonic() + 20
    while True:
        try:
            assert patience.ask(lambda: True)
        except UnavailableError:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        else:
            return
