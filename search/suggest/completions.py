"""Completions: what the last word may become, so that products have it together with the words before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from indexer.analysis.analyzer import analyzer
from indexer.analysis.words import has_digit, is_unspaced, pieces, spans
from indexer.engines.protocol import EngineReader
from indexer.engines.query import Alternative, Filter, Scope, TermGroup, Words
from search.suggest.typed import Beginning, Typed
from search.understand.groups import edits_allowed, word_groups
from search.understand.parse import parse_query
from search.understand.understand import visibly

_LOOKED_UP = 24
"""So many words that the index has are looked at for each completion list, the most frequent first."""
_MISSPELT = 6


@dataclass(frozen=True, slots=True)
class Completion:
    """What a query may become.

    Args:
        text: the query.
        count: products that have every word of it.
        corrected: what was taken for a mistake, by the word as typed.
    """

    text: str
    count: int
    corrected: Mapping[str, str] = field(default_factory=dict)


class Completer:
    """Completes queries in one index for one caller.

    Args:
        base: how words are looked for.
        scope: what completions have to be found in.
        enforced: the filter of the caller's key; no word that it hides is in any answer.
        min_matches: where the best completion leads to fewer products, the last word may also be misspelt.
    """

    def __init__(
        self, reader: EngineReader, base: Words, scope: Scope, enforced: Filter | None, min_matches: int
    ) -> None:
        self._reader = reader
        self._base = base
        self._scope = scope
        self._min_matches = min_matches
        self._vocabulary = reader.vocabulary(Scope(enforced=enforced))
        self._matches = visibly(reader, base, enforced)
        self._analyzer = analyzer(base.languages[0])

    def complete(self, typed: Typed, limit: int) -> list[Completion]:
        """At most `limit` queries that have results, those with most products first, behind them what takes a mistake.

        The word as it was typed is among them where there are products that have it.
        """
        groups = word_groups(typed.finished, self._vocabulary, self._matches, complete_last=False)
        # A word that is none may still be the first half of one.
        if not all(group.known for group in (groups[:-1] if typed.joined is not None else groups)):
            return []
        corrected = {group.word.text: group.correction for group in groups if group.correction}
        if typed.beginning is None:
            text = replaced(typed.text, corrected)
            count = self._count(text)
            return [Completion(text, count, corrected)] if count else []
        beginning = replace(typed.beginning, head=replaced(typed.beginning.head, corrected))
        joined = None if corrected else typed.joined
        before = replace(self._base, groups=tuple(_meant(group.correction, group.group) for group in groups))
        found = self._grown(typed, beginning, joined, before, limit)
        as_typed = beginning.head + beginning.word
        if not found and (count := self._count(as_typed)):
            found[as_typed] = count
        best = sorted(found, key=lambda text: (-found[text], text))
        result = [Completion(text, found[text], corrected) for text in best]
        few = not result or result[0].count < self._min_matches
        if few and as_typed not in found and beginning.may_be_misspelt:
            result += self._misspelt(typed, beginning, corrected, best, limit - len(result))
        return result

    def _grown(
        self, typed: Typed, beginning: Beginning, joined: Beginning | None, before: Words, limit: int
    ) -> dict[str, int]:
        """Products by text, of the first texts that have any: one for all inflected forms of a word, and none that says
        a word twice."""
        found: dict[str, int] = {}
        stems = {self._analyzer.term(word.text) for word in typed.finished}

        def look_for(candidates: Iterator[tuple[str, str]]) -> None:
            for text, word in candidates:
                if len(found) == limit:
                    return
                stem = self._analyzer.term(word)
                if stem not in stems and (count := self._count(text)):
                    stems.add(stem)
                    found[text] = count

        look_for(self._longer(beginning, before))
        # `toner cartridge` and `tonercartridge` are the same, but `hl 21` may be all that `hl2140` is called.
        if not found or has_digit(beginning.word):
            look_for(self._compounds(beginning, joined, before))
        return found

    def _longer(self, beginning: Beginning, before: Words) -> Iterator[tuple[str, str]]:
        """(text, its last word); first of all what was typed, where that is a word of more than a letter."""
        head, word = beginning.head, beginning.word
        if len(word) > 1 and self._vocabulary.count(word):
            yield head + word, word
        if is_unspaced(word) and len(word) > 1:
            # A word is two characters: what grows is the text.
            for longer in self._beside(before, word[-1]):
                yield head + word + longer[1:], word + longer[1:]
        else:
            for longer in self._beside(before, word):
                if len(longer) > 1:
                    yield head + longer, longer

    def _compounds(self, beginning: Beginning, joined: Beginning | None, before: Words) -> Iterator[tuple[str, str]]:
        """(text, its last word): of words that are one with the word before, or that consist of several in products."""
        if joined is not None:
            rest = replace(before, groups=before.groups[:-1])
            for longer in self._beside(rest, joined.word):
                yield joined.head + longer, longer
        *parts, last = pieces(beginning.word)
        if parts:
            first = "".join(parts)
            groups = (*before.groups, *(TermGroup((Alternative((part,)),)) for part in parts))
            for longer in self._beside(replace(before, groups=groups), last):
                yield beginning.head + first + longer, first + longer

    def _beside(self, words: Words, prefix: str) -> list[str]:
        return self._vocabulary.beside(words, self._scope, prefix, _LOOKED_UP)

    def _misspelt(
        self, typed: Typed, beginning: Beginning, corrected: Mapping[str, str], known: Iterable[str], limit: int
    ) -> list[Completion]:
        word = beginning.word
        allowed = edits_allowed(word)
        if not allowed:
            return []
        near = [
            *self._vocabulary.near(word, allowed, _MISSPELT),
            *self._vocabulary.near_beginning(word, allowed, _MISSPELT),
        ]
        result: list[tuple[int, Completion]] = []
        stems = {self._analyzer.term(word.text) for word in typed.finished}
        stems.update(self._analyzer.term(text.removeprefix(beginning.head)) for text in known)
        for meant, edits, _ in sorted(near, key=lambda entry: (entry[1], -entry[2], entry[0])):
            if len(result) >= limit:
                break
            text = beginning.head + meant
            stem = self._analyzer.term(meant)
            if stem not in stems and (count := self._count(text)):
                stems.add(stem)
                result.append((edits, Completion(text, count, {**corrected, word: meant})))
        return [completion for _, completion in sorted(result, key=lambda entry: (entry[0], -entry[1].count))]

    def _count(self, text: str) -> int:
        """Products that have every word of a query that needs no correction; 0 where it needs one."""
        parsed = parse_query(text)
        groups = word_groups(parsed.words, self._vocabulary, self._matches, complete_last=False)
        if any(group.correction or not group.known for group in groups):
            return 0
        return self._reader.count(replace(self._base, groups=tuple(group.group for group in groups)), self._scope)


def _meant(correction: str, group: TermGroup) -> TermGroup:
    return TermGroup((Alternative((correction,)),)) if correction else group


def replaced(text: str, words: Mapping[str, str]) -> str:
    """The text with some of its words, which are given folded, in another form."""
    parts: list[str] = []
    done = 0
    for run, start, end in spans(text):
        if run in words:
            parts += [text[done:start], words[run]]
            done = end
    return "".join([*parts, text[done:]])
