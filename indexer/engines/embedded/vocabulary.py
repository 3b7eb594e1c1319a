"""The words of a generation: for corrections and completions."""

from __future__ import annotations

from functools import cached_property

import tantivy
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from indexer.analysis.words import has_digit
from indexer.engines.embedded.fields import WORDS
from indexer.engines.embedded.snapshot import Snapshot
from indexer.engines.query import Scope

_CHECKED = 20
"""So many of the nearest words are looked up under the enforced filter."""


class Lexicon:
    """All surface words of a snapshot with the number of products of each, those of deleted versions included."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self.counts: dict[str, int] = dict(searcher.terms_with_prefix(WORDS, ""))

    @cached_property
    def by_length(self) -> dict[int, list[str]]:
        """The words that a correction may be, by length: no digits in them."""
        result: dict[int, list[str]] = {}
        for word in self.counts:
            if len(word) > 2 and not has_digit(word):
                result.setdefault(len(word), []).append(word)
        return result


class EmbeddedVocabulary:
    """See `Vocabulary`."""

    def __init__(self, snapshot: Snapshot, lexicon: Lexicon, enforced: Scope) -> None:
        self._snapshot = snapshot
        self._lexicon = lexicon
        self._enforced = enforced.enforced
        self._filter = snapshot.compiler.filter(self._enforced) if self._enforced is not None else None

    def count(self, word: str) -> int:
        if self._filter is None:
            return self._lexicon.counts.get(word, 0)
        query = tantivy.Query.term_query(self._snapshot.schema.native, WORDS, word)
        both = self._snapshot.compiler.scoped(query, Scope(enforced=self._enforced))
        return self._snapshot.count_of(both)

    def starting_with(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        found = self._snapshot.searcher.terms_with_prefix(WORDS, prefix, self._filter)
        return sorted(found, key=lambda entry: (-entry[1], entry[0]))[:limit]

    def near(self, word: str, max_edits: int, limit: int) -> list[tuple[str, int, int]]:
        found: list[tuple[str, int]] = []
        for length in range(len(word) - max_edits, len(word) + max_edits + 1):
            candidates = self._lexicon.by_length.get(length)
            if candidates:
                matches = extract(
                    word, candidates, scorer=OSA.distance, score_cutoff=max_edits, limit=None, processor=None
                )
                found.extend((match, int(edits)) for match, edits, _ in matches)
        found.sort(key=lambda entry: (entry[1], -self._lexicon.counts[entry[0]], entry[0]))
        if self._filter is None:
            return [(match, edits, self._lexicon.counts[match]) for match, edits in found[:limit]]
        visible = ((match, edits, self.count(match)) for match, edits in found[:_CHECKED])
        return [entry for entry in visible if entry[2]][:limit]
