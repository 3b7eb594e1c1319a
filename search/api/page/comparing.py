"""What words, meaning and both of them find, next to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from search.api.page.cards import Card, card
from search.api.page.why import ordinal
from search.request import Mode
from search.response import SearchResponse

_TITLES = {
    Mode.LEXICAL: ("Words", "Products that have the words of the query."),
    Mode.HYBRID: ("Both", "What a search answers: the two rankings as one."),
    Mode.VECTOR: ("Meaning", "Products whose description means something near."),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A product of a column, with its place in the column of both ("1st"), "" where it is not in that."""

    card: Card
    in_both: str


@dataclass(frozen=True, slots=True)
class Side:
    """A column.

    Args:
        mode: "lexical", "hybrid" or "vector".
        note: why it is empty or without a part, "" for nothing.
    """

    mode: str
    title: str
    about: str
    total: int
    ms: float
    entries: tuple[Entry, ...]
    note: str


def sides(answers: Mapping[Mode, SearchResponse], language: str) -> tuple[Side, ...]:
    """The columns in the order of the answers.

    Args:
        language: see `card`.
    """
    both = {hit.id: ordinal(place) for place, hit in enumerate(answers[Mode.HYBRID].hits, 1)}
    result = []
    for mode, response in answers.items():
        title, about = _TITLES[mode]
        entries = (
            Entry(card(hit, place, language), both.get(hit.id, "")) for place, hit in enumerate(response.hits, 1)
        )
        note = "; ".join(part.reason for part in response.degraded)
        result.append(
            Side(mode.value, title, about, response.total, response.timings_ms["total"], tuple(entries), note)
        )
    return tuple(result)
