"""Stemmed words of a text, for the yardsticks of an evaluation (its BM25, its folds); no index is analysed here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import Stemmer

_WORD = re.compile(r"[^\W_]+")

Words = Callable[[str], list[str]]


def stemmed_words(language: str = "en") -> Words:
    """A function from a text to its words: runs of letters and digits, without case and accents, stemmed by Snowball.

    Words with digits are not stemmed, nor are those of a language that Snowball does not know. The function is not
    thread-safe: make one for each thread.

    Args:
        language: ISO 639-1 code.
    """
    try:
        stem: Callable[[str], str] = Stemmer.Stemmer(language).stemWord
    except KeyError:
        stem = str

    def words(text: str) -> list[str]:
        plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
        return [word if any(c.isdigit() for c in word) else stem(word) for word in _WORD.findall(plain)]

    return words
