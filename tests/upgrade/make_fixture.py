"""Writes a data directory as this release leaves it, for the tests of later releases: run once for each release.

    python tests/upgrade/make_fixture.py

Leaves tests/upgrade/shelfwise-VERSION.tar.gz and beside it what searches answered, as VERSION.json.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHELFWISE = Path(sys.executable).with_name("shelfwise")
PRODUCTS = 200
MAX_BYTES = 2_000_000
SEARCHES: tuple[tuple[str, ...], ...] = (
    ("kettle",),
    ("running shoes", "--mode", "lexical"),
    ("something warm to wear", "--mode", "vector"),
    ("lamp", "--facet", "brand", "--facet", "price"),
    ("", "--sort", "price:asc"),
)


def main() -> None:
    """Makes the shop with the commands of this release and packs it."""
    version = subprocess.check_output([SHELFWISE, "version"], text=True).split()[-1]
    with TemporaryDirectory() as folder:
        shop = Path(folder, "shelfwise-data")
        sample = Path(folder, "sample")
        maker = ROOT / "examples" / "sample_catalogue.py"
        subprocess.run([sys.executable, maker, "--out", sample, "--size", str(PRODUCTS)], check=True)
        lines = (sample / "products.jsonl").read_text().splitlines(keepends=True)
        (sample / "fewer.jsonl").write_text("".join(lines[:-10]))
        run(shop, "import", sample / "products.jsonl", "--index", "sample", "--currency", "EUR", "--encoder", "hashing")
        run(shop, "import", sample / "fewer.jsonl", "--index", "sample", "--currency", "EUR", "--sync")
        run(shop, "indexes", "rebuild", "sample")
        run(shop, "indexes", "copy", "sample", "other")
        expected = [{"search": list(words), "found": found(shop, *words)} for words in SEARCHES]
        archive = HERE / f"shelfwise-{version}.tar.gz"
        with tarfile.open(archive, "w:gz", compresslevel=9) as packed:
            packed.add(shop, "shelfwise-data")
        (HERE / f"{version}.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")
    size = archive.stat().st_size
    sys.stdout.write(f"{archive.name}: {size:,} bytes\n")
    if size > MAX_BYTES:
        raise SystemExit(f"at most {MAX_BYTES:,} are wanted")


def run(shop: Path, *arguments: object) -> str:
    """A command on the shop."""
    words = [str(argument) for argument in arguments]
    return subprocess.check_output([SHELFWISE, "--data-dir", shop, *words], text=True)


def found(shop: Path, query: str, *options: str) -> dict[str, Any]:
    """What a search answers, as far as later releases have to answer the same."""
    answer = json.loads(run(shop, "search", query, "--index", "sample", "--json", *options))
    return {"total": answer["total"], "ids": [hit["id"] for hit in answer["hits"]], "facets": answer["facets"]}


if __name__ == "__main__":
    main()
