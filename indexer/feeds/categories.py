"""Category paths as shops write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from indexer.feeds.text import clean

Path = tuple[str, ...]

_ARROWS = re.compile(r"[>»›→]")
_SLASH = re.compile("/")
# Between several paths in one text; a path's own names may hold commas.
_SEPARATORS = (";", "|", ",")


def read_categories(field: str, value: object) -> tuple[Path, ...]:
    """The paths in a cell, from the root, each once.

    A text is one path ("a > b", "a|b", "a/b") or several (with a semicolon, bar or comma between them); of a list
    each text is read so, and a list within it is a path already.

    Raises:
        RowError: a name that no encoding can write.
    """
    paths: list[Path] = []
    for entry in value if isinstance(value, list | tuple) else (value,):
        if isinstance(entry, list | tuple):
            paths.append(_path(field, map(str, entry)))
        elif isinstance(entry, str):
            paths.extend(_path(field, names) for names in _split(entry))
    return tuple(dict.fromkeys(path for path in paths if path))


def read_breadcrumbs(field: str, value: object) -> tuple[Path, ...]:
    """As `read_categories`, but a plain list of names is one path."""
    if isinstance(value, list | tuple) and all(isinstance(entry, str) for entry in value):
        path = _path(field, map(str, value))
        return (path,) if path else ()
    return read_categories(field, value)


def _path(field: str, names: Iterable[str]) -> Path:
    return tuple(name for name in (clean(field, name) for name in names) if name)


def _split(text: str) -> list[list[str]]:
    """The paths of a text, each as its names."""
    if _ARROWS.search(text):
        return [_ARROWS.split(path) for path in _several(text, _ARROWS)]
    if "|" in text:
        return [text.split("|")]
    if _SLASH.search(text):
        return [path.split("/") for path in _several(text, _SLASH)]
    return [[text]]


def _several(text: str, arrow: re.Pattern[str]) -> list[str]:
    """The paths between which a separator stands, where each piece is a path, or the root of one that is."""
    for separator in _SEPARATORS:
        pieces = [piece.strip() for piece in text.split(separator)]
        roots = {arrow.split(piece)[0].strip() for piece in pieces if arrow.search(piece)}
        if len(pieces) > 1 and all(arrow.search(piece) or piece in roots for piece in pieces):
            return pieces
    return [text]
