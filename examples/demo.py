"""Makes the sample shop, imports it, searches it and shows its page: what a newcomer sees first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHOP = HERE.parent / "shelfwise-data"
SHELFWISE = Path(sys.executable).with_name("shelfwise")
QUERIES = ("running shoes", "something to boil water", "sofa")


def run(*arguments: object) -> None:
    """Shows a command and runs it."""
    show(*arguments)
    subprocess.run([str(part) for part in arguments], check=True, cwd=HERE.parent)


def become(*arguments: object) -> None:
    """Shows a command and becomes it, so that Ctrl-C reaches it as if it had been typed; does not return."""
    show(*arguments)
    os.chdir(HERE.parent)
    os.execv(str(arguments[0]), [str(part) for part in arguments])  # noqa: S606 - no shell is wanted


def show(*arguments: object) -> None:
    """Writes a command as it would be typed."""
    sys.stdout.write(f"\n$ {Path(str(arguments[0])).name} {' '.join(str(part) for part in arguments[1:])}\n")
    sys.stdout.flush()


def main() -> None:
    """Runs the demonstration; again it is quick, since an unchanged feed writes nothing.

    The page runs in the foreground at the end. With DEMO_SERVE=0 in the environment it is not started.
    """
    if len(sys.argv) > 1:
        sys.stdout.write(f"{__doc__}\n{main.__doc__}\n")
        return
    sample = SHOP / "sample"
    sample.mkdir(parents=True, exist_ok=True)
    run(sys.executable, HERE / "sample_catalogue.py", "--out", sample)
    run(SHELFWISE, "import", sample / "products.jsonl", "--index", "sample", "--currency", "EUR")
    for query in QUERIES:
        run(SHELFWISE, "search", query, "--index", "sample", "--compare", "--page-size", "5")
    sys.stdout.write(
        "\nNext: import your own feed with `.venv/bin/shelfwise import FEED --index NAME`,\n"
        "and see this shop, and yours beside it, in a browser: `.venv/bin/shelfwise serve` shows the page at\n"
        "http://127.0.0.1:8700/\n"
    )
    if os.environ.get("DEMO_SERVE") != "0":
        become(SHELFWISE, "serve")


if __name__ == "__main__":
    main()
