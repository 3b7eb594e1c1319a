"""Each import contract breaks when a module does what it forbids."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-logo', '--no-cache'])"

# Contract → (a new module, what it imports that the contract forbids). None is a direct child of a package, which
# would break that package's contract by itself: see UNPLACED.
VIOLATIONS = {
    "Rooms: each imports only to its right": ("search/cli/bad_room.py", "import workers"),
    "Of the indexer, the reranker knows indexer.models alone": (
        "reranker/evaluation/bad_indexer.py",
        "import indexer.product",
    ),
    "Inside the indexer": ("indexer/analysis/bad_layer.py", "import indexer.engines.query"),
    "Inside search": ("search/filters/bad_layer.py", "import search.cli.bad_flask"),
    "Inside the reranker: evaluation stands on its errors alone": ("reranker/errors.py", "import reranker.evaluation"),
    "The indexer knows neither HTTP nor Celery": ("indexer/feeds/bad_celery.py", "import celery"),
    "The reranker knows no server, no database and no HTTP": ("reranker/evaluation/bad_sql.py", "import sqlalchemy"),
    "Workers know no HTTP": ("workers/bad_flask.py", "import flask"),
    "Celery: sent to by search.dispatch, known to three files of the workers": (
        "search/cli/bad_celery.py",
        "import celery",
    ),
    "Flask: the application and its API": ("search/cli/bad_flask.py", "import flask"),
    "SQL: the stores of the indexer": ("indexer/feeds/bad_sql.py", "import alembic"),
    "Search libraries: the engines": ("search/cli/bad_engine.py", "import tantivy"),
}

# Contract → a module that nobody has given a place among its layers.
UNPLACED = {
    "Inside the indexer": "indexer/unplaced.py",
    "Inside search": "search/unplaced.py",
    "Inside the reranker: evaluation stands on its errors alone": "reranker/unplaced.py",
}


def lint(copy: Path, added: Iterable[tuple[str, str]]) -> list[str]:
    """What import-linter says of a copy of the packages with these statements added to these modules."""
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in ("indexer", "reranker", "search", "workers"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name, statement in added:
        module = copy / name
        module.parent.mkdir(parents=True, exist_ok=True)
        (module.parent / "__init__.py").touch()
        with module.open("a") as file:
            file.write(f"\n{statement}\n")
    environment = {**os.environ, "PYTHONPATH": str(copy), "NO_COLOR": "1"}
    command = [sys.executable, "-c", LINT]
    return subprocess.run(command, cwd=copy, env=environment, text=True, capture_output=True).stdout.splitlines()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What import-linter says of all violations at once."""
    return lint(tmp_path_factory.mktemp("broken"), VIOLATIONS.values())


def test_every_contract_has_a_violation() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in contracts} == set(VIOLATIONS)


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_violation_is_seen(contract: str, report: list[str]) -> None:
    assert any(line.startswith(f"{contract} BROKEN") for line in report), "\n".join(report)


def test_a_module_without_a_place_is_seen(tmp_path: Path) -> None:
    report = lint(tmp_path, [(name, "") for name in UNPLACED.values()])
    assert {line.rpartition(" ")[0] for line in report if line.endswith(" BROKEN")} == set(UNPLACED)
