"""The analysis chain of a language: surface words to index terms.

The chain is: split at what is neither letter nor digit → lower case → ASCII folding → Snowball stemmer of the language
(never for words with digits). A word in which letters meet digits is indexed whole and in pieces, and the pieces stand
side by side, so that `hl2140`, `hl-2140` and `hl 2140` find the same product. It runs here, in front of every engine,
which then only splits at white space: an engine's own chain cannot differ from it.
"""

from __future__ import annotations

from functools import lru_cache

import Stemmer

from indexer.analysis.words import has_digit, pieces, surface_words

STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hu": "hungarian",
    "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian", "nl": "dutch", "no": "norwegian",
    "nb": "norwegian", "nn": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish",
    "ta": "tamil", "tr": "turkish",
}  # fmt: skip
"""Snowball stemmers by ISO 639-1 code; languages without one fold only."""


class Analyzer:
    """The chain of one language. Keeps every word it has met; thread-safe (CPython dicts, and each entry is pure)."""

    def __init__(self, language: str) -> None:
        self.language = language
        name = STEMMERS.get(language.split("-")[0].lower())
        self._stemmer = Stemmer.Stemmer(name) if name else None
        self._terms: dict[str, tuple[str, str]] = {}

    def term(self, word: str) -> str:
        """The index term of a surface word that is whole or a piece."""
        if self._stemmer is None or has_digit(word):
            return word
        return str(self._stemmer.stemWord(word))

    def phrase(self, words: tuple[str, ...]) -> list[str]:
        """The terms that stand side by side where these words do."""
        return [self.term(piece) for word in words for piece in pieces(word)]

    def index_text(self, text: str) -> tuple[str, str]:
        """(terms in order, terms of the words that have pieces), each separated by blanks."""
        known = self._terms
        in_order: list[str] = []
        whole: list[str] = []
        for word in surface_words(text):
            entry = known.get(word)
            if entry is None:
                entry = self._analyse(word)
                if len(known) < _MAX_KNOWN_WORDS:
                    known[word] = entry
            in_order.append(entry[0])
            if entry[1]:
                whole.append(entry[1])
        return " ".join(in_order), " ".join(whole)

    def _analyse(self, word: str) -> tuple[str, str]:
        parts = pieces(word)
        if len(parts) == 1:
            return self.term(word), ""
        return " ".join(self.term(part) for part in parts), word


_MAX_KNOWN_WORDS = 1_000_000


@lru_cache(maxsize=64)
def analyzer(language: str) -> Analyzer:
    """The process's analyzer of a language."""
    return Analyzer(language)
