"""The same answers from both engines, over a part of a real catalogue."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def compared(url: str, data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "benchmarks/congruence.py", "--url", url, *options]
    environment = {**os.environ, "SHELFWISE_SHARED_DATA": str(data), "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=900, check=False
    )


def test_both_engines_answer_alike(elasticsearch_url: str, shared_data: Path) -> None:
    done = compared(elasticsearch_url, shared_data, "--products", "1500", "--model", "hashing", "--queries", "60")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(": congruent") == 2  # with one shard and with three


@pytest.mark.long
@pytest.mark.timeout(1_000)
def test_both_engines_answer_alike_over_the_whole_catalogue(elasticsearch_url: str, shared_data: Path) -> None:
    done = compared(elasticsearch_url, shared_data)
    assert done.returncode == 0, done.stdout + done.stderr
