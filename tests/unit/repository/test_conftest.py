"""The tests' own switches: --long, and REQUIRE_SERVICES=1 where shared data is absent."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = """
import pytest

@pytest.mark.parametrize("count", [1, pytest.param(1000, marks=pytest.mark.long)])
def test_count(count):
    assert count

def test_shared(shared_data):
    assert shared_data.is_dir()
"""


@pytest.fixture
def outcome(tmp_path: Path):
    """Runs the sample under a copy of the conftest: (options, environment) → the closing line."""
    tests = tmp_path / "tests"
    tests.mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copy(ROOT / "tests" / "conftest.py", tests)
    (tests / "test_sample.py").write_text(SAMPLE)

    def run(*options: str, **environment: str) -> str:
        inherited = {key: value for key, value in os.environ.items() if key != "REQUIRE_SERVICES"}
        inherited["SHELFWISE_SHARED_DATA"] = str(tmp_path / "absent")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
        done = subprocess.run(
            command, cwd=tmp_path, env=inherited | environment, capture_output=True, text=True, timeout=60
        )
        return done.stdout.splitlines()[-1]

    return run


def test_absent_data_is_a_visible_skip_and_the_long_case_waits(outcome) -> None:
    assert outcome().startswith("1 passed, 1 skipped, 1 deselected")


def test_long_runs_both_cases(outcome) -> None:
    assert outcome("--long").startswith("2 passed, 1 skipped")


def test_absent_data_fails_where_services_are_required(outcome) -> None:
    assert outcome(REQUIRE_SERVICES="1").startswith("1 passed, 1 deselected, 1 error")


def test_data_is_found_where_the_environment_says(outcome, tmp_path: Path) -> None:
    assert outcome(SHELFWISE_SHARED_DATA=str(tmp_path)).startswith("2 passed, 1 deselected")
