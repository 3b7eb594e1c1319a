"""All words of a generation in memory: what corrections and completions are looked for in, on every engine."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from indexer.analysis.words import has_digit

CHECKED = 20
"""So many of the nearest words are looked up under an enforced filter."""
_LAST = chr(0x10FFFF)


class Lexicon:
    """All surface words with the number of products of each.

    Args:
        counts: the most frequent first, then by letters. Products that were since replaced or deleted may be among
            those counted.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = counts
        self._beginnings: dict[int, list[str]] = {}

    @cached_property
    def by_length(self) -> dict[int, list[str]]:
        """The words that a correction may be, by length: no digits in them."""
        result: dict[int, list[str]] = {}
        for word in self.counts:
            if len(word) > 2 and not has_digit(word):
                result.setdefault(len(word), []).append(word)
        return result

    @cached_property
    def _in_order(self) -> tuple[list[str], NDArray[np.int64]]:
        """(the words in alphabetical order, the place of each among all by frequency)."""
        by_frequency = list(self.counts)
        places = sorted(range(len(by_frequency)), key=by_frequency.__getitem__)
        return [by_frequency[place] for place in places], np.array(places, np.int64)

    def span(self, prefix: str) -> tuple[int, int]:
        """Where in alphabetical order the words stand that begin so."""
        words = self._in_order[0]
        return bisect_left(words, prefix), bisect_left(words, prefix + _LAST)

    def between(self, start: int, end: int) -> list[str]:
        """The words that stand there in alphabetical order."""
        return self._in_order[0][start:end]

    def starting_with(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        """(word, products), most frequent first."""
        start, end = self.span(prefix)
        words, places = self._in_order
        best = start + np.argsort(places[start:end])[:limit]
        return [(words[at], self.counts[words[at]]) for at in best.tolist()]

    def near(self, word: str, max_edits: int) -> list[tuple[str, int]]:
        """(word, edits) of all words so near, fewest edits first, then most frequent, then by letters."""
        found: list[tuple[str, int]] = []
        for length in range(len(word) - max_edits, len(word) + max_edits + 1):
            found += _near(word, self.by_length.get(length, ()), max_edits)
        return self._sorted(found)

    def near_beginning(self, beginning: str, max_edits: int) -> list[tuple[str, int]]:
        """(word, edits) of words that begin with something so near, in the order of `near`."""
        found: dict[str, int] = {}
        for length in range(max(1, len(beginning) - max_edits), len(beginning) + max_edits + 1):
            for start, edits in _near(beginning, self._of_length(length), max_edits):
                # What was typed without its last letters says nothing of what they were meant to be.
                if not beginning.startswith(start):
                    for word, _ in self.starting_with(start, CHECKED):
                        found[word] = min(edits, found.get(word, max_edits))
        return self._sorted(entry for entry in found.items() if not has_digit(entry[0]))

    def _of_length(self, length: int) -> list[str]:
        """What the words that a correction may be begin with, in so many letters."""
        if length not in self._beginnings:
            longer = (word for size, words in self.by_length.items() if size >= length for word in words)
            self._beginnings[length] = list(dict.fromkeys(word[:length] for word in longer))
        return self._beginnings[length]

    def _sorted(self, found: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
        return sorted(found, key=lambda entry: (entry[1], -self.counts[entry[0]], entry[0]))


def _near(word: str, candidates: Sequence[str], max_edits: int) -> list[tuple[str, int]]:
    matches = extract(word, candidates, scorer=OSA.distance, score_cutoff=max_edits, limit=None, processor=None)
    return [(match, int(edits)) for match, edits, _ in matches]
