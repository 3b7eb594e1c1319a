"""How a delimited text is written: its delimiter, its line ends, and its header."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|")
_HINT = re.compile(r"sep=(.)\s*$", re.IGNORECASE)
_SAMPLE_LINES = 50
_MAX_LINE_CHARS = 10_000


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited text is written.

    Args:
        delimiter: one character.
        terminator: between lines.
        skip_lines: lines before the header.
    """

    delimiter: str
    terminator: bytes = b"\n"
    skip_lines: int = 0


def detect_dialect(prefix: bytes, encoding: str) -> Dialect:
    """The dialect of the text that begins with `prefix`.

    The delimiter is the one under which the most of the first rows have as many cells as the header, more cells
    before fewer. A first line `sep=;`, as spreadsheets write it, is believed.
    """
    terminator = b"\r" if b"\r" in prefix and b"\n" not in prefix else b"\n"
    lines = prefix.decode(encoding, errors="replace").split(terminator.decode(), _SAMPLE_LINES)
    # What is left behind the last of them, or is cut where the prefix ends, is no line to count.
    whole = [line[:_MAX_LINE_CHARS].replace("\r", "") for line in lines[:-1] or lines]
    if hint := _HINT.match(whole[0]):
        return Dialect(hint[1], terminator, skip_lines=1)
    scores = {delimiter: _score(whole, delimiter) for delimiter in DELIMITERS}
    return Dialect(max(DELIMITERS, key=scores.__getitem__), terminator)


def _score(sample: Sequence[str], delimiter: str) -> tuple[float, int]:
    """(share of rows as wide as the header, width); a single column says nothing."""
    widths: list[int] = []
    # What the parser refuses here it will refuse again when the rows are read, and say so.
    with suppress(csv.Error):
        widths.extend(len(cells) for cells in csv.reader(sample, delimiter=delimiter) if cells)
    if not widths or widths[0] < 2:
        return 0.0, 0
    return round(sum(width == widths[0] for width in widths) / len(widths), 1), widths[0]
