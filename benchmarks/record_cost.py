"""What search records cost a request: the same searches with and without them, in turns, in one process.

    python benchmarks/record_cost.py

Searches the default window of 200 products by words and vectors (the hashing encoder, so that the encoder's own time
hides nothing). One client asks, then four threads at once. Prints the medians, and how many records were written and
dropped; writes benchmarks/results/record_cost.json.
"""

from __future__ import annotations

import logging
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from flask.testing import FlaskClient

from indexer.feeds.records import Row
from indexer.fields import Schema
from indexer.jobs.importing import ImportOptions
from indexer.jobs.progress import Silent
from indexer.product import Offer, Product
from search.app import create_app
from search.config import Config
from search.maintenance import Maintenance
from search.records.writer import FLUSH_S

ROOT = Path(__file__).resolve().parent.parent
PRODUCTS, SEARCHES, BLOCK, THREADS = 2_000, 2_000, 100, 4
COLOURS = ("red", "blue", "green", "black", "white", "brass", "oak", "grey")
THINGS = ("lamp", "chair", "table", "kettle", "grinder", "drill", "shelf", "sofa", "mirror", "rug")
ROOMS = ("desk", "kitchen", "garden", "bath", "office", "nursery", "hall", "workshop")


def main() -> None:
    """Measures and prints."""
    logging.disable(logging.WARNING)
    with TemporaryDirectory() as folder:
        on = Config(data_dir=Path(folder), text_model="hashing")
        apps = {"without": create_app(replace(on, records="off")), "with": create_app(on)}
        services = apps["with"].extensions["shelfwise"]
        Maintenance(services).import_feed("shop", _rows(), ImportOptions(), Silent(), schema=Schema(encoder="hashing"))
        result: dict[str, Any] = {"products": PRODUCTS, "searches": SEARCHES}
        for threads in (1, THREADS):
            times = _measure({name: app.test_client() for name, app in apps.items()}, threads)
            result[f"threads_{threads}"] = {name: _summary(taken) for name, taken in times.items()}
            for name, taken in times.items():
                p50, p95 = _summary(taken).values()
                print(f"{threads} at a time, {name:<8} records: p50 {p50:.3f} ms, p95 {p95:.3f} ms")
        services.records.close()
        size = sum(path.stat().st_size for path in services.config.records_dir.iterdir())
        result |= {"written": services.records.written, "dropped": services.records.dropped, "bytes": size}
        each = size / result["written"]
        print(f"{result['written']:,} records written, {result['dropped']:,} dropped, {each:,.0f} bytes each")
        for app in apps.values():
            app.extensions["shelfwise"].close()
    target = ROOT / "benchmarks" / "results" / "record_cost.json"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))


def _measure(clients: dict[str, FlaskClient], threads: int) -> dict[str, list[float]]:
    draw = random.Random(7)
    queries = [f"{draw.choice(COLOURS)} {draw.choice(ROOMS)} {draw.choice(THINGS)}" for _ in range(SEARCHES)]
    times: dict[str, list[float]] = {name: [] for name in clients}

    def ask(name: str, query: str) -> float:
        start = time.perf_counter()
        answer = clients[name].get("/v1/indexes/shop/search", query_string={"q": query, "page_size": 20})
        if answer.status_code != 200:
            raise SystemExit(answer.text)
        return (time.perf_counter() - start) * 1000

    for name in clients:
        for query in queries[:200]:
            ask(name, query)
    with ThreadPoolExecutor(threads) as pool:
        for at in range(0, SEARCHES, BLOCK):
            # In blocks, so that what the thread of the records does falls to the searches that caused it.
            for name in clients if at % (2 * BLOCK) else reversed(clients):
                times[name] += pool.map(ask, [name] * BLOCK, queries[at : at + BLOCK])
                time.sleep(2 * FLUSH_S)
    return times


def _summary(taken: list[float]) -> dict[str, float]:
    return {"p50_ms": round(median(taken), 3), "p95_ms": round(quantiles(taken, n=20)[-1], 3)}


def _rows() -> list[Row]:
    draw = random.Random(1)
    return [
        Row(
            number,
            0,
            Product(
                f"p{number}",
                f"{draw.choice(COLOURS)} {draw.choice(ROOMS)} {draw.choice(THINGS)} {number}",
                description=" ".join(draw.choices(COLOURS + THINGS + ROOMS, k=12)),
                offers={"default": Offer(1000, "EUR")},
            ),
        )
        for number in range(1, PRODUCTS + 1)
    ]


if __name__ == "__main__":
    main()
