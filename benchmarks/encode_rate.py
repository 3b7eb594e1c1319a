"""How fast documents are encoded: the int8 encoder beside plain sentence-transformers, on the same texts.

    python benchmarks/encode_rate.py [--texts 3000] [--threads 2] [--rounds 3] [--models DIR]

Both encode title + newline + description of a random sample (fixed seed) of the Icecat products, in alternation, so
that what else the machine does hits both alike. The ratio of the rates is therefore the figure; the CPU time of a text
is given too, which other programs hardly change. Also: the rate at other token limits, and the time of a short query.
Writes benchmarks/results/encode_rate.json.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from catalogues import products
from shops import processor, write

from indexer.encoders.factory import DEFAULT_MODEL, open_encoder
from indexer.models.source import find_model

SEED = 20
QUERIES = ("hp toner black", "wireless mouse", "sony noise cancelling headphones", "15 inch laptop bag", "usb c hub")


@dataclass(frozen=True)
class Rate:
    """One run: texts a second of wall time, and milliseconds of CPU time a text (over all threads)."""

    texts_s: float
    cpu_ms: float


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description="Rate of the int8 encoder beside sentence-transformers.")
    parser.add_argument("--texts", type=int, default=3000, help="size of the sample (default 3000)")
    parser.add_argument("--threads", type=int, default=2, help="threads of both (default 2)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, each runs both (default 3)")
    parser.add_argument("--models", type=Path, help="where the int8 form is kept (default: made anew)")
    options = parser.parse_args()
    with TemporaryDirectory() as fresh:
        result = measure(options.models or Path(fresh), options.texts, options.threads, options.rounds)
    write("encode_rate", result)


def measure(models_dir: Path, count: int, threads: int, rounds: int) -> dict[str, object]:
    """Prints the tables as they come, and returns all of it."""
    texts = sample(count)
    name, features = processor()
    print(f"{name}, int8 features: {' '.join(features) or 'none'}, {threads} threads of {os.cpu_count()} CPUs")

    started = time.perf_counter()
    encoder = open_encoder(DEFAULT_MODEL, models_dir, threads=threads)
    opened_s = time.perf_counter() - started
    if "torch" in sys.modules:
        raise SystemExit("the int8 encoder has imported torch; it must not")
    latency = query_latency(models_dir)
    limits = {limit: limited_rate(models_dir, texts[:600], threads, limit) for limit in (32, 64, 128, 256)}
    lengths = token_lengths(texts)
    print(f"opened in {opened_s:.1f} s; tokens a text: {lengths}")
    print(f"one query, one thread: p50 {latency['p50_ms']:.2f} ms, p95 {latency['p95_ms']:.2f} ms")
    print(
        "int8 at other token limits: " + ", ".join(f"{limit}: {rate.texts_s:.0f}/s" for limit, rate in limits.items())
    )

    plain = plain_encode(threads)
    int8_runs, plain_runs = [], []
    encoder.encode_documents(texts[:50])
    plain(texts[:50])
    for number in range(1, rounds + 1):
        plain_runs.append(timed(plain, texts))
        int8_runs.append(timed(encoder.encode_documents, texts))
        theirs, ours = plain_runs[-1], int8_runs[-1]
        print(
            f"round {number}: sentence-transformers {theirs.texts_s:.1f}/s ({theirs.cpu_ms:.2f} ms of CPU a text), "
            f"int8 {ours.texts_s:.1f}/s ({ours.cpu_ms:.2f} ms), ratio {ours.texts_s / theirs.texts_s:.2f}"
        )
    ratios = [ours.texts_s / theirs.texts_s for ours, theirs in zip(int8_runs, plain_runs)]
    cpu_ratio = min(run.cpu_ms for run in plain_runs) / min(run.cpu_ms for run in int8_runs)
    print(f"ratio: min {min(ratios):.2f}, median {statistics.median(ratios):.2f}; by CPU time {cpu_ratio:.2f}")
    return {
        "processor": name,
        "int8_features": features,
        "threads": threads,
        "texts": len(texts),
        "tokens": lengths,
        "version": encoder.manifest.version,
        "opened_s": opened_s,
        "query": latency,
        "token_limits": {str(limit): asdict(rate) for limit, rate in limits.items()},
        "sentence_transformers": [asdict(run) for run in plain_runs],
        "int8": [asdict(run) for run in int8_runs],
        "ratio": {"min": min(ratios), "median": statistics.median(ratios), "cpu": cpu_ratio},
    }


def timed(encode: Callable[[Sequence[str]], object], texts: Sequence[str]) -> Rate:
    """Encodes the texts once."""
    wall, cpu = time.perf_counter(), time.process_time()
    encode(texts)
    return Rate(len(texts) / (time.perf_counter() - wall), (time.process_time() - cpu) / len(texts) * 1e3)


def plain_encode(threads: int) -> Callable[[Sequence[str]], object]:
    """What a user of sentence-transformers writes; its batches and its token limit as they come."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    model = SentenceTransformer(str(find_model(DEFAULT_MODEL).folder), device="cpu")
    return lambda texts: model.encode(list(texts), show_progress_bar=False)


def limited_rate(models_dir: Path, texts: Sequence[str], threads: int, limit: int) -> Rate:
    """The rate when texts are cut at another number of tokens."""
    encoder = open_encoder(DEFAULT_MODEL, models_dir, threads=threads, max_tokens=limit)
    encoder.encode_documents(texts[:50])
    return timed(encoder.encode_documents, texts)


def query_latency(models_dir: Path) -> dict[str, float]:
    """Milliseconds for one query of two to four words, one thread."""
    encoder = open_encoder(DEFAULT_MODEL, models_dir, threads=1)
    times_ms = []
    for query in QUERIES * 100:
        started = time.perf_counter()
        encoder.encode_queries([query])
        times_ms.append((time.perf_counter() - started) * 1e3)
    return {"p50_ms": float(np.percentile(times_ms, 50)), "p95_ms": float(np.percentile(times_ms, 95))}


def token_lengths(texts: Sequence[str]) -> dict[str, float]:
    """How long the texts are in tokens, uncut, the two special ones included."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(find_model(DEFAULT_MODEL).folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    lengths = np.array([len(encoding.ids) for encoding in tokenizer.encode_batch(list(texts))])
    percentiles = {f"p{rank}": float(np.percentile(lengths, rank)) for rank in (50, 90, 99)}
    return {"mean": round(float(lengths.mean()), 1), **percentiles, "over_128": float((lengths > 128).mean())}


def sample(count: int) -> list[str]:
    """Title and description of `count` products, drawn with a fixed seed."""
    everything = products()
    chosen = random.Random(SEED).sample(everything, min(count, len(everything)))
    return [f"{product.get('title', '')}\n{product.get('short_description', '')}".strip() for product in chosen]


if __name__ == "__main__":
    main()
