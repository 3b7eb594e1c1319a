"""The typed query: all that an engine ever sees of what a shopper typed or clicked.

Words are *surface words*: already split, folded and lower-cased, not yet stemmed (`indexer.analysis`). Column names
are the concrete keys of `Schema.columns`. Values have the column's own type: str for keyword and path, float for
number, int in the minor unit for money, int of seconds since 1970 (UTC) for date, bool for boolean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Atom = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to satisfy a group: `words` side by side in one text field; its score counts `weight` times.

    A single word with letters and digits also matches in pieces.
    """

    words: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class TermGroup:
    """A word of the query with what may stand for it; one of the alternatives must match in some text field."""

    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must stand side by side, in this order, in one text field."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """The lexical side: every group must match.

    Args:
        groups: required, one for each word.
        optional: groups that only add to the score (words that were given up).
        languages: the languages whose texts are searched, the request's first.
        field_weights: by text field; 0 leaves a field out.
        tie_breaker: of one word's scores in several fields the best counts whole, the others this share of them.
    """

    groups: tuple[TermGroup, ...]
    optional: tuple[TermGroup, ...] = ()
    languages: tuple[str, ...] = ("en",)
    field_weights: Mapping[str, float] = field(default_factory=dict)
    tie_breaker: float = 0.0


# --- filters -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class In:
    """The column has at least one of `values`. On a path: a category or anything below it."""

    column: str
    values: tuple[Atom, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """At least one value of the column lies within the bounds; None is open."""

    column: str
    lower: float | None = None
    upper: float | None = None
    include_lower: bool = True
    include_upper: bool = True


@dataclass(frozen=True, slots=True)
class Exists:
    """The column has a value."""

    column: str


@dataclass(frozen=True, slots=True)
class Not:
    """It does not hold: no variant of the product satisfies it."""

    condition: Filter


@dataclass(frozen=True, slots=True)
class And:
    """All of them, for one and the same variant: see `Filter`."""

    conditions: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    conditions: tuple[Filter, ...]


Filter = In | Range | Exists | Not | And | Or
"""A product satisfies a filter when one of its variants does; a product without variants counts as one.

For a variant, columns of variants have its own values and other columns those of its product. So whatever an `And`
joins, however deep, speaks of one variant; a `Not` speaks of all of them.
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """What fixes the set beside words and vector; it holds on both sides.

    Args:
        filter: the request's filters.
        enforced: the filter of the caller's key; kept apart so that no path can drop it. It says which *products* the
            caller may see, and these are seen whole, with all their variants: so the variant that satisfies it need
            not be the one that `filter` speaks of, and no request can make more visible by its own conditions.
        phrases: each must match.
        excluded: products that match any of these words or phrases are out.
        excluded_phrases: see `excluded`.
    """

    filter: Filter | None = None
    enforced: Filter | None = None
    phrases: tuple[Phrase, ...] = ()
    excluded: tuple[TermGroup, ...] = ()
    excluded_phrases: tuple[Phrase, ...] = ()

    def narrowed(self, conditions: Iterable[Filter]) -> Scope:
        """With further conditions, which speak of the same variant as the filter."""
        parts = (*(() if self.filter is None else (self.filter,)), *conditions)
        return self if not parts else replace(self, filter=parts[0] if len(parts) == 1 else And(parts))


# --- facets and order ----------------------------------------------------------------------------------------------


MAX_VALUES = 65_000
"""Of more distinct values in a result an engine counts these at most."""


@dataclass(frozen=True, slots=True)
class Facet:
    """Counts of a column's values within the set.

    Args:
        column: keyword, boolean or path: the `size` most frequent values; number, money or date: `ranges` and stats.
        size: how many values are listed.
        ranges: (lower inclusive, upper exclusive), None is open.
        under: on a path: only categories below this one, "" for all.
    """

    column: str
    size: int = 20
    ranges: tuple[tuple[float | None, float | None], ...] = ()
    under: str = ""


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an explicit order; products without a value come last in both directions."""

    column: str
    descending: bool = False


class Pending(Protocol):
    """A vector that is still being computed."""

    def result(self) -> NDArray[np.float32] | None:
        """Waits for it; None where it cannot be had, which is as if none had been asked for."""
        ...


@dataclass(frozen=True)
class SearchQuery:
    """One question to an engine.

    Args:
        words: the lexical side; None with a vector: vector only; None without: every product in scope.
        vector: float32 (dim,), unit length, or None. One that is pending goes with words: an engine looks for these
            before it waits.
        vector_k: at most so many nearest neighbours join the set; from 1.
        min_cosine: neighbours below it are none.
        refine: a shopper's facet choices by column: `In` or `Range`, or several ranges in an `Or`. All of them and the
            scope's filter are met by one variant.
        facets: what to count.
        sort: explicit order, at most 3 keys; without it by score.
        tie_break: the order of equals; the id comes last by itself.
        offset: of the lexical list, for paging beyond the window.
        limit: the length of the lexical list that comes back, at most 10,000.
    """

    words: Words | None = None
    vector: NDArray[np.float32] | Pending | None = None
    vector_k: int = 200
    min_cosine: float = -1.0
    scope: Scope = field(default_factory=Scope)
    refine: Mapping[str, Filter] = field(default_factory=dict)
    facets: tuple[Facet, ...] = ()
    sort: tuple[SortKey, ...] = ()
    tie_break: tuple[SortKey, ...] = ()
    offset: int = 0
    limit: int = 200


# --- answers -------------------------------------------------------------------------------------------------------


class Hit(NamedTuple):
    """A product of one side. A tuple, since hundreds are made for each search.

    Args:
        id: the product's id.
        score: BM25 on the lexical side, cosine on the vector side.
        order: the product's place under `tie_break` and id among all that came back: compare it to break ties.
    """

    id: str
    score: float
    order: int


def range_name(lower: float | None, upper: float | None) -> str:
    """What a range is called among the counts of a facet."""
    return f"{'' if lower is None else f'{lower:g}'}..{'' if upper is None else f'{upper:g}'}"


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """Counts of one facet under all refinements but its own: beside a choice, the total after taking it.

    Of a variant column only the values of variants that satisfy the filter and the refinements count.

    Args:
        counts: (value, count), most frequent first, then by value; ranges in the order asked for, as "from..to".
        stats: min and max of the values (number, money, date), empty when there are none.
    """

    column: str
    counts: tuple[tuple[str, int], ...]
    stats: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class SearchResult:
    """An engine's answer.

    Args:
        lexical: by (sort or descending score, ties by `tie_break` and id), from `offset`, at most `limit`.
        neighbours: the nearest neighbours in the set after refinement, nearest first (under `sort`: in that order),
            each with whether it matches lexically as well.
        neighbour_matches: bool per neighbour: it is a lexical match too.
        total: products in the set after refinement.
        lexical_total: lexical matches in it.
        facets: in the order asked for.
        change_number: of the newest change that this snapshot has.
        degraded: (stage, reason) where a part could not be had.
        timings_ms: by part: "lexical", "vector", "facets".
    """

    lexical: tuple[Hit, ...]
    neighbours: tuple[Hit, ...]
    neighbour_matches: tuple[bool, ...]
    total: int
    lexical_total: int
    facets: tuple[FacetCounts, ...]
    change_number: int
    degraded: tuple[tuple[str, str], ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
