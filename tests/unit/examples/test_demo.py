"""The demonstration ends with the page running, unless it is told not to."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script with commands that are only taken down, in `commands`."""
    spec = importlib.util.spec_from_file_location("demo", ROOT / "examples" / "demo.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    commands: list[tuple[str, ...]] = []

    def take_down(*arguments: object) -> None:
        commands.append(tuple(Path(str(part)).name for part in arguments))

    monkeypatch.setattr(module, "SHOP", tmp_path)
    monkeypatch.setattr(module, "run", take_down)
    monkeypatch.setattr(module.os, "execv", lambda path, arguments: take_down("exec", *arguments))
    monkeypatch.setattr(module.os, "chdir", lambda folder: take_down("cd", folder))
    module.commands = commands  # type: ignore[attr-defined]
    return module


def test_it_ends_with_the_page_in_the_foreground(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DEMO_SERVE", raising=False)
    demo.main()
    assert demo.commands[-1] == ("exec", "shelfwise", "serve")
    assert demo.commands[-2][0] == "cd"
    assert [command[1] for command in demo.commands if command[0] == "shelfwise"] == ["import", *["search"] * 3]
    assert "http://127.0.0.1:8700/" in capsys.readouterr().out


def test_it_ends_before_where_told_so(demo: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_SERVE", "0")
    demo.main()
    assert demo.commands[-1][:2] == ("shelfwise", "search")


def test_the_page_is_where_it_says() -> None:
    from search.cli.commands.serve import DEFAULT_PORT

    assert f"http://127.0.0.1:{DEFAULT_PORT}/" in (ROOT / "examples" / "demo.py").read_text()
