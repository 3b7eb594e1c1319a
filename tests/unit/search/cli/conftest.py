"""A command line over an empty data directory of its own, with the encoder that needs no model."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from indexer.engines.embedded.writer import EmbeddedWriter
from indexer.engines.protocol import IndexDocument, WriteReport
from search.cli.main import shelfwise

FEED = """sku,name,brand,description,price,category,colour
A-1,Red kettle,Acme,An electric kettle that boils water,29.90 EUR,Kitchen > Kettles,red
A-2,Blue kettle,Acme,A kettle for the stove,19.90 EUR,Kitchen > Kettles,blue
A-3,Coffee grinder,Bolt,Grinds beans,59.00 EUR,Kitchen > Coffee,black
"""


@dataclass(frozen=True)
class Shell:
    """Runs `shelfwise` in this process, or in one of its own."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner(env=self.environment).invoke(shelfwise, arguments, input=stdin)

    def ok(self, *arguments: str, stdin: str | bytes | None = None) -> str:
        """What it prints; it must end well."""
        result = self(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: str) -> Any:
        """What it prints with --json."""
        return json.loads(self.ok(*arguments, "--json"))

    @property
    def feed(self) -> str:
        """The three products of `shop`, as CSV."""
        return FEED

    def write(self, name: str, content: str | bytes) -> str:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def command(self) -> list[str]:
        """For a process of its own, whose environment is `whole_environment`."""
        return [sys.executable, "-c", "from search.cli.main import main; main()"]

    def loaded_by(self, *arguments: str) -> set[str]:
        """The modules that a process of its own has imported at the end of a command."""
        program = (
            "import sys\nfrom search.cli.main import main\n"
            "try:\n    main()\nfinally:\n    print('LOADED', *sys.modules, file=sys.stderr)"
        )
        command = [sys.executable, "-c", program, *arguments]
        done = subprocess.run(command, env=self.whole_environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return set(done.stderr.splitlines()[-1].split()[1:])

    @property
    def whole_environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment}


class PickyWriter(EmbeddedWriter):
    """Rejects blue things, as the contract allows; the embedded engine itself rejects nothing."""

    def write(self, documents: Sequence[IndexDocument]) -> WriteReport:
        bad = {one.id: "too blue" for one in documents if "Blue" in one.texts["title"]["en"]}
        report = super().write([one for one in documents if one.id not in bad])
        return WriteReport(report.written, report.skipped, bad)


def shell_in(folder: Path) -> Shell:
    environment = {
        "SHELFWISE_DATA_DIR": str(folder / "data"),
        "SHELFWISE_TEXT_MODEL": "hashing",
        "SHELFWISE_THREADS": "1",
        "COLUMNS": "120",
    }
    return Shell(folder, environment)


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the index "shop", to be copied: a data directory may be moved."""
    shell = shell_in(tmp_path_factory.mktemp("imported"))
    shell.ok("import", shell.write("feed.csv", FEED), "--index", "shop")
    return shell.data


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    for name in [name for name in os.environ if name.startswith("SHELFWISE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)  # where no shelfwise.toml is
    return shell_in(tmp_path)


@pytest.fixture
def shop(shell: Shell, imported: Path) -> Shell:
    """With the three products of FEED in the index "shop"."""
    shutil.copytree(imported, shell.data)
    return shell


@pytest.fixture
def picky(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine rejects blue things."""
    monkeypatch.setattr("indexer.engines.embedded.engine.EmbeddedWriter", PickyWriter)


@pytest.fixture
def lines() -> Callable[[str], list[Any]]:
    """Parses JSON lines."""
    return lambda text: [json.loads(line) for line in text.splitlines()]
