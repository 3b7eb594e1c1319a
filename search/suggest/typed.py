"""What was typed so far: words that are finished, and the one that may still grow."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.analysis.words import is_unspaced, spans
from search.understand.parse import ParsedQuery, QueryWord, parse_query


@dataclass(frozen=True, slots=True)
class Beginning:
    """The beginning of a word, and how the text goes on in front of it.

    Args:
        head: the text before it, as typed, in lower case.
        word: the beginning, folded.
        may_be_misspelt: it is no part number.
    """

    head: str
    word: str
    may_be_misspelt: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """A query that is being typed.

    Args:
        text: as typed, in lower case.
        parsed: all of it, taken apart.
        finished: the words that grow no more.
        beginning: the last word, None where it is finished.
        joined: the last two words in one (`hl 21` as `hl21`), None where they cannot be one.
    """

    text: str
    parsed: ParsedQuery
    finished: tuple[QueryWord, ...]
    beginning: Beginning | None = None
    joined: Beginning | None = None


def read_typed(q: str, is_finished: bool) -> Typed:
    """Takes a query apart that is being typed.

    Args:
        q: without white space at its ends.
        is_finished: white space followed.
    """
    parsed = parse_query(q)
    text = q.lower()
    written = [] if is_finished or not parsed.words else list(spans(q))
    if not written:
        return Typed(text, parsed, parsed.words)
    *before, last = parsed.words
    # Of unspaced scripts each character is written by itself.
    written_as = written[-len(last.text) :] if is_unspaced(last.text) else written[-1:]
    # The last thing typed may be a phrase, an exclusion or a decimal: these are what they are.
    tail = q.split()[-1]
    if tail.startswith("-") or tail.endswith('"') or last.text != "".join(run for run, _, _ in written_as):
        return Typed(text, parsed, parsed.words)
    beginning = Beginning(q[: written_as[0][1]].lower(), last.text, may_be_misspelt=not last.is_code)
    return Typed(text, parsed, tuple(before), beginning, _joined(q, written, before, beginning))


def _joined(
    q: str, written: list[tuple[str, int, int]], before: list[QueryWord], beginning: Beginning
) -> Beginning | None:
    if not before or len(written) < 2 or is_unspaced(beginning.word):
        return None
    run, start, _ = written[-2]
    # Where they are not the same, something else stands between the two.
    if before[-1].words != (run,):
        return None
    return Beginning(q[:start].lower(), run + beginning.word, may_be_misspelt=False)
