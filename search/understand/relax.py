"""Relaxation: with too few products that have every word, words are given up, the least telling first.

Words that no visible product has go first, all at once; then the most frequent word, then the next. The last one left
and codes (`QueryWord.is_code`) are never given up: "every word, the rarest kept longest".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.engines.protocol import EngineReader
from indexer.engines.query import Scope, SearchQuery, TermGroup, Words
from search.understand.groups import WordGroup
from search.understand.parse import QueryWord


@dataclass(frozen=True, slots=True)
class LexicalPlan:
    """The lexical side as it is asked.

    Args:
        words: what the engine gets.
        given_up: words that need not match, in the order they were given up.
        fuller: ids that match more words than required, those with most words first; they rank before the others.
        total: products within scope that match what is required.
    """

    words: Words
    given_up: tuple[QueryWord, ...] = ()
    fuller: tuple[str, ...] = ()
    total: int = 0


def plan_words(
    groups: Sequence[WordGroup], base: Words, reader: EngineReader, scope: Scope, min_matches: int
) -> LexicalPlan:
    """Gives up words until `min_matches` products match, or nothing more can be given up.

    Args:
        base: languages, field weights and tie breaker.
        scope: the filters and the enforced filter; refinements never change what a query means.
    """

    def words(kept: Sequence[WordGroup], given_up: Sequence[WordGroup]) -> Words:
        return Words(
            groups=tuple(group.group for group in kept),
            optional=tuple(group.group for group in given_up if group.known),
            languages=base.languages,
            field_weights=base.field_weights,
            tie_breaker=base.tie_breaker,
        )

    # A word typed twice counts once, or giving it up would give up both.
    kept, given_up, fuller = list(dict.fromkeys(groups)), list[WordGroup](), dict[str, None]()
    total = reader.count(words(kept, ()), scope)
    if total >= min_matches or len(kept) < 2:
        return LexicalPlan(words(kept, ()), total=total)
    frequency = {group: _frequency(group.group, base, reader, scope) for group in kept}
    missing = [group for group in kept if frequency[group] == 0 and not group.word.is_code]
    steps = [missing] if missing and len(missing) < len(kept) else []
    steps += [[group] for group in sorted(kept, key=lambda group: -frequency[group]) if group not in missing]
    for step in steps:
        droppable = [group for group in step if not group.word.is_code]
        if total >= min_matches or not droppable or len(kept) <= len(droppable):
            continue
        if total:
            hits = reader.search(SearchQuery(words(kept, given_up), scope=scope, limit=total)).lexical
            fuller.update(dict.fromkeys(hit.id for hit in hits))
        kept = [group for group in kept if group not in droppable]
        given_up += droppable
        total = reader.count(words(kept, ()), scope)
    return LexicalPlan(words(kept, given_up), tuple(group.word for group in given_up), tuple(fuller), total)


def _frequency(group: TermGroup, base: Words, reader: EngineReader, scope: Scope) -> int:
    only = Words((group,), languages=base.languages, field_weights=base.field_weights, tie_breaker=base.tie_breaker)
    return reader.count(only, scope)
