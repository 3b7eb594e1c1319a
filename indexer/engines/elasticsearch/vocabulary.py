"""The words of a generation: for corrections and completions.

All of them are kept in memory, as on the embedded engine; a snapshot adds those of what was written since the one
before it. What only an enforced filter can tell, Elasticsearch is asked.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from indexer.engines.elasticsearch.bodies import Bodies
from indexer.engines.elasticsearch.conditions import Body
from indexer.engines.elasticsearch.facets import literal
from indexer.engines.lexicon import CHECKED, Lexicon
from indexer.engines.query import Scope, Words

Ask = Callable[[Body], dict[str, Any]]
"""Asks one body of the snapshot; the answer."""

_WALKED = 600
"""So many words with one beginning are asked for one by one."""
_FEW = 300
"""What more products than this have in common, has nearly all frequent words beside it."""
_AT_ONCE = 50_000
"""Where more words than this came in since the last time, all are read anew."""
_MANY_WORDS = 5_000
_REST_A_WORD_S = 60e-6
"""To put a word in its places takes a twentieth of that, which is then the greatest share of the time that it takes."""
_REPLACED = 0.2
"""After so large a share of the products was written again, all are read anew: their former words still count."""


class Lexicons:
    """The lexicon of a reader's newest snapshot, read when it is first asked for. Thread-safe.

    Args:
        clock: seconds, growing.
    """

    def __init__(self, bodies: Bodies, clock: Callable[[], float] = time.monotonic) -> None:
        self._bodies = bodies
        self._clock = clock
        self._rests_until_s = 0.0
        self._lock = threading.Lock()
        self._lexicon: Lexicon | None = None
        self._commits = -1
        self._written = 0

    def at(self, commits: int, ask: Ask) -> Lexicon:
        """The words as of a commit, or of a later one; of very many words, as of a while ago."""
        with self._lock:
            if self._lexicon is None:
                self._lexicon, self._written = self._read(ask), 0
            elif commits > self._commits and self._clock() >= self._rests_until_s:
                self._lexicon = self._extended(self._lexicon, ask)
            else:
                return self._lexicon
            self._commits = max(self._commits, commits)
            words = len(self._lexicon.counts)
            self._rests_until_s = self._clock() + (words * _REST_A_WORD_S if words > _MANY_WORDS else 0.0)
            return self._lexicon

    def _read(self, ask: Ask) -> Lexicon:
        counts: dict[str, int] = {}
        after = None
        while True:
            page = ask(self._bodies.words(after))["aggregations"]["words"]
            counts.update({bucket["key"]["word"]: bucket["doc_count"] for bucket in page["buckets"]})
            after = page.get("after_key")
            if after is None or not page["buckets"]:
                return _lexicon(counts.items())

    def _extended(self, lexicon: Lexicon, ask: Ask) -> Lexicon:
        answer = ask(self._bodies.words_since(self._commits, _AT_ONCE))
        self._written += int(answer["hits"]["total"]["value"])
        found = answer["aggregations"]["words"]
        products = max(lexicon.counts.values(), default=0)
        if found["sum_other_doc_count"] or self._written > _REPLACED * max(1_000, products):
            self._written = 0
            return self._read(ask)
        if not found["buckets"]:
            return lexicon
        counts = Counter(lexicon.counts)
        counts.update({bucket["key"]: bucket["doc_count"] for bucket in found["buckets"]})
        return _lexicon(counts.items())


class ElasticsearchVocabulary:
    """See `Vocabulary`.

    Args:
        bodies: of the generation.
        ask: asks the snapshot.
        lexicon: its words.
        enforced: as in `EngineReader.vocabulary`.
    """

    def __init__(self, bodies: Bodies, ask: Ask, lexicon: Lexicon, enforced: Scope) -> None:
        self._bodies = bodies
        self._ask = ask
        self._lexicon = lexicon
        self._scope = Scope(enforced=enforced.enforced)
        self._visible: dict[str, int] = {}

    def count(self, word: str) -> int:
        return self._counts([word])[word]

    def starting_with(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        if self._scope.enforced is None:
            return self._lexicon.starting_with(prefix, limit)
        return self._of(None, self._scope, prefix, limit)

    def beside(self, words: Words | None, scope: Scope, prefix: str, limit: int) -> list[str]:
        start, end = self._lexicon.span(prefix)
        frequent = [word for word, _ in self._lexicon.starting_with(prefix, limit)]
        if start == end or ((words is None or not words.groups) and scope == Scope()):
            return frequent
        if end - start > _WALKED:
            found = self._ask(self._bodies.count(words, scope))["hits"]["total"]["value"]
            if found > _FEW:
                return frequent
        return [word for word, _ in self._of(words, scope, prefix, limit)]

    def near(self, word: str, max_edits: int, limit: int) -> list[tuple[str, int, int]]:
        return self._nearest(self._lexicon.near(word, max_edits), limit)

    def near_beginning(self, beginning: str, max_edits: int, limit: int) -> list[tuple[str, int, int]]:
        return self._nearest(self._lexicon.near_beginning(beginning, max_edits), limit)

    def _nearest(self, found: list[tuple[str, int]], limit: int) -> list[tuple[str, int, int]]:
        if self._scope.enforced is None:
            return [(match, edits, self._lexicon.counts[match]) for match, edits in found[:limit]]
        counts = self._counts([match for match, _ in found[:CHECKED]])
        return [(match, edits, counts[match]) for match, edits in found[:CHECKED] if counts[match]][:limit]

    def _counts(self, words: Sequence[str]) -> dict[str, int]:
        """How many visible products have each."""
        if self._scope.enforced is None:
            return {word: self._lexicon.counts.get(word, 0) for word in words}
        asked = [word for word in words if word in self._lexicon.counts and word not in self._visible]
        if asked:
            found = self._buckets(self._bodies.words_of(None, self._scope, asked, len(asked)))
            self._visible.update({**dict.fromkeys(asked, 0), **dict(found)})
        return {word: self._visible.get(word, 0) for word in words}

    def _of(self, words: Words | None, scope: Scope, prefix: str, limit: int) -> list[tuple[str, int]]:
        """(word, products) of what begins so in the products that match."""
        start, end = self._lexicon.span(prefix)
        few = end - start <= _WALKED
        include = self._lexicon.between(start, end) if few else f"{literal(prefix)}.*"
        return self._buckets(self._bodies.words_of(words, scope, include, limit)) if start < end else []

    def _buckets(self, body: Body) -> list[tuple[str, int]]:
        found = self._ask(body)["aggregations"]["words"]["buckets"]
        return [(bucket["key"], int(bucket["doc_count"])) for bucket in found]


def _lexicon(counts: Iterable[tuple[str, int]]) -> Lexicon:
    return Lexicon(dict(sorted(counts, key=lambda entry: (-entry[1], entry[0]))))
