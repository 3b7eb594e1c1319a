"""The commands that README and CONTRIBUTING name exist, and CI runs the one that they name."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def targets() -> set[str]:
    output = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return {line.split()[1] for line in output.splitlines()}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_make_command_of_a_page_is_a_target(page: str) -> None:
    named = set(re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", (ROOT / page).read_text(), flags=re.MULTILINE))
    named = {first or second for first, second in named}
    assert "test" in named
    assert named <= targets(), f"{page} names targets that the Makefile lacks"


def test_readme_has_the_two_commands_that_a_newcomer_runs() -> None:
    assert {"demo", "test"} <= targets()
    readme = (ROOT / "README.md").read_text()
    assert re.search(r"^make demo\b", readme, flags=re.MULTILINE)
    assert re.search(r"^make test\b", readme, flags=re.MULTILINE)


def test_ci_runs_make_test_and_lets_nothing_be_skipped() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert re.search(r"^make test$", script, flags=re.MULTILINE)
    assert "REQUIRE_SERVICES=1" in script
