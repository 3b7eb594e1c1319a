"""What search records cost a request: the same searches with and without them, in turns, in one process.

    python benchmarks/record_cost.py

Hybrid searches by the hashing encoder, so that a model's time hides nothing, windows of 200. Three applications over
the same data take turns in blocks: two without records, which shows what chance does, and one with. Times are the
wall's and the processor's of the thread that answers. Beside them stands what the step itself takes inside the
requests, and what the thread of the records takes for each. Writes benchmarks/results/record_cost.json.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import fmean, median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from flask.testing import FlaskClient

from indexer.feeds.records import Row
from indexer.fields import Schema
from indexer.jobs.importing import ImportOptions
from indexer.jobs.progress import Silent
from indexer.product import Offer, Product
from search import answering
from search.app import create_app
from search.config import Config
from search.maintenance import Maintenance
from search.records import writer
from search.records.writer import FLUSH_S
from search.services import Services

ROOT = Path(__file__).resolve().parent.parent
PRODUCTS, SEARCHES, BLOCK = 2_000, 1_600, 40
COLOURS = ("red", "blue", "green", "black", "white", "brass", "oak", "grey")
THINGS = ("lamp", "chair", "table", "kettle", "grinder", "drill", "shelf", "sofa", "mirror", "rug")
ROOMS = ("desk", "kitchen", "garden", "bath", "office", "nursery", "hall", "workshop")


def main() -> None:
    """Measures and prints."""
    logging.disable(logging.WARNING)
    with TemporaryDirectory() as folder:
        on = Config(data_dir=Path(folder), text_model="hashing")
        off = replace(on, records="off")
        with Services(on) as services:
            maintenance = Maintenance(services)
            maintenance.import_feed("shop", _rows(), ImportOptions(), Silent(), schema=Schema(encoder="hashing"))
        apps = {"without": create_app(off), "without again": create_app(off), "with": create_app(on)}
        records = apps["with"].extensions["shelfwise"].records
        steps: list[float] = []
        answering.search_record = _timed(answering.search_record, steps)  # type: ignore[attr-defined]
        records.put = _timed(records.put, steps)
        lines: list[float] = []
        writer.to_line = _timed(writer.to_line, lines)  # type: ignore[attr-defined]
        walls, processors = _measure({name: app.test_client() for name, app in apps.items()})
        records.close()
        size = sum(path.stat().st_size for path in on.records_dir.iterdir())
        result: dict[str, Any] = {"products": PRODUCTS, "searches": SEARCHES, "searches_ms": {}}
        print(f"{'':<14} {'wall p50':>9} {'p95':>8} {'processor p50':>14} {'mean':>8}   (ms)")
        for name in apps:
            wall, processor = walls[name], processors[name]
            figures = (median(wall), quantiles(wall, n=20)[-1], median(processor), fmean(processor))
            result["searches_ms"][name] = [round(figure, 3) for figure in figures]
            print(f"{name:<14} {figures[0]:>9.3f} {figures[1]:>8.3f} {figures[2]:>14.3f} {figures[3]:>8.3f}")
        in_request = [1000 * (made + left) for made, left in zip(steps[::2], steps[1::2])]
        result["step_us"] = {"p50": round(median(in_request), 1), "p95": round(quantiles(in_request, n=20)[-1], 1)}
        result["line_us"] = {"p50": round(1000 * median(lines), 1)}
        result |= {"written": records.written, "dropped": records.dropped, "bytes_each": size // records.written}
        print(f"inside a request: {result['step_us']} µs; in the thread beside: {result['line_us']} µs a record")
        print(f"{records.written:,} written, {records.dropped:,} dropped, {result['bytes_each']:,} bytes each")
        for app in apps.values():
            app.extensions["shelfwise"].close()
    target = ROOT / "benchmarks" / "results" / "record_cost.json"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))


def _timed(function: Callable[..., Any], times: list[float]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        start = time.perf_counter()
        try:
            return function(*arguments)
        finally:
            times.append((time.perf_counter() - start) * 1000)

    return call


def _measure(clients: dict[str, FlaskClient]) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    draw = random.Random(7)
    queries = [f"{draw.choice(COLOURS)} {draw.choice(ROOMS)} {draw.choice(THINGS)}" for _ in range(SEARCHES)]
    walls: dict[str, list[float]] = {name: [] for name in clients}
    processors: dict[str, list[float]] = {name: [] for name in clients}

    def ask(name: str, query: str) -> None:
        wall, processor = time.perf_counter(), time.thread_time()
        answer = clients[name].get("/v1/indexes/shop/search", query_string={"q": query, "page_size": 20})
        if answer.status_code != 200:
            raise SystemExit(answer.text)
        walls[name].append((time.perf_counter() - wall) * 1000)
        processors[name].append((time.thread_time() - processor) * 1000)

    for name in clients:
        for query in queries[:200]:
            ask(name, query)
        walls[name].clear()
        processors[name].clear()
    for at in range(0, SEARCHES, BLOCK):
        names = list(clients)
        draw.shuffle(names)
        for name in names:
            for query in queries[at : at + BLOCK]:
                ask(name, query)
            time.sleep(2 * FLUSH_S)  # what the thread of the records does falls to the searches that caused it
    return walls, processors


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
