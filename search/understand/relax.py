"""Relaxation: with too few products that have every word, words are given up, the least telling first.

Words that no visible product has go first, all at once; then the most frequent word, then the next. The last one left
and codes (`QueryWord.is_code`) are never given up: "every word, the rarest kept longest".
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.engines.protocol import EngineReader
from indexer.engines.query import Scope, SearchQuery, TermGroup, Words
from search.understand.groups import WordGroup


@dataclass(frozen=True, slots=True)
class LexicalPlan:
    """The lexical side as it is asked.

    Args:
        words: what the engine gets.
        given_up: words that need not match, in the order they were given up; corrected ones as they were searched.
        fuller: ids that match more words than required, those with most words first; they rank before the others.
    """

    words: Words
    given_up: tuple[str, ...] = ()
    fuller: tuple[str, ...] = ()


def plan_words(
    groups: Sequence[WordGroup], base: Words, reader: EngineReader, scope: Scope, min_matches: int
) -> LexicalPlan:
    """Gives up words until `min_matches` products match, or nothing more can be given up.

    Args:
        base: languages, field weights and tie breaker.
        scope: the filters and the enforced filter; refinements never change what a query means.
        min_matches: 0 gives up nothing.
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
    kept = list(dict.fromkeys(groups))
    if len(kept) < 2 or not min_matches or (total := reader.count(words(kept, ()), scope)) >= min_matches:
        return LexicalPlan(words(kept, ()))
    steps = _stages(kept, base, reader, scope)
    stages = [words(*step) for step in steps]
    totals = {0: total}

    def total_at(stage: int) -> int:
        if stage not in totals:
            totals[stage] = reader.count(stages[stage], scope)
        return totals[stage]

    # With fewer words there are never fewer products, so the stages where something changes are found by halving.
    last = bisect_left(range(len(stages) - 1), min_matches, key=total_at)
    fuller: dict[str, None] = {}
    stage = 0
    while stage < last:
        if found := total_at(stage):
            hits = reader.search(SearchQuery(stages[stage], scope=scope, limit=found)).lexical
            fuller.update(dict.fromkeys(hit.id for hit in hits))
        stage = bisect_right(range(last), found, lo=stage + 1, key=total_at)
    given_up = steps[last][1]
    return LexicalPlan(stages[last], tuple(group.correction or group.word.text for group in given_up), tuple(fuller))


def _stages(
    groups: Sequence[WordGroup], base: Words, reader: EngineReader, scope: Scope
) -> list[tuple[list[WordGroup], list[WordGroup]]]:
    """(kept, given up) before anything is given up, and after each step."""
    frequency = {group: _frequency(group.group, base, reader, scope) for group in groups}
    missing = [group for group in groups if frequency[group] == 0 and not group.word.is_code]
    steps = [missing] if missing and len(missing) < len(groups) else []
    steps += [[group] for group in sorted(groups, key=lambda group: -frequency[group]) if group not in missing]
    kept, given_up = list(groups), list[WordGroup]()
    stages = [(kept, given_up)]
    for step in steps:
        droppable = [group for group in step if not group.word.is_code]
        if droppable and len(kept) > len(droppable):
            kept = [group for group in kept if group not in droppable]
            given_up = [*given_up, *droppable]
            stages.append((kept, given_up))
    return stages


def _frequency(group: TermGroup, base: Words, reader: EngineReader, scope: Scope) -> int:
    only = Words((group,), languages=base.languages, field_weights=base.field_weights, tie_breaker=base.tie_breaker)
    return reader.count(only, scope)
