"""The pages about the command line and the settings say what the program does."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import click
import pytest

from search.cli.exits import Exit
from search.cli.main import shelfwise

DOCS = Path(__file__).resolve().parents[4] / "docs"


@pytest.fixture(scope="module")
def table_maker() -> dict[str, Any]:
    return runpy.run_path(str(DOCS / "settings_table.py"))


def test_settings_page_is_up_to_date(table_maker: dict[str, Any]) -> None:
    page = (DOCS / "settings.md").read_text()
    assert page == table_maker["page_with_tables"](page), "run `python docs/settings_table.py`"


def test_every_setting_has_its_words(table_maker: dict[str, Any]) -> None:
    tables = table_maker["tables"]()
    assert "| `SHELFWISE_THREADS` | threads for models and index building; 0: one per core | `0` |" in tables["process"]
    assert "| `ranking.rrf_k` | of reciprocal rank fusion. | `60` |" in tables["ranking"]
    for table in tables.values():
        rows = table.splitlines()
        assert len(rows) > 5
        assert not [row for row in rows if re.match(r"\| [^|]+ \|\s+\|", row)]


def test_a_page_without_its_marks_is_an_error(table_maker: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="lacks the marks"):
        table_maker["page_with_tables"]("# Settings")


def test_command_page_names_every_command_and_option() -> None:
    page = (DOCS / "command-line.md").read_text()

    def missing(group: click.Group, path: str) -> list[str]:
        found = []
        for name, command in group.commands.items():
            if not re.search(rf"(`|shelfwise {path}){name}\b", page):
                found.append(f"{path}{name}")
            if isinstance(command, click.Group):
                found += missing(command, f"{path}{name} ")
            options = (option for parameter in command.params for option in parameter.opts if option.startswith("--"))
            found += [f"{path}{name} {option}" for option in options if option not in page]
        return found

    assert missing(shelfwise, "") == []


def test_command_page_has_the_exit_codes() -> None:
    page = (DOCS / "command-line.md").read_text()
    assert re.findall(r"^\| (\d+) \| (.*) \|$", page, flags=re.MULTILINE) == [(str(c.value), c.meaning) for c in Exit]
