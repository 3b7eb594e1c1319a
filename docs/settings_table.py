"""Writes the tables of docs/settings.md from the classes that declare the settings: `python docs/settings_table.py`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

import orjson

from indexer.fields import Schema
from search.config import PREFIX, Config
from search.settings import IndexSettings, Ranking, settings_to_json

PAGE = Path(__file__).with_name("settings.md")
_MARKS = ("<!-- {name}: made by settings_table.py -->", "<!-- end of {name} -->")


def settings_table() -> str:
    """The settings of a process as a Markdown table."""
    rows = []
    for f in fields(Config):
        default = "" if f.metadata["secret"] else str(f.default)
        rows.append((f"`{PREFIX}{f.name.upper()}`", f.metadata["help"], _code(default), f.metadata["unit"]))
    return _table(("variable", "what it says", "default", "unit"), rows)


def index_table(kind: type[Ranking] | type[Schema], section: str) -> str:
    """The settings of an index in one section as a Markdown table, with the words of the class's docstring."""
    words = _documented(kind)
    defaults = settings_to_json(IndexSettings())[section]
    rows = [(f"`{section}.{name}`", words[name], _code(_json(value))) for name, value in defaults.items()]
    return _table(("setting", "what it says", "default"), rows)


def tables() -> dict[str, str]:
    """All tables by name."""
    return {
        "process": settings_table(),
        "ranking": index_table(Ranking, "ranking"),
        "schema": index_table(Schema, "schema"),
    }


def page_with_tables(page: str) -> str:
    """The page with each table between its marks.

    Raises:
        ValueError: a mark is missing.
    """
    for name, table in tables().items():
        begin, end = (mark.format(name=name) for mark in _MARKS)
        before, found, rest = page.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"{PAGE.name} lacks the marks {begin} and {end}")
        page = f"{before}{begin}\n\n{table}\n{end}{after}"
    return page


def _documented(kind: type) -> dict[str, str]:
    """What the Args section of a docstring says of each name, on one line."""
    text = inspect.getdoc(kind) or ""
    arguments = text.partition("Args:\n")[2]
    entries = re.findall(r"^    (\w+): (.*(?:\n {8,}.*)*)", arguments, flags=re.MULTILINE)
    return {name: " ".join(said.split()) for name, said in entries}


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [headings, tuple("---" for _ in headings), *rows]
    escaped = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in escaped)


if __name__ == "__main__":
    PAGE.write_text(page_with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
