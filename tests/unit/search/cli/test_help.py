"""Help: there at once, with examples that can be typed as they stand."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from indexer.feeds import sniff
from search.cli.commands.import_feed import FORMATS
from search.cli.exits import Exit
from search.cli.main import shelfwise
from search.cli.program import Command


def commands(group: click.Group = shelfwise, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            assert isinstance(command, Command)
            yield (*path, name), command


COMMANDS = dict(commands())
ROOT = Path(__file__).resolve().parents[4]


def typed(line: str) -> list[str]:
    """The arguments of `shelfwise` in a line of a shell, without what stands around it."""
    words = shlex.split(line, comments=True)
    words = words[words.index("shelfwise") + 1 :]
    return words[: words.index(">")] if ">" in words else words


def parse(arguments: list[str]) -> None:
    """Parses what was typed, and runs nothing."""
    context = shelfwise.make_context("shelfwise", list(arguments))
    group: click.Group = shelfwise
    while True:
        name, command, rest = group.resolve_command(context, [*context._protected_args, *context.args])
        assert command is not None
        context = command.make_context(name, rest, parent=context)
        if not isinstance(command, click.Group):
            return
        group = command


def examples(text: str) -> list[str]:
    lines = re.findall(r"^(?:\$ )?((?:curl \S+ \| )?shelfwise .*)$", text, flags=re.MULTILINE)
    return [line for line in lines if line != "shelfwise --version"]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that examples name, empty."""
    monkeypatch.chdir(tmp_path)
    for name in ("judgments.csv", "judgments.csv.gz", "monday.tar.gz", "settings.json"):
        Path(name).touch()
    sample = tmp_path / "shelfwise-data" / "sample"
    sample.mkdir(parents=True)
    (sample / "judgments.csv").touch()
    return tmp_path


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_each_command_teaches_with_examples(shell, files: Path, path: tuple[str, ...]) -> None:
    printed = shell.ok(*path, "--help")
    lines = COMMANDS[path].examples
    assert len(lines) >= 2
    for line in lines:
        assert f"  {line}\n" in printed
        if line != "shelfwise --version":
            assert " ".join(path) in line
            parse(typed(line))


@pytest.mark.parametrize("page", ["README.md", "docs/command-line.md", "docs/evaluation.md"])
def test_what_the_pages_type_can_be_typed(files: Path, page: str) -> None:
    found = examples((ROOT / page).read_text())
    assert found
    for line in found:
        parse(typed(line))


def test_an_example_that_cannot_be_typed_is_seen(files: Path) -> None:
    with pytest.raises(click.UsageError):
        parse(typed("shelfwise search kettle --indx shop"))


def test_main_help_has_all_commands_and_exit_codes(shell) -> None:
    printed = shell.ok("--help")
    for name in shelfwise.commands:
        assert f"\n  {name} " in printed
    for code in Exit:
        assert re.search(rf"^  {code.value} ", printed, flags=re.MULTILINE)


def test_help_loads_nothing_heavy(shell) -> None:
    loaded = shell.loaded_by("--help")
    assert "click" in loaded
    assert not loaded & {
        "numpy",
        "sqlalchemy",
        "pydantic",
        "rich",
        "tantivy",
        "faiss",
        "orjson",
        "tomllib",
        "logging.config",
    }


def test_a_typing_error_is_helped(shell) -> None:
    result = shell("searhc", "kettle")
    assert result.exit_code == 2
    assert "Did you mean 'search'?" in result.stderr


def test_formats_are_those_of_the_feeds() -> None:
    assert set(FORMATS) == set(sniff.FORMATS)


def test_version(shell) -> None:
    assert re.fullmatch(r"shelfwise \d+\.\d+\.\d+(\.dev\d+)?\n", shell.ok("version"))
    assert shell.ok("--version") == shell.ok("version")
    assert set(shell.json("version")) == {"shelfwise", "python"}
