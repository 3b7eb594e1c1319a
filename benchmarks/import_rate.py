"""How fast a whole import is, and what memory it takes: `shelfwise import` beside plain sentence-transformers `encode`.

    python benchmarks/import_rate.py [--rounds 2]

Each round imports Icecat into a new data directory with the command as a user gives it (the int8 form of the model is
there already), and encodes the same texts with sentence-transformers in this process, in turns. The import reads,
checks, stores, embeds, analyses and indexes; the other side only encodes. Then the same import again, which must write
nothing, and a feed twice as long, whose peak of memory (of all processes together) must be about the same.
Writes benchmarks/results/import_rate.json.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import psutil
from catalogues import feed, products
from shops import icecat_feed, open_shop, processor, write

from indexer.encoders.factory import DEFAULT_MODEL
from indexer.models.source import find_model

SHELFWISE = Path(sys.executable).with_name("shelfwise")
LONGER = 2


@dataclass(frozen=True)
class Run:
    """seconds: of the command; peak_mb: most that all its processes had resident at once; summary: what it printed."""

    seconds: float
    peak_mb: float
    summary: dict[str, Any]


def main() -> None:
    """Measures, prints and writes."""
    parser = argparse.ArgumentParser(description="Rate and memory of a whole import.")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    name, features = processor()
    threads = len(os.sched_getaffinity(0))
    print(f"{name}, int8 features: {' '.join(features) or 'none'}, {threads} threads")
    originals = products()
    texts = [f"{product.get('title', '')}\n{product.get('short_description', '')}".strip() for product in originals]
    imports: list[Run] = []
    encode_s: list[float] = []
    with TemporaryDirectory() as root:
        models = Path(root, "models")
        with open_shop(Path(root, "first")) as services:
            services.encoder(DEFAULT_MODEL)
            shutil.copytree(services.config.models_dir, models)
        for number in range(options.rounds):
            shop = Path(root, f"shop-{number}")
            imports.append(run(icecat_feed(), shop, models))
            print(f"import: {imports[-1].seconds:.1f} s, peak {imports[-1].peak_mb:,.0f} MB", flush=True)
            encode_s.append(plain_encode(texts, threads))
            print(f"sentence-transformers encode: {encode_s[-1]:.1f} s", flush=True)
        ratios = [encode / imported.seconds for encode, imported in zip(encode_s, imports, strict=True)]
        print(f"whole import at {min(ratios):.2f} (least) and {statistics.median(ratios):.2f} (median) times the rate")
        again = run(icecat_feed(), shop, models)
        written = {key: again.summary[key] for key in ("created", "updated", "removed")}
        print(f"again: {again.seconds:.1f} s, {written}, {again.summary['vectors']['computed']} vectors computed")
        longer = run(feed(LONGER * len(originals)), Path(root, "longer"), models)
    growth = longer.peak_mb / max(imported.peak_mb for imported in imports)
    print(
        f"{LONGER} times as long: {longer.seconds:.1f} s, peak {longer.peak_mb:,.0f} MB, {growth:.2f} times the above"
    )
    write(
        "import_rate",
        {
            "processor": name,
            "int8_features": features,
            "imports": [asdict(imported) for imported in imports],
            "encode_s": encode_s,
            "ratios": ratios,
            "again": asdict(again),
            "longer": asdict(longer),
            "peak_growth": growth,
        },
    )


def run(path: Path, shop: Path, models: Path) -> Run:
    """Imports a feed as a user would."""
    if not shop.exists():
        shop.mkdir()
        shutil.copytree(models, shop / "models")
    environment = {**os.environ, "SHELFWISE_DATA_DIR": str(shop)}
    started = time.perf_counter()
    command = [str(SHELFWISE), "import", str(path), "--index", "icecat", "--json"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    peak = _Peak(process.pid)
    output, _ = process.communicate()
    seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(seconds, peak.stop_mb(), orjson.loads(output.splitlines()[-1])["summary"])


class _Peak:
    """Adds up what a process and its children have resident, twenty times a second."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop_mb(self) -> float:
        self._ended.set()
        self._thread.join()
        return self._peak / 1e6

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            try:
                family = [self._root, *self._root.children(recursive=True)]
                self._peak = max(self._peak, sum(process.memory_info().rss for process in family))
            except psutil.NoSuchProcess:
                continue


def plain_encode(texts: Sequence[str], threads: int) -> float:
    """Seconds; what a user of sentence-transformers writes, loading the model apart."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(threads)
    model = SentenceTransformer(str(find_model(DEFAULT_MODEL).folder), device="cpu")
    started = time.perf_counter()
    model.encode(list(texts), show_progress_bar=False)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
