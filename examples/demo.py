"""Makes the sample shop, imports it and searches it: what a newcomer sees first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHOP = HERE.parent / "shelfwise-data"
SHELFWISE = Path(sys.executable).with_name("shelfwise")
QUERIES = ("running shoes", "something to boil water", "sofa")


def run(*arguments: object) -> None:
    """Shows a command and runs it."""
    sys.stdout.write(f"\n$ {Path(str(arguments[0])).name} {' '.join(str(part) for part in arguments[1:])}\n")
    sys.stdout.flush()
    subprocess.run([str(part) for part in arguments], check=True, cwd=HERE.parent)


def main() -> None:
    """Runs the demonstration; again it is quick, since an unchanged feed writes nothing."""
    sample = SHOP / "sample"
    sample.mkdir(parents=True, exist_ok=True)
    run(sys.executable, HERE / "sample_catalogue.py", "--out", sample)
    run(SHELFWISE, "import", sample / "products.jsonl", "--index", "sample", "--currency", "EUR")
    for query in QUERIES:
        run(SHELFWISE, "search", query, "--index", "sample", "--compare", "--page-size", "5")
    sys.stdout.write(
        "\nNext: import your own feed with `.venv/bin/shelfwise import FEED --index NAME`,\n"
        "or serve the search with `.venv/bin/flask --app search.app run` and open\n"
        "http://127.0.0.1:5000/v1/indexes/sample/search?q=kettle\n"
    )


if __name__ == "__main__":
    main()
