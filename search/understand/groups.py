"""Term groups: each word with what may stand for it, taken from the index's own vocabulary.

Words with a digit in them are never corrected or completed: a part number is right or it is another part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.analysis.words import has_digit
from indexer.engines.protocol import Vocabulary
from indexer.engines.query import Alternative, TermGroup
from search.understand.parse import QueryWord

JOINED_WEIGHT = 0.9
SPLIT_WEIGHT = 0.9
COMPLETED_WEIGHT = 0.8
CORRECTED_WEIGHTS = {1: 0.8, 2: 0.6}
"""By how many edits away a correction is."""

_MIN_CORRECTED_CHARS = 4
_TWO_EDITS_FROM_CHARS = 7
_MAX_COMPLETIONS = 20
_MAX_CORRECTIONS = 3
_MIN_SPLIT_CHARS = 3


@dataclass(frozen=True, slots=True)
class WordGroup:
    """A word of the query with its group.

    Args:
        word: as typed.
        group: what may stand for it.
        known: the word itself stands in a visible product.
        correction: the word that it was most likely meant to be, "" where it needs none.
    """

    word: QueryWord
    group: TermGroup
    known: bool
    correction: str = ""


def word_groups(words: Sequence[QueryWord], vocabulary: Vocabulary, *, complete_last: bool) -> tuple[WordGroup, ...]:
    """The groups of a query's words.

    Args:
        complete_last: an unknown last word may be the beginning of one.
    """
    known = [all(vocabulary.count(piece) > 0 for piece in word.words) for word in words]
    result: list[WordGroup] = []
    for position, word in enumerate(words):
        alternatives = [Alternative(word.words)]
        for left, right in ((position - 1, position), (position, position + 1)):
            if left >= 0 and right < len(words):
                joined = words[left].text + words[right].text
                if not has_digit(joined) and vocabulary.count(joined) > 0:
                    alternatives.append(Alternative((joined,), JOINED_WEIGHT))
        correction = ""
        if len(word.words) == 1 and not has_digit(word.text):
            split = _split(word.text, vocabulary)
            if split:
                alternatives.append(Alternative(split, SPLIT_WEIGHT))
            is_known = known[position] or len(alternatives) > 1
            if not is_known and complete_last and position == len(words) - 1:
                alternatives += _completions(word.text, vocabulary)
            if not is_known and len(alternatives) == 1:
                corrections = _corrections(word.text, vocabulary)
                alternatives += [Alternative((match,), weight) for match, weight in corrections]
                correction = corrections[0][0] if corrections else ""
        found = known[position] or len(alternatives) > 1
        result.append(WordGroup(word, TermGroup(tuple(alternatives)), found, correction))
    return tuple(result)


def _split(word: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """`smartwatch` as `smart`, `watch`, where both are words of the shop; the more even split wins."""
    best: tuple[int, tuple[str, ...]] = (0, ())
    for cut in range(_MIN_SPLIT_CHARS, len(word) - _MIN_SPLIT_CHARS + 1):
        left, right = vocabulary.count(word[:cut]), vocabulary.count(word[cut:])
        rarer = min(left, right)
        if rarer > best[0]:
            best = (rarer, (word[:cut], word[cut:]))
    return best[1]


def _completions(word: str, vocabulary: Vocabulary) -> list[Alternative]:
    if len(word) < _MIN_SPLIT_CHARS:
        return []
    found = vocabulary.starting_with(word, _MAX_COMPLETIONS)
    return [Alternative((match,), COMPLETED_WEIGHT) for match, _ in found]


def _corrections(word: str, vocabulary: Vocabulary) -> list[tuple[str, float]]:
    if len(word) < _MIN_CORRECTED_CHARS:
        return []
    max_edits = 2 if len(word) >= _TWO_EDITS_FROM_CHARS else 1
    found = vocabulary.near(word, max_edits, _MAX_CORRECTIONS)
    if not found:
        return []
    fewest = found[0][1]
    return [(match, CORRECTED_WEIGHTS[edits]) for match, edits, _ in found if edits == fewest]
