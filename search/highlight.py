"""Highlights: the words of a text that match the query, marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape

from indexer.analysis.analyzer import analyzer
from indexer.analysis.words import pieces, spans

OPEN, CLOSE = "<em>", "</em>"


def matched_terms(words: Iterable[str], language: str) -> frozenset[str]:
    """The index terms of surface words, pieces included; what a written word is compared with."""
    chain = analyzer(language)
    terms: set[str] = set()
    for word in words:
        terms.add(chain.term(word))
        terms.update(chain.term(piece) for piece in pieces(word))
    return frozenset(terms)


def highlight(text: str, terms: frozenset[str], language: str, max_chars: int = 0) -> str:
    """The text with matching words between `<em>` and `</em>`, all else HTML-escaped; "" where nothing matches.

    Args:
        max_chars: cut to about so many characters around the first match; 0 for the whole text.
    """
    chain = analyzer(language)
    found = [(start, end) for word, start, end in spans(text) if _matches(word, terms, chain.term)]
    if not found:
        return ""
    first, last = 0, len(text)
    if max_chars and len(text) > max_chars:
        first = max(0, found[0][0] - max_chars // 3)
        # At the start of a word, where the script has blanks.
        first = max(first, text.find(" ", first, found[0][0]) + 1) if first else 0
        last = min(len(text), first + max_chars)
    parts = ["…"] if first else []
    position = first
    for start, end in found:
        if end > last:
            break
        parts += [escape(text[position:start]), OPEN, escape(text[start:end]), CLOSE]
        position = end
    parts.append(escape(text[position:last]))
    if last < len(text):
        parts.append("…")
    return "".join(parts).replace(CLOSE + OPEN, "")


def _matches(word: str, terms: frozenset[str], term: Callable[[str], str]) -> bool:
    # A character of an unspaced script stands alone here, and in pairs among the terms.
    if len(word) == 1 and not word.isascii():
        return any(word in other for other in terms)
    return word in terms or term(word) in terms or any(term(piece) in terms for piece in pieces(word))
