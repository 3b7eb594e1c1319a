"""The words of a generation: for corrections and completions."""

from __future__ import annotations

import tantivy

from indexer.engines.embedded.fields import WORDS
from indexer.engines.embedded.snapshot import Snapshot
from indexer.engines.lexicon import CHECKED, Lexicon
from indexer.engines.query import Scope, Words

_WALKED = 600
"""So many words with one beginning are looked up one by one, which takes microseconds each."""
_FEW = 300
"""What more products than this have in common, has nearly all frequent words beside it."""


def read_lexicon(searcher: tantivy.Searcher) -> Lexicon:
    """All words of a snapshot; products that were deleted may still be counted."""
    return Lexicon(dict(searcher.terms_with_prefix(WORDS, "")))


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
        return self._nearest(self._lexicon.near(word, max_edits), limit)

    def near_beginning(self, beginning: str, max_edits: int, limit: int) -> list[tuple[str, int, int]]:
        return self._nearest(self._lexicon.near_beginning(beginning, max_edits), limit)

    def _nearest(self, found: list[tuple[str, int]], limit: int) -> list[tuple[str, int, int]]:
        if self._filter is None:
            return [(match, edits, self._lexicon.counts[match]) for match, edits in found[:limit]]
        visible = ((match, edits, self.count(match)) for match, edits in found[:CHECKED])
        return [entry for entry in visible if entry[2]][:limit]
