"""What the benchmarks share: where the judged data lies, indexes made from it once, and what machine this is."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when the hub's client is imported

import orjson

from indexer.feeds.feed import open_feed
from indexer.jobs.importing import ImportOptions
from indexer.jobs.progress import Silent
from search.config import load_config
from search.maintenance import Maintenance
from search.services import Services

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
WORK = ROOT / "benchmarks" / "work"
"""Indexes are kept here, so that the next run need not make them again."""

INT8_FEATURES = ("avx2", "avx_vnni", "avx512f", "avx512_vnni", "amx_int8", "asimddp", "i8mm")


def shared(*parts: str) -> Path:
    """A file of the judged data.

    Raises:
        SystemExit: it is not there.
    """
    folder = Path(os.environ.get("SHELFWISE_SHARED_DATA") or ROOT.parent / "shared" / "data")
    path = folder.joinpath(*parts)
    if not path.exists():
        raise SystemExit(f"{path} does not exist; set SHELFWISE_SHARED_DATA to the folder that holds {parts[0]}/")
    return path


def icecat_feed() -> Path:
    """The electronics catalogue, 19,406 products."""
    return shared("icecat", "products.jsonl.gz")


def open_shop(folder: Path, **settings: object) -> Services:
    """The services of a data directory of its own; queries are not cached."""
    return Services(load_config({"data_dir": folder, "query_cache": 0, **settings}))


def imported(services: Services, index: str, feed: Path) -> None:
    """Imports a feed, unless the index is there."""
    if services.engine.live(index) is None:
        print(f"importing {feed.name}, once; it is kept in {services.config.data_dir.name}/", flush=True)
        Maintenance(services).import_feed(index, open_feed(feed), ImportOptions(), Silent())


def processor() -> tuple[str, list[str]]:
    """The processor's name and what it has for int8, as Linux tells them."""
    info = Path("/proc/cpuinfo")
    if not info.is_file():
        return "unknown processor", []
    lines = dict(line.split(":", 1) for line in info.read_text().splitlines() if ":" in line)
    values = {key.strip(): value.strip() for key, value in lines.items()}
    flags = set((values.get("flags") or values.get("Features") or "").split())
    return values.get("model name", "unknown processor"), [name for name in INT8_FEATURES if name in flags]


def write(name: str, result: object) -> None:
    """Keeps a benchmark's figures."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_bytes(
        orjson.dumps(result, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
    )
    print(f"written to {path.relative_to(ROOT)}")
