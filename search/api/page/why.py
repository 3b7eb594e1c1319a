"""Why a product stands where it stands, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from search.response import ResultHit

_FIELDS = {"title": "its title", "brand": "its brand", "description": "its description"}


@dataclass(frozen=True, slots=True)
class Why:
    """An explanation.

    Args:
        sentences: to be read one below the other.
        words, meaning: what each side gave of the score in percent; both 0 where there is none.
        short: both sides in a few words, "" where no side ranked it.
    """

    sentences: tuple[str, ...]
    words: int
    meaning: int
    short: str


def why(hit: ResultHit, sort: str = "") -> Why:
    """The explanation of a hit that was asked for with `explain`.

    Args:
        sort: the order of the page, "" for relevance.
    """
    explain: Mapping[str, Any] = hit.explain or {}
    lexical, vector = explain.get("lexical"), explain.get("vector")
    words, meaning = _shares(lexical, vector)
    sentences = [*_by_words(lexical, hit), *_by_meaning(vector, lexical)]
    if not sentences:
        sentences = [_in_order(sort, hit)]
    elif words and meaning:
        sentences.append(f"Its words gave {words} % of its score and its meaning {meaning} %.")
    if hit.matched_variant:
        sentences.append(f"Its variant {hit.matched_variant} is the first that fits your choices.")
    short = [f"words {ordinal(lexical['rank'])}"] if lexical else []
    short += [f"meaning {ordinal(vector['rank'])}"] if vector else []
    return Why(tuple(sentences), words, meaning, " · ".join(short))


def _shares(lexical: Mapping[str, Any] | None, vector: Mapping[str, Any] | None) -> tuple[int, int]:
    by_words, by_meaning = (side["part"] if side else 0.0 for side in (lexical, vector))
    total = by_words + by_meaning
    if total <= 0:
        return 0, 0
    words = round(100 * by_words / total)
    return words, 100 - words


def _by_words(lexical: Mapping[str, Any] | None, hit: ResultHit) -> list[str]:
    if not lexical:
        return []
    marked = [name for field, name in _FIELDS.items() if field in hit.highlights]
    where = f", found in {_listed(marked)}" if marked else ""
    return [f"By its words it is the {ordinal(lexical['rank'])} match (score {lexical['score']:.2f}){where}."]


def _by_meaning(vector: Mapping[str, Any] | None, lexical: Mapping[str, Any] | None) -> list[str]:
    if vector:
        near = f"{vector['cosine']:.2f} of 1"
        return [f"By its meaning it is the {ordinal(vector['rank'])} nearest to the query (likeness {near})."]
    return ["By its meaning it is not among the nearest, or meaning was not asked."] if lexical else []


def _in_order(sort: str, hit: ResultHit) -> str:
    if sort:
        field = sort.partition(":")[0].replace("released_at", "release date")
        matches = " It matches the search" + (" by its words." if hit.highlights else ".")
        return f"You sorted by {field}, so nothing else decides the place.{matches}"
    if hit.score:
        return "It stands behind the best, which were ranked together, in the order of its words or its meaning."
    return "Nothing was searched for, so the index's own order holds: usually the most popular first, then the newest."


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def ordinal(number: int) -> str:
    """A place as people say it: 1 → "1st"."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{ending}"
