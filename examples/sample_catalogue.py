"""Writes the sample catalogue: a feed of a made-up department store, with judgments for measuring search on it.

    python examples/sample_catalogue.py --out DIR [--seed 7] [--size 2000]

It needs nothing but the standard library.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sample.catalogue import make, write


def main() -> int:
    """Reads the options, writes the files and says what they are."""
    parser = argparse.ArgumentParser(description="Write the sample catalogue of a made-up department store.")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files; made if it is not there")
    parser.add_argument("--seed", type=int, default=7, help="another seed makes another catalogue (default 7)")
    parser.add_argument("--size", type=int, default=2000, help="number of products (default 2000)")
    options = parser.parse_args()
    if not 1 <= options.size <= 900_000:
        parser.error(f"--size is {options.size}; wanted 1 to 900000")
    catalogue = make(options.seed, options.size)
    try:
        paths = write(catalogue, options.out)
    except OSError as error:
        parser.error(f"--out {options.out} cannot be written ({error.strerror}); choose a folder that can")
    spoilt = sum(len(flaw.lines) for flaw in catalogue.flaws)
    print(f"{len(catalogue.items)} products in {len(catalogue.feed)} rows, {spoilt} of them flawed on purpose")
    print(f"{len(catalogue.queries)} queries with {len(catalogue.judgments)} judgments")
    for path in paths:
        print(f"  {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
