"""Runs every benchmark of this folder, one after the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BENCHMARKS = (
    "encode_rate.py",
    "import_rate.py",
    "quality.py",
    "latency.py",
    "suggest.py",
    "growth.py",
    "kill_rounds.py",
    "service.py",
    "service_load.py",
    "service_kills.py",
)


def main() -> int:
    """Returns how many of them failed."""
    return sum(subprocess.run([sys.executable, str(HERE / name)], check=False).returncode != 0 for name in BENCHMARKS)


if __name__ == "__main__":
    sys.exit(main())
