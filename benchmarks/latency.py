"""How long a search takes: over HTTP, in process, and beside what a user would write without Shelfwise.

    python benchmarks/latency.py [--products 100000] [--queries 2000] [--rounds 3]

The catalogue is Icecat repeated with variations; the queries are distinct neighbouring words of its titles, mostly one
to three; no query vector is cached. Over HTTP: gunicorn on loopback with one client, without facets, with five, and
with 8 clients. In process: Shelfwise (understanding, exact totals, fusion, 20 documents) and the two stacks of
stacks.py take turns query by query, so that what else the machine does hits all alike. The nDCG@10 of each is that on
the catalogue as it is, without the copies.
Writes benchmarks/results/latency.json.
"""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import orjson
import psutil
from catalogues import feed, products, queries, repeated
from numpy.typing import NDArray
from shops import WORK, icecat_feed, imported, open_shop, processor, shared, write
from stacks import FastStack, PlainStack

from reranker.evaluation.catalogue import Search, evaluate_catalogue, random_search
from reranker.evaluation.judgments import read_judgments
from reranker.evaluation.protocols import BM25, CONDENSED, JUDGED, NDCG, RANDOM
from search.cli.evaluating import searched
from search.request import Mode, SearchRequest, resolve
from search.searcher import IndexSearcher

SHOP = WORK / "icecat"
FACETS = ("brand", "price", "attr_t_product_colour", "attr_t_type", "in_stock")
CLIENTS = 8
PLAIN_QUERIES = 100
"""So many of the queries go to the plain stack, which is slow."""


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description="Latency over HTTP, in process and beside other stacks.")
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3, help="each sends all queries (default 3)")
    options = parser.parse_args()
    name, features = processor()
    index = f"icecat-{options.products // 1000}k"
    asked = queries(options.queries)
    lengths = np.bincount([min(len(query.split()), 6) for query in asked])
    print(f"{name}, int8 features: {' '.join(features) or 'none'}, {os.cpu_count()} CPUs")
    print(f"{options.products:,} products, {len(asked):,} distinct queries; by words: {lengths[1:].tolist()}")
    with open_shop(SHOP) as services:
        imported(services, index, feed(options.products))
    result: dict[str, Any] = {"processor": name, "products": options.products, "queries": len(asked)}
    result["http"] = over_http(index, asked, options.rounds)
    result["in_process"] = in_process(index, options.products, asked)
    result["quality"] = quality()
    write("latency", result)


def over_http(index: str, asked: Sequence[str], rounds: int) -> dict[str, Any]:
    """One client and eight, through gunicorn."""
    result: dict[str, Any] = {}
    with serving() as (port, server):
        client = Client(port, index)
        for query in asked[:200]:
            client.search(query, ())
        print("\nover HTTP, hybrid, 20 hits a page, one client           p50      p95      p99   (ms)")
        for facets in ((), FACETS):
            runs = [[client.search(query, facets) for query in asked] for _ in range(rounds)]
            times = np.array([[wall for wall, _ in run] for run in runs])
            label = f"{len(facets)} facets" if facets else "no facets"
            result[label] = _percentiles(times)
            best = _percentiles(times.min(axis=0))
            print(f"  {label:<50} {_row(result[label])}")
            print(f"  {'  the best of the rounds of each query':<50} {_row(best)}")
            result[label] |= {"best": best, "shares": _shares(runs)}
            shares = ", ".join(f"{name} {ms:.2f}" for name, ms in result[label]["shares"].items())
            print(f"    of the median request, in ms: {shares}")
        result["rss_mb"] = _memory(server)
        print(f"  resident memory of the serving processes, MB: {result['rss_mb']}")
        started = time.perf_counter()
        with ThreadPoolExecutor(CLIENTS) as pool:
            clients = [Client(port, index) for _ in range(CLIENTS)]
            parts = list(pool.map(_all_of, clients, [asked[number::CLIENTS] for number in range(CLIENTS)]))
        wall_s = time.perf_counter() - started
        times = np.array([wall for part in parts for wall in part])
        result["clients"] = {**_percentiles(times), "per_s": len(times) / wall_s}
        print(f"  {f'{CLIENTS} clients, {len(times) / wall_s:,.0f} queries a second':<50} {_row(result['clients'])}")
    return result


def _all_of(client: Client, asked: Sequence[str]) -> list[float]:
    return [client.search(query, ())[0] for query in asked]


class Client:
    """Keeps one connection."""

    def __init__(self, port: int, index: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._path = f"/v1/indexes/{index}/search"

    def search(self, query: str, facets: Sequence[str]) -> tuple[float, Mapping[str, float]]:
        """(milliseconds until the whole answer was there, its own timings)."""
        parameters = [("q", query), *(("facets", facet) for facet in facets)]
        started = time.perf_counter()
        self._connection.request("GET", f"{self._path}?{urlencode(parameters)}")
        response = self._connection.getresponse()
        body = response.read()
        wall = (time.perf_counter() - started) * 1000
        answer = orjson.loads(body)
        if response.status != 200 or answer["degraded"]:
            raise SystemExit(f"{query!r}: {response.status} {body[:300]!r}")
        return wall, answer["timings_ms"]


@contextmanager
def serving() -> Iterator[tuple[int, psutil.Process]]:
    """(port, process) of a web service with two processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(str(Path(sys.executable).with_name("gunicorn")), "search.app:create_app()", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "8", "--keep-alive", "60"),
    ]
    environment = {**os.environ, "SHELFWISE_DATA_DIR": str(SHOP), "SHELFWISE_QUERY_CACHE": "0"}
    with open(WORK / "gunicorn.log", "wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(30)


def in_process(index: str, count: int, asked: Sequence[str]) -> dict[str, Any]:
    """Shelfwise and the stacks take turns."""
    with open_shop(SHOP) as services:
        searcher = services.searcher(index)
        catalogue = list(repeated(count))
        vectors = _vectors(searcher, [str(product["id"]) for product in catalogue])
        fast = FastStack(catalogue, vectors, searcher.encoder)
        plain = PlainStack(catalogue, vectors, os.cpu_count() or 1)
        stacks: list[tuple[str, Callable[[str], object], int]] = [
            ("Shelfwise", lambda query: searcher.search(resolve(SearchRequest(q=query), searcher.schema)), len(asked)),
            (fast.name, fast.search, len(asked)),
            (plain.name, plain.search, PLAIN_QUERIES),
        ]
        times: dict[str, list[float]] = {name: [] for name, _, _ in stacks}
        for _, search, most in stacks:
            for query in asked[: most // 10]:
                search(query)
        for number, query in enumerate(asked):
            for name, search, most in stacks:
                if number >= most:
                    continue
                started = time.perf_counter()
                search(query)
                times[name].append((time.perf_counter() - started) * 1000)
    result = {name: {**_percentiles(np.array(values)), "queries": len(values)} for name, values in times.items()}
    ours = result["Shelfwise"]["p50"]
    print("\nin process, taking turns                                p50      p95      p99   (ms)")
    for name, row in result.items():
        print(f"  {name:<50} {_row(row)}   Shelfwise's p50 is {ours / row['p50']:.2f} times this")
    return result


def quality() -> dict[str, Any]:
    """nDCG of each on the catalogue without copies."""
    with open_shop(SHOP) as services:
        imported(services, "icecat", icecat_feed())
        searcher = services.searcher("icecat")
        catalogue = products()
        ids = [str(product["id"]) for product in catalogue]
        vectors = _vectors(searcher, ids)
        systems: dict[str, Search] = {
            RANDOM: random_search(ids),
            BM25: searched(searcher, Mode.LEXICAL),
            "Shelfwise": searched(searcher, Mode.HYBRID),
        }
        for stack in (
            FastStack(catalogue, vectors, searcher.encoder),
            PlainStack(catalogue, vectors, os.cpu_count() or 1),
        ):
            systems[stack.name] = _ranked(stack.search)
        evaluation = evaluate_catalogue(read_judgments(shared("icecat", "judgments.csv")), systems)
    print(f"\n{len(evaluation.queries)} judged queries of Icecat {NDCG:>34} {CONDENSED:>18} {JUDGED:>10}")
    result = {}
    for name, system in evaluation.systems.items():
        result[name] = {metric: system.mean(metric) for metric in (NDCG, CONDENSED, JUDGED)}
        print(f"  {name:<50} {system.mean(NDCG):>12.3f} {system.mean(CONDENSED):>18.3f} {system.mean(JUDGED):>10.2f}")
    return result


def _ranked(search: Callable[[str, int], Sequence[Mapping[str, Any]]]) -> Search:
    return lambda query, k: [(str(product["id"]), float(-place)) for place, product in enumerate(search(query, k))]


def _vectors(searcher: IndexSearcher, ids: Sequence[str]) -> NDArray[np.float32]:
    rows: list[NDArray[np.float32]] = []
    for part in _parts(ids, 1_000):
        for vector in searcher.reader.vectors(part):
            if vector is None:
                raise SystemExit("a product has no vector")
            rows.append(vector)
    return np.stack(rows)


def _parts(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _percentiles(times: NDArray[np.float64]) -> dict[str, float]:
    return {f"p{rank}": float(np.percentile(times, rank)) for rank in (50, 95, 99)}


def _row(row: Mapping[str, float]) -> str:
    return " ".join(f"{row[name]:>8.2f}" for name in ("p50", "p95", "p99"))


def _shares(runs: Sequence[Sequence[tuple[float, Mapping[str, float]]]]) -> dict[str, float]:
    """Medians in ms of what a request consists of."""
    answers = [answer for run in runs for answer in run]
    inside = ("understand", "encode", "retrieve", "rank", "present")
    shares = {name: statistics.median(timings.get(name, 0.0) for _, timings in answers) for name in inside}
    shares["HTTP, JSON and Flask"] = statistics.median(wall - timings["total"] for wall, timings in answers)
    return shares


def _memory(server: psutil.Process) -> list[int]:
    return [round(child.memory_info().rss / 1e6) for child in server.children()]


if __name__ == "__main__":
    main()
