"""The words of a generation: for corrections and completions."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property

import numpy as np
import tantivy
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from indexer.analysis.words import has_digit
from indexer.engines.embedded.fields import WORDS
from indexer.engines.embedded.snapshot import Snapshot
from indexer.engines.query import Scope, Words

_CHECKED = 20
"""So many of the nearest words are looked up under the enforced filter."""
_WALKED = 600
"""So many words with one beginning are looked up one by one, which takes microseconds each."""
_FEW = 300
"""What more products than this have in common, has nearly all frequent words beside it."""
_LAST = chr(0x10FFFF)


class Lexicon:
    """All surface words of a snapshot with the number of products of each, those of deleted versions included."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        # The most frequent first, then by letters.
        self.counts: dict[str, int] = dict(searcher.terms_with_prefix(WORDS, ""))
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

    def starting_with(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        """(word, products), most frequent first."""
        start, end = self.span(prefix)
        words, places = self._in_order
        best = start + np.argsort(places[start:end])[:limit]
        return [(words[at], self.counts[words[at]]) for at in best.tolist()]

    def beginnings(self, length: int) -> list[str]:
        """What the words that a correction may be begin with, in so many letters."""
        if length not in self._beginnings:
            longer = (word for size, words in self.by_length.items() if size >= length for word in words)
            self._beginnings[length] = list(dict.fromkeys(word[:length] for word in longer))
        return self._beginnings[length]


class EmbeddedVocabulary:
    """See `Vocabulary`."""

    def __init__(self, snapshot: Snapshot, lexicon: Lexicon, enforced: Scope) -> None:
        self._snapshot = snapshot
        self._lexicon = lexicon
        self._enforced = enforced.enforced
        self._visible: dict[str, int] = {}
        self._filter = snapshot.compiler.filter(self._enforced) if self._enforced is not None else None

    def count(self, word: str) -> int:
        known = self._lexicon.counts.get(word, 0)
        if self._filter is None or not known:
            return known
        if word not in self._visible:
            self._visible[word] = self._count_visible(word)
        return self._visible[word]

    def _count_visible(self, word: str) -> int:
        query = tantivy.Query.term_query(self._snapshot.schema.native, WORDS, word)
        both = self._snapshot.compiler.scoped(query, Scope(enforced=self._enforced))
        return self._snapshot.count_of(both)

    def starting_with(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        if self._filter is None:
            return self._lexicon.starting_with(prefix, limit)
        return self._snapshot.searcher.terms_with_prefix(WORDS, prefix, self._filter, limit)

    def beside(self, words: Words | None, scope: Scope, prefix: str, limit: int) -> list[str]:
        start, end = self._lexicon.span(prefix)
        frequent = self._lexicon.starting_with(prefix, limit)
        if start == end or ((words is None or not words.groups) and scope == Scope()):
            return [word for word, _ in frequent]
        compiler = self._snapshot.compiler
        query = compiler.scoped(compiler.words(words), scope)
        if end - start > _WALKED and self._snapshot.count_of(query) > _FEW:
            return [word for word, _ in frequent]
        return [word for word, _ in self._snapshot.searcher.terms_with_prefix(WORDS, prefix, query, limit)]

    def near(self, word: str, max_edits: int, limit: int) -> list[tuple[str, int, int]]:
        found: list[tuple[str, int]] = []
        for length in range(len(word) - max_edits, len(word) + max_edits + 1):
            candidates = self._lexicon.by_length.get(length)
            if candidates:
                matches = extract(
                    word, candidates, scorer=OSA.distance, score_cutoff=max_edits, limit=None, processor=None
                )
                found.extend((match, int(edits)) for match, edits, _ in matches)
        return self._nearest(found, limit)

    def near_beginning(self, beginning: str, max_edits: int, limit: int) -> list[tuple[str, int, int]]:
        found: dict[str, int] = {}
        for length in range(max(1, len(beginning) - max_edits), len(beginning) + max_edits + 1):
            near = extract(
                beginning,
                self._lexicon.beginnings(length),
                scorer=OSA.distance,
                score_cutoff=max_edits,
                limit=None,
                processor=None,
            )
            for start, edits, _ in near:
                # What was typed without its last letters says nothing of what they were meant to be.
                if not beginning.startswith(start):
                    for word, _ in self._lexicon.starting_with(start, _CHECKED):
                        found[word] = min(int(edits), found.get(word, max_edits))
        return self._nearest([entry for entry in found.items() if not has_digit(entry[0])], limit)

    def _nearest(self, found: list[tuple[str, int]], limit: int) -> list[tuple[str, int, int]]:
        found.sort(key=lambda entry: (entry[1], -self._lexicon.counts[entry[0]], entry[0]))
        if self._filter is None:
            return [(match, edits, self._lexicon.counts[match]) for match, edits in found[:limit]]
        visible = ((match, edits, self.count(match)) for match, edits in found[:_CHECKED])
        return [entry for entry in visible if entry[2]][:limit]
