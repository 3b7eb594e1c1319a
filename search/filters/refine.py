"""A shopper's facet choices: several of one facet widen it, several facets narrow the result."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from indexer.engines.query import Filter, Range
from indexer.fields import RANGED, Schema
from search.errors import Place, RequestError, shown
from search.filters.columns import Column, Columns
from search.filters.conditions import any_of, one_of, within
from search.filters.values import Written

MAX_FIELDS = 50
MAX_CHOICES = 500
"""Of one field."""


@dataclass(frozen=True, slots=True)
class Between:
    """A range as a request writes it: `lower` is inside, `upper` is not, None is open."""

    lower: str | None = None
    upper: str | None = None

    def __str__(self) -> str:
        return f"{self.lower or ''}..{self.upper or ''}"


Choice = str | Between
"""A value, or a range: "10..20" in text too, where the field has an order."""


def parse_refine(
    choices: Mapping[str, Sequence[Choice]], schema: Schema, channel: str = "", *, undeclared: Collection[str] = ()
) -> dict[str, Filter]:
    """The filter of each facet that something was chosen of.

    Args:
        choices: by field name; a field with no choices counts as not refined.
        schema: what the index declares.
        channel: see `search.filters.parse`.
        undeclared: see `search.filters.parse`.

    Returns:
        By column key: `In` for keyword, path and boolean; `Range`, or an `Or` of them, for number, money and date.
        As with the ranges of a facet the lower bound is inside and the upper one is not, so that the number beside
        a range is what one gets by taking it.

    Raises:
        RequestError: a field, a value or a limit; its parameter is "refine.FIELD".
    """
    if len(choices) > MAX_FIELDS:
        raise RequestError("refine", f"{len(choices)} fields", f"at most {MAX_FIELDS} fields can be refined")
    columns = Columns(schema, channel, undeclared)
    result: dict[str, Filter] = {}
    for name, chosen in choices.items():
        parameter = f"refine.{shown(name)}"
        column = columns.find(name, Place(parameter, shown(name)))
        if len(chosen) > MAX_CHOICES:
            detail = f"at most {MAX_CHOICES} choices of one field can be taken"
            raise RequestError(parameter, f"{len(chosen)} choices", detail)
        if chosen:
            result[column.key] = any_of([_chosen(column, choice, parameter) for choice in chosen])
    return result


def read_range(column: Column, choice: Choice, parameter: str) -> Range:
    """A range as refinements and facets write it: the lower bound inside, the upper one not.

    Args:
        column: number, money or date.
        choice: "10..20", "..20", "10..", or the bounds apart.
        parameter: of the request, for errors.

    Raises:
        RequestError: the column has no order, it is no range, or a bound is none of the column's type.
    """
    place = Place(parameter, shown(str(choice)))
    if isinstance(choice, str):
        lower, dots, upper = choice.partition("..")
        if not dots:
            raise place.error('it is no range; wanted is "10..20", "10..", "..20" or {"from": 10, "to": 20}')
        choice = Between(lower or None, upper or None)
    if choice.lower is None and choice.upper is None:
        raise place.error('a range needs a bound: "10..", "..20" or both')
    return within(
        column,
        None if choice.lower is None else Written(choice.lower.strip(), place),
        None if choice.upper is None else Written(choice.upper.strip(), place),
        place,
        include_upper=False,
    )


def _chosen(column: Column, choice: Choice, parameter: str) -> Filter:
    if isinstance(choice, Between) or (column.type in RANGED and ".." in choice):
        return read_range(column, choice, parameter)
    written = Written(choice, Place(parameter, shown(choice)))
    if column.type in RANGED:
        return within(column, written, written, written.place)
    return one_of(column, [written])
