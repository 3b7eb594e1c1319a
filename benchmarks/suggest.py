"""How long suggestions take as a shopper types.

    python benchmarks/suggest.py [--products 100000] [--prefixes 2000] [--rounds 3]

The catalogue is Icecat repeated with variations, without vectors, which suggestions do not need; as Icecat has no
categories, what type a product is of stands for them. What is typed: distinct beginnings of queries that are made of
neighbouring words of its titles, each cut at a random letter; one in ten with two letters changed round. In process
and over HTTP from `shelfwise serve` on loopback with one client; every beginning once a round, so that no answer is
there already. Writes benchmarks/results/suggest.json.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import orjson

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "e2e"))
from catalogues import SEED, queries, repeated
from served import served
from shops import WORK, imported, open_shop, processor, write

from indexer.engines.query import In
from search.request import SearchRequest, resolve
from search.searcher import IndexSearcher
from search.suggest.suggesting import suggest

MISSPELT = 0.1
LIMIT = 5
TYPES = ("attr_t_product_type", "attr_t_type")


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description="Latency of suggestions.")
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--prefixes", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3, help="each asks for all of them (default 3)")
    options = parser.parse_args()
    name, _ = processor()
    typed = beginnings(options.prefixes)
    print(f"{name}, {os.cpu_count()} CPUs; {options.products:,} products, {len(typed):,} beginnings")
    result: dict[str, Any] = {"processor": name, "products": options.products, "beginnings": len(typed)}
    with open_shop(WORK / "suggest", text_model="") as services:
        index = f"icecat-{options.products // 1000}k"
        imported(services, index, feed(options.products))
        searcher = services.searcher(index)
        print(f"\nms, {LIMIT} of each kind {'p50':>49} {'p95':>8} {'p99':>8} {'best p95':>9}")
        result["all"] = measured("everything", searcher, typed, None, options.rounds)
        by_words = {"one word": [q for q in typed if " " not in q], "several words": [q for q in typed if " " in q]}
        for label, part in by_words.items():
            result[label] = measured(label, searcher, part, None, options.rounds)
        result["filtered key"] = measured("a key that sees one brand", searcher, typed, In("brand", ("HP",)), 1)
    with served(WORK / "suggest", TEXT_MODEL="", REFRESH_MS="200") as service:
        result["http"] = over_http(service.address, index, typed, options.rounds)
    write("suggest", result)


def measured(
    label: str, searcher: IndexSearcher, typed: Sequence[str], enforced: In | None, rounds: int
) -> dict[str, float]:
    """In process."""
    return _percentiles(label, lambda text: _ask(searcher, text, enforced), typed, rounds)


def over_http(address: str, index: str, typed: Sequence[str], rounds: int) -> dict[str, float]:
    """Over one connection that stays open, until the whole answer is there."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"))

    def ask(text: str) -> float:
        started = time.perf_counter()
        connection.request("GET", f"/v1/indexes/{index}/suggest?q={quote(text)}")
        answer = connection.getresponse()
        body = answer.read()
        ms = (time.perf_counter() - started) * 1000
        if answer.status != 200:
            raise SystemExit(f"{answer.status} for {text!r}: {body[:300]!r}")
        return ms

    row = _percentiles("over HTTP, everything", ask, typed, rounds)
    connection.close()
    return row


def _percentiles(label: str, ask: Callable[[str], float], typed: Sequence[str], rounds: int) -> dict[str, float]:
    """Percentiles of all rounds, and the 95th of each beginning's best."""
    for text in typed[:100]:
        ask(text)
    times = np.array([[ask(text) for text in typed] for _ in range(rounds)])
    row = {f"p{rank}": float(np.percentile(times, rank)) for rank in (50, 95, 99)}
    row["best_p95"] = float(np.percentile(times.min(axis=0), 95))
    print(f"  {label:<62}" + "".join(f"{value:>9.2f}" for value in row.values()))
    return row


def _ask(searcher: IndexSearcher, text: str, enforced: In | None) -> float:
    started = time.perf_counter()
    resolved = resolve(SearchRequest(q=text.strip()), searcher.schema)
    suggest(searcher, resolved, text.endswith(" "), LIMIT, enforced)
    return (time.perf_counter() - started) * 1000


def beginnings(count: int) -> list[str]:
    """What people have typed at some moment; distinct."""
    draw = random.Random(SEED)
    made: dict[str, None] = {}
    for query in queries(3 * count):
        text = query[: draw.randint(1, len(query))]
        if draw.random() < MISSPELT and len(text) > 4:
            at = draw.randrange(len(text) - 1)
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        made[text.lstrip()] = None
        if len(made) == count:
            break
    return list(made)


def feed(count: int) -> Path:
    """The catalogue with types as categories, written once."""
    path = WORK / f"icecat-typed-{count}.jsonl.gz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".part")
        with gzip.open(beside, "wb", compresslevel=3) as file:
            for product in repeated(count):
                kind = next((product[name] for name in TYPES if name in product), "")
                file.write(orjson.dumps({**product, "category": f"Electronics > {kind}"} if kind else product) + b"\n")
        beside.rename(path)
    return path


if __name__ == "__main__":
    main()
