"""Parsing: a query's text into words, phrases and exclusions. No engine ever sees the text itself."""

from __future__ import annotations

from dataclasses import dataclass

import regex

from indexer.analysis.folding import fold
from indexer.analysis.words import has_digit, surface_words

_QUOTED = regex.compile(r'(?<!\S)(-?)"([^"]+)"(?!\w)')
_DECIMAL = regex.compile(r"\d+(?:[.,]\d+)+")
_CHAIN = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:-[\p{L}\p{M}\p{N}]+)*")
"""What a hyphen holds together: `hl-2140`."""


@dataclass(frozen=True, slots=True)
class QueryWord:
    """One word of the query.

    Args:
        text: as typed, folded.
        words: its surface words; more than one where they belong together (`15.6`).
        is_code: it has a digit, or a hyphen ties it to a word that has one (the `hl` of `hl-2140`): it is never
            corrected, completed or given up.
    """

    text: str
    words: tuple[str, ...]
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A query taken apart.

    Args:
        words: in order, those of phrases left out.
        phrases: quoted; each must match as it stands.
        excluded: words behind a minus; what was typed in one (`-t-shirt`) is out where it stands side by side.
        excluded_phrases: phrases behind a minus.
        text: all that is asked for, as typed, for the encoder.
    """

    words: tuple[QueryWord, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[QueryWord, ...] = ()
    excluded_phrases: tuple[tuple[str, ...], ...] = ()
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """Nothing is asked for: the request browses."""
        return not (self.words or self.phrases)


def parse_query(text: str) -> ParsedQuery:
    """Takes a query apart.

    A quotation mark opens a phrase only at the start of a word, so that `17"` stays seventeen inches; a minus excludes
    only there as well, so that `t-shirt` stays a shirt.
    """
    phrases: list[tuple[str, ...]] = []
    excluded_phrases: list[tuple[str, ...]] = []
    for minus, quoted in _QUOTED.findall(text):
        words = tuple(surface_words(quoted))
        if words:
            (excluded_phrases if minus else phrases).append(words)
    rest = _QUOTED.sub(" ", text)
    asked: list[QueryWord] = []
    excluded: list[QueryWord] = []
    for token in rest.split():
        if _is_excluded(token):
            words = tuple(surface_words(token))
            if words:
                excluded.append(QueryWord(fold(token[1:]), words))
        else:
            asked.extend(_words_of(fold(token)))
    plain = " ".join(token for token in rest.split() if not _is_excluded(token))
    return ParsedQuery(
        words=tuple(asked),
        phrases=tuple(phrases),
        excluded=tuple(excluded),
        excluded_phrases=tuple(excluded_phrases),
        text=" ".join(filter(None, (plain, *(" ".join(phrase) for phrase in phrases)))),
    )


def _is_excluded(token: str) -> bool:
    return token.startswith("-") and len(token) > 1


def _words_of(token: str) -> list[QueryWord]:
    number = _DECIMAL.search(token)
    if number is None:
        return [
            QueryWord(word, (word,), has_digit(chain))
            for chain in _CHAIN.findall(token)
            for word in surface_words(chain)
        ]
    before, after = token[: number.start()], token[number.end() :]
    decimal = QueryWord(number.group(), tuple(surface_words(number.group())), is_code=True)
    return [*_words_of(before), decimal, *_words_of(after)]
