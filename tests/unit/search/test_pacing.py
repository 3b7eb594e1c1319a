from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from search.pacing import PacedSocket


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    here, there = socket.socketpair()
    with here, there:
        yield here, there


def test_what_comes_is_given(pair: tuple[socket.socket, socket.socket]) -> None:
    here, there = pair
    there.sendall(b"hello")
    paced = PacedSocket(here, 5)
    assert (paced.recv(3), paced.recv(3)) == (b"hel", b"lo")
    assert (paced.fileno(), paced.gettimeout()) == (here.fileno(), None)


def test_who_sends_nothing_is_given_up(pair: tuple[socket.socket, socket.socket]) -> None:
    begin = time.monotonic()
    with pytest.raises(TimeoutError):
        PacedSocket(pair[0], 0.2).recv(10)
    assert 0.15 < time.monotonic() - begin < 5


def test_a_few_bytes_now_and_then_do_not_help(pair: tuple[socket.socket, socket.socket]) -> None:
    here, there = pair
    paced = PacedSocket(here, 0.3)
    drops = 0
    with pytest.raises(TimeoutError):  # noqa: PT012 - each drop is one call
        while True:
            there.sendall(b"x")
            time.sleep(0.02)
            paced._waited_s += 0.02  # as if it had been waited for
            paced.recv(10)
            drops += 1
            assert drops < 100
    assert drops > 5


def test_what_is_sent_buys_time(pair: tuple[socket.socket, socket.socket]) -> None:
    here, there = pair
    paced = PacedSocket(here, 0.05)
    there.sendall(b"x" * 20_000)
    while len(paced.recv(4_000)) == 4_000 and paced._received < 20_000:
        pass
    paced._waited_s = 5.0
    there.sendall(b"y")
    assert paced.recv(10) == b"y"
    paced._waited_s = 11.0
    with pytest.raises(TimeoutError):
        paced.recv(10)
