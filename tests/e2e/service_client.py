"""Clients of the service: some write all the while, one searches, and all keep to one ledger."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from served import Served, until
from service_ledger import Ledger, deleted, document, put, repriced, retitled, title

WRITERS = 3
OWN = 8
"""Products of each writer, which no other touches."""
BULK = 560
"""Products that are written together: two chunks."""
BATCH = 20
ANCHOR = "anchor"
"""A product that is written once, and must always be found."""
_PAUSE_S = 0.05
_SEEN_S = 1.0
"""So soon after its task has succeeded a change must be found."""
_ANSWER_S = 60.0


class Shop:
    """An index, and what its clients know of it.

    Attributes:
        ledger: of all clients.
        answered: searches that were answered, by the generation that did.
        unanswered: searches that were not.
        judged_tasks: up to this number, the judge has told of those that failed.
    """

    def __init__(self, service: Served, index: str) -> None:
        self.service = service
        self.index = index
        self.path = f"/v1/indexes/{index}"
        self.ledger = Ledger()
        self.answered: dict[int, int] = {}
        self.unanswered = 0
        self.judged_tasks = 0
        self._numbers = itertools.count(1000)
        self._stop = threading.Event()
        self._bulk = 0

    def open(self, bulk: int = BULK) -> None:
        """Writes the products that there are from the start."""
        self._bulk = bulk
        ids = [ANCHOR, *(f"b{place:03d}" for place in range(bulk))]
        ids += [f"w{writer}n{place}" for writer in range(WRITERS) for place in range(OWN)]
        number = next(self._numbers)
        changes = {id_: put(number) for id_ in ids}
        status, answer = self._ask("POST", "?wait_s=30", [document(id_, number) for id_ in ids])
        self.ledger.hear(status, answer, changes, creates=True)
        until(self._is_built)

    def _is_built(self) -> bool:
        status, answer = self.service.ask("GET", f"{self.path}/search?mode=lexical&fields=id&q={ANCHOR}")
        return status == 200 and bool(answer["hits"])

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Clients are at work while the block runs."""
        self._stop.clear()
        works = [self._write_singles] * WRITERS
        threads = [threading.Thread(target=self._watched, args=(work, number)) for number, work in enumerate(works)]
        threads += [threading.Thread(target=self._watched, args=(work, 0)) for work in (self._write_bulk, self._search)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _watched(self, work: Any, number: int) -> None:
        try:
            work(number)
        except Exception as error:  # noqa: BLE001 - the judge tells it
            self.ledger.complain(f"a client failed: {type(error).__name__}: {error}")

    def change(self, id_: str, way: str, *, wait: bool = False) -> None:
        """Changes a product that no other client writes to just now.

        Args:
            way: "make", "delete", "price" or "title".
            wait: until the change is searchable, and looks.
        """
        number, query = next(self._numbers), "?wait_s=20" if wait else ""
        if way == "make":
            answer = self._send("POST", query, document(id_, number), {id_: put(number)}, creates=True)
        elif way == "delete":
            answer = self._send("DELETE", f"/{id_}{query}", None, {id_: deleted()})
        elif way == "price":
            body = {"price": f"{number / 100:.2f} EUR"}
            answer = self._send("PATCH", f"/{id_}{query}", body, {id_: repriced(number)})
        else:
            answer = self._send("PATCH", f"/{id_}{query}", {"title": title(id_, number)}, {id_: retitled(number)})
        if wait and answer is not None and (answer["task"] or {}).get("state") == "succeeded":
            self._look(id_)

    def _write_singles(self, writer: int) -> None:
        """Changes, deletes and makes anew products of its own; the first one waits and looks."""
        draw = random.Random(writer)
        while not self._stop.is_set():
            id_ = f"w{writer}n{draw.randrange(OWN)}"
            there = self.ledger.state(id_) is not None
            way = draw.choice(("title", "title", "price", "price", "make", "delete")) if there else "make"
            self.change(id_, way, wait=writer == 0)
            time.sleep(_PAUSE_S)

    def _write_bulk(self, _: int) -> None:
        for start in itertools.cycle(range(0, self._bulk, BATCH)):
            if self._stop.is_set():
                return
            number = next(self._numbers)
            ids = [f"b{place:03d}" for place in range(start, start + BATCH)]
            changes = {id_: put(number) for id_ in ids}
            self._send("POST", "", [document(id_, number) for id_ in ids], changes, creates=True)
            time.sleep(4 * _PAUSE_S)

    def _look(self, id_: str) -> None:
        """A change whose task has succeeded is found, and what is deleted is not."""
        if not self.ledger.is_certain(id_):
            return
        state = self.ledger.state(id_)
        end = time.monotonic() + _SEEN_S
        while True:
            wanted = [] if state is None else [id_]
            words = f"Lamp {id_}" if state is None else title(id_, state[0])
            # As a phrase, of which no word is given up where too few products have it.
            query = quote(f'"{words}"') + ("" if state is None else f"&filters=price={state[1] / 100:.2f}")
            status, answer = self.service.ask("GET", f"{self.path}/search?mode=lexical&fields=id&q={query}")
            if status >= 500:
                return  # the asker counts those
            if [hit["id"] for hit in answer.get("hits", ())] == wanted:
                return
            if time.monotonic() > end:
                found = str(answer.get("hits", answer))[:200]
                self.ledger.complain(f"a task has succeeded, and its change of {id_} to {state} is not seen: {found}")
                return
            time.sleep(0.05)

    def _search(self, _: int) -> None:
        """Asks all the while for what is always there."""
        while not self._stop.is_set():
            path = f"{self.path}/search?mode=lexical&fields=id&q={ANCHOR}"
            status, answer = self.service.ask("GET", path, timeout_s=_ANSWER_S)
            if status >= 500:
                self.unanswered += 1
            elif status != 200 or [hit["id"] for hit in answer["hits"]] != [ANCHOR]:
                self.ledger.complain(f"a search for what is there was answered by {status}: {str(answer)[:200]}")
            else:
                generation = answer["index"]["generation"]
                self.answered[generation] = self.answered.get(generation, 0) + 1
            time.sleep(_PAUSE_S)

    def _send(self, method: str, path: str, body: Any, changes: Any, *, creates: bool = False) -> dict[str, Any] | None:
        """The answer to a write, which the ledger hears of; None where there was none."""
        status, answer = self._ask(method, path, body)
        if status == 599 and "timed out" in str(answer):
            self.ledger.complain(f"{method} {path} was not answered in {_ANSWER_S:.0f} s")
        self.ledger.hear(status, answer, changes, creates=creates)
        return answer if status < 300 else None

    def _ask(self, method: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        return self.service.ask(method, f"{self.path}/documents{path}", body, timeout_s=_ANSWER_S)
