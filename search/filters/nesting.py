"""How deep a filter nests, told without its grammar: of one that breaks off inside, too."""

from __future__ import annotations

import re

MAX_DEPTH = 20
"""Of parentheses and NOT within one another."""

_TOKEN = re.compile(r"""[()]|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|`(?:[^`\\]|\\.)*`?|[^\s()"'`]+""", re.DOTALL)
_LISTS = frozenset({"in", "exists"})
"""Words whose parentheses hold no conditions."""


def too_deep(text: str) -> int | None:
    """The column (from 1) of the first parenthesis or NOT beyond `MAX_DEPTH`, None where there is none."""
    opened: list[int] = []
    """For each open parenthesis, how much deeper it leads: by itself, and by the NOT before it."""
    nots = 0
    before = ""
    for match in _TOKEN.finditer(text):
        part = match.group().lower()
        if part == "(":
            opened.append(0 if before in _LISTS else 1 + nots)
        elif part == ")" and opened:
            opened.pop()
        nots = nots + 1 if part == "not" else 0
        if sum(opened) + nots > MAX_DEPTH:
            return match.start() + 1
        before = part
    return None
