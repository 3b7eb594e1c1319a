"""Term groups: each word with what may stand for it, taken from the index's own vocabulary.

Codes (`QueryWord.is_code`) are never corrected or completed: a part number is right or it is another part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
        known: the word, or its joined or split form, stands in a visible product.
        correction: the word that it was most likely meant to be, "" where it needs none.
    """

    word: QueryWord
    group: TermGroup
    known: bool
    correction: str = ""


def word_groups(
    words: Sequence[QueryWord],
    vocabulary: Vocabulary,
    matches: Callable[[Alternative], bool],
    *,
    complete_last: bool,
) -> tuple[WordGroup, ...]:
    """The groups of a query's words.

    Args:
        matches: whether a visible product has the words side by side, in any inflected form; asked for words that the
            vocabulary lacks.
        complete_last: an unknown last word may be the beginning of one.
    """
    return tuple(
        _group(words, position, vocabulary, matches, completes=complete_last and position == len(words) - 1)
        for position in range(len(words))
    )


def _group(
    words: Sequence[QueryWord],
    position: int,
    vocabulary: Vocabulary,
    matches: Callable[[Alternative], bool],
    *,
    completes: bool,
) -> WordGroup:
    word = words[position]
    own = Alternative(word.words)
    # Inflected forms are in no vocabulary, yet the engine finds them: `lamps` is no mistake for `lamp`.
    known = all(vocabulary.count(piece) > 0 for piece in word.words) or matches(own)
    alternatives = [own, *_joined(words, position, vocabulary)]
    if word.is_code or len(word.words) > 1:
        return WordGroup(word, TermGroup(tuple(alternatives)), known or len(alternatives) > 1)
    parts = _split(word.text, vocabulary)
    split = Alternative(parts, SPLIT_WEIGHT)
    # Two words of the shop that never stand together are no split: `stainles` is a mistake for another word.
    if parts and (known or matches(split)):
        alternatives.append(split)
    found = known or len(alternatives) > 1
    if found:
        return WordGroup(word, TermGroup(tuple(alternatives)), known=True)
    completions = _completions(word.text, vocabulary) if completes else []
    if completions:
        return WordGroup(word, TermGroup((own, *completions)), known=True)
    corrections = _corrections(word.text, vocabulary)
    meant = tuple(Alternative((match,), weight) for match, weight in corrections)
    return WordGroup(word, TermGroup((own, *meant)), bool(meant), corrections[0][0] if corrections else "")


def _joined(words: Sequence[QueryWord], position: int, vocabulary: Vocabulary) -> list[Alternative]:
    """The word in one with the one before or behind it, where that is a word of the shop."""
    result: list[Alternative] = []
    for left, right in zip(words[max(0, position - 1) : position + 1], words[max(1, position) : position + 2]):
        joined = left.text + right.text
        if not (left.is_code or right.is_code) and vocabulary.count(joined) > 0:
            result.append(Alternative((joined,), JOINED_WEIGHT))
    return result


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


def edits_allowed(word: str) -> int:
    """So many letters of a word may be wrong."""
    if len(word) < _MIN_CORRECTED_CHARS:
        return 0
    return 2 if len(word) >= _TWO_EDITS_FROM_CHARS else 1


def _corrections(word: str, vocabulary: Vocabulary) -> list[tuple[str, float]]:
    allowed = edits_allowed(word)
    found = vocabulary.near(word, allowed, _MAX_CORRECTIONS) if allowed else []
    if not found:
        return []
    fewest = found[0][1]
    return [(match, CORRECTED_WEIGHTS[edits]) for match, edits, _ in found if edits == fewest]
