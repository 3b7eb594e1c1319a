"""Imports that come round by themselves: which feeds, into which indexes, how often.

[[import]]
index = "shop"
source = "https://shop.example/feeds/products.xml"
every = "6h"
sync = true
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from search.errors import ConfigurationError

_EVERY = re.compile(r"(\d{1,4})\s*(m|h|d)")
_UNITS_S = {"m": 60, "h": 3600, "d": 86_400}
LEAST_S, MOST_S = 60, 28 * 86_400


@dataclass(frozen=True, slots=True)
class ScheduledImport:
    """A feed that is imported again and again.

    Args:
        source: the path of a file, or an https address whose host the settings allow.
        every_s: seconds from the beginning of one import to that of the next, counted from midnight UTC of 1970.
        options: those of `search.uploads.Upload`.
    """

    index: str
    source: str
    every_s: int
    options: Mapping[str, Any]

    def slot(self, now_s: float) -> int:
        """The number of the import that is due; grows by one with each."""
        return int(now_s // self.every_s)


def read_schedule(path: Path, hosts: frozenset[str], known_options: frozenset[str]) -> tuple[ScheduledImport, ...]:
    """The imports that a TOML file names.

    Args:
        hosts: that feeds may be fetched from.
        known_options: of an upload.

    Raises:
        ConfigurationError: the file cannot be read, or names what there is not; all problems are told at once.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"the schedule {path} cannot be read: {error}") from error
    entries = data.get("import")
    if set(data) != {"import"} or not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise ConfigurationError(
            f"the schedule {path} has {', '.join(data) or 'nothing'}; [[import]] tables are wanted"
        )
    problems: list[str] = []
    found = [
        _entry(entry, f"import {number}", hosts, known_options, problems) for number, entry in enumerate(entries, 1)
    ]
    if problems:
        told = "\n".join(f"  - {problem}" for problem in problems)
        raise ConfigurationError(f"the schedule {path} has problems:\n{told}")
    return tuple(found)


def source_problem(source: str, hosts: frozenset[str]) -> str:
    """Why a feed may not be taken from there, "" where it may."""
    if "://" not in source:
        return (
            ""
            if Path(source).is_absolute()
            else f"source is {source!r}; an absolute path or an https address is wanted"
        )
    parts = urlsplit(source)
    if parts.scheme != "https" or parts.username is not None:
        return f"source is {parts.scheme}://{parts.hostname}…; https without a user name in it is wanted"
    if parts.hostname not in hosts:
        allowed = ", ".join(sorted(hosts)) or "none"
        return f"source is at {parts.hostname!r}, allowed are {allowed}: name it in SHELFWISE_IMPORT_HOSTS"
    return ""


def _entry(
    entry: Mapping[str, Any], where: str, hosts: frozenset[str], known_options: frozenset[str], problems: list[str]
) -> ScheduledImport:
    own = {field.name.removesuffix("_s") for field in fields(ScheduledImport)} - {"options"}
    problems += [
        f"{where}: {name} is {entry.get(name)!r}; a text is wanted"
        for name in sorted(own)
        if not isinstance(entry.get(name), str) or not entry[name]
    ]
    options = {name: value for name, value in entry.items() if name not in own}
    known = ", ".join(sorted(known_options))
    problems += [
        f"{where}: there is no option {name!r}; known are {known}" for name in sorted(options.keys() - known_options)
    ]
    source = str(entry.get("source", ""))
    problem = source_problem(source, hosts)
    if source and problem:
        problems.append(f"{where}: {problem}")
    return ScheduledImport(str(entry.get("index", "")), source, _every_s(entry.get("every"), where, problems), options)


def _every_s(text: object, where: str, problems: list[str]) -> int:
    match = _EVERY.fullmatch(text) if isinstance(text, str) else None
    seconds = int(match[1]) * _UNITS_S[match[2]] if match else 0
    if isinstance(text, str) and text and not LEAST_S <= seconds <= MOST_S:
        problems.append(f'{where}: every is {text!r}; wanted is such as "30m", "6h" or "1d", at most 28d')
    return max(seconds, LEAST_S)
