"""The wheel holds the four packages with all their data files, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("indexer", "reranker", "search", "workers")


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(out)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (wheel,) = out.glob("shelfwise-*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_every_file_of_the_packages_is_in_the_wheel(wheel_names: set[str]) -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {"indexer/product.py", "search/templates/page/base.html", "search/static/page/page.js"} <= files
    assert files <= wheel_names, f"left out: {sorted(files - wheel_names)}; does .gitignore name them?"


def test_nothing_else_is_in_the_wheel(wheel_names: set[str]) -> None:
    others = {name for name in wheel_names if name.split("/")[0] not in PACKAGES}
    assert all(name.split("/")[0].endswith(".dist-info") for name in others), sorted(others)
    assert any(name.endswith("licenses/LICENSE") for name in others)
    tests = [
        name for name in wheel_names if "tests" in name.split("/") or Path(name).name.startswith(("test_", "conftest"))
    ]
    assert not tests, tests
