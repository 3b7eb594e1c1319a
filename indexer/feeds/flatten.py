"""Nested values as columns: objects become names with dots, lists of objects become lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from babel import Locale

from indexer.errors import RowError
from indexer.feeds.canonical import is_by_channel
from indexer.feeds.names import OFFERS
from indexer.feeds.records import shown

MAX_DEPTH = 5
"""How many names may stand within one another; a list within a list counts as one."""

_LANGUAGE_KEY = re.compile(r"([a-z]{2,3})(?:[-_][A-Za-z]{2,4})?")
_PAIR_NAMES = ("name", "attribute_name", "key", "label")
_PAIR_VALUES = ("value", "attribute_value", "values", "option", "options")


def expand(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The columns of one member of a row: scalars, lists of scalars, maps from language to text, offers by channel.

    Raises:
        RowError: objects are nested deeper than 5.
    """
    found: dict[str, Any] = {}
    _expand(name, value, 1, found)
    yield from found.items()


def is_language_map(value: object) -> bool:
    """Whether it is an object of texts by language code."""
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(text, str) or text is None for text in value.values())
        and all(language_of(key) for key in value)
    )


def language_of(code: str) -> str:
    """The ISO 639 language of a code such as "en", "pt-BR" or "zh_Hans", "" where it is none."""
    match = _LANGUAGE_KEY.fullmatch(code)
    return str(match[1]) if match and match[1] in _languages() else ""


@cache
def _languages() -> frozenset[str]:
    return frozenset(code for code in map(str, Locale("en").languages) if len(code) == 2)


def _expand(name: str, value: Any, depth: int, found: dict[str, Any]) -> None:
    if isinstance(value, Mapping) and not is_language_map(value) and not (name == OFFERS and is_by_channel(value)):
        if depth >= MAX_DEPTH:
            raise RowError(name, shown(value), f"objects are nested deeper than {MAX_DEPTH}; flatten them in the feed")
        for key, inner in value.items():
            _expand(f"{name}.{key}", inner, depth + 1, found)
    elif isinstance(value, list) and _holds_objects(name, value, depth):
        for inner in value:
            if isinstance(inner, Mapping) and (pair := _pair(inner)):
                _expand(pair[0], pair[1], depth + 1, found)
            else:
                _expand(name, inner, depth + isinstance(inner, list), found)
    elif name in found:
        found[name] = [*_listed(found[name]), *_listed(value)]
    else:
        found[name] = value


def _holds_objects(name: str, values: list[Any], depth: int) -> bool:
    if depth > MAX_DEPTH:
        raise RowError(name, shown(values), f"lists are nested deeper than {MAX_DEPTH}; flatten them in the feed")
    return any(
        isinstance(value, Mapping) or (isinstance(value, list) and _holds_objects(name, value, depth + 1))
        for value in values
    )


def _pair(value: Mapping[str, Any]) -> tuple[str, Any] | None:
    """Name and value, of an object that is such a pair in a list of them."""
    name = next((value[key] for key in _PAIR_NAMES if isinstance(value.get(key), str)), "")
    values = [value[key] for key in _PAIR_VALUES if value.get(key) is not None]
    return (name, values[0]) if name.strip() and values else None


def _listed(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
