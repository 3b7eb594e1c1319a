"""Global options: they may stand on either side of the command, and win over environment and file."""

from __future__ import annotations

import sys

import pytest

from search.cli.session import Session


@pytest.mark.parametrize("first", [True, False])
def test_data_dir_may_stand_anywhere(shell, first: bool) -> None:
    option, command = ["--data-dir", str(shell.folder / "elsewhere")], ["import", "-", "--index", "shop"]
    shell.ok(*(option + command if first else command + option), stdin=shell.feed)
    assert (shell.folder / "elsewhere" / "catalogue.db").exists()
    assert not shell.data.exists()


def test_a_settings_file_is_read(shell) -> None:
    del shell.environment["SHELFWISE_DATA_DIR"]
    file = shell.write("mine.toml", f'data_dir = "{shell.folder}/from-file"\n')
    shell.ok("--config", file, "import", "-", "--index", "shop", stdin=shell.feed)
    assert (shell.folder / "from-file" / "catalogue.db").exists()


def test_wrong_settings_are_told_together(shell) -> None:
    shell.environment.update(SHELFWISE_THREADS="many", SHELFWISE_LOG_LEVEL="LOUD")
    result = shell("indexes", "list")
    assert result.exit_code == 3
    assert "threads is 'many'" in result.stderr
    assert "log_level is 'LOUD'" in result.stderr


def test_a_settings_file_that_is_not_there(shell) -> None:
    result = shell("--config", "nowhere.toml", "indexes", "list")
    assert result.exit_code == 3
    assert "nowhere.toml does not exist" in result.stderr


def test_progress_is_for_a_terminal_that_is_not_to_be_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not Session().shows_progress
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert Session().shows_progress
    assert not Session(quiet=True).shows_progress
