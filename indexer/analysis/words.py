"""Surface words: how a text is split, before any stemming."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from indexer.analysis.folding import fold

# Scripts that are written without spaces between words.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_TOKEN = regex.compile(rf"[{_UNSPACED}ー]+|[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]+", regex.V1)
_ASCII_TOKEN = regex.compile(r"[a-z0-9]+")
_PIECE = regex.compile(r"\p{N}+|[\p{L}\p{M}]+")
_IS_UNSPACED = regex.compile(rf"[{_UNSPACED}]")

MAX_WORD_CHARS = 64
"""Longer runs of letters and digits are cut: they are data, not words."""


def surface_words(text: str) -> list[str]:
    """The folded words of a text in order; runs of unspaced scripts become overlapping bigrams."""
    folded = fold(text)
    if folded.isascii():
        return [word[:MAX_WORD_CHARS] for word in _ASCII_TOKEN.findall(folded)]
    words: list[str] = []
    for run in _TOKEN.findall(folded):
        words.extend(_bigrams(run) if _IS_UNSPACED.match(run) else (run[:MAX_WORD_CHARS],))
    return words


def pieces(word: str) -> list[str]:
    """A word split where letters meet digits: `hl2140w` → `hl`, `2140`, `w`."""
    return _PIECE.findall(word) or [word]


def has_digit(word: str) -> bool:
    """Whether it may be a part number, size or model: such words are never corrected, stemmed or given up."""
    return any(map(str.isdigit, word))


def is_unspaced(word: str) -> bool:
    """Whether its script is written without spaces: then words are bigrams."""
    return _IS_UNSPACED.match(word) is not None


def spans(text: str) -> Iterator[tuple[str, int, int]]:
    """(folded run, start, end) of each written word, in characters of the text as written; for highlighting."""
    for match in _WRITTEN.finditer(text):
        yield fold(match.group()), match.start(), match.end()


_WRITTEN = regex.compile(rf"[{_UNSPACED}ー]|[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]+", regex.V1)


def _bigrams(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]
