"""Conditions on one column, and how conditions are joined: values as written in, engine filters out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from indexer.engines.query import And, Atom, Filter, In, Or, Range
from indexer.fields import RANGED, FieldType
from search.errors import Place
from search.filters.columns import Column
from search.filters.values import Exact, Written, read_atom, read_span


def one_of(column: Column, values: Sequence[Written]) -> Filter:
    """The column has at least one of the values; a bare date stands for its whole day.

    Raises:
        RequestError: a value is none of the column's type.
    """
    return any_of([_equal(column, written) for written in values])


def within(
    column: Column,
    lower: Written | None,
    upper: Written | None,
    place: Place,
    *,
    include_lower: bool = True,
    include_upper: bool = True,
) -> Range:
    """The column has a value within the bounds; None is open.

    A bare date as bound is a whole day: included, the day is inside, left out, it is outside.

    Args:
        column: number, money or date.
        lower: see above.
        upper: see above.
        place: of the condition as a whole, for errors.
        include_lower: whether the bound itself is inside.
        include_upper: see `include_lower`.

    Raises:
        RequestError: the column has no order, a bound is none of its type, or nothing lies between.
    """
    if column.type not in RANGED:
        raise place.error(f'"{column.name}" is a {column.type} field; a range needs a number, money or date field')
    low: Exact | None = None
    high: Exact | None = None
    if lower is not None:
        span = read_span(column, lower)
        low = span.start
        if span.end is not None and not include_lower:
            low, include_lower = span.end, True
    if upper is not None:
        span = read_span(column, upper)
        high = span.start
        if span.end is not None and include_upper:
            high, include_upper = span.end, False
    result = Range(
        column.key,
        None if low is None else _held(low, up=include_lower),
        None if high is None else _held(high, up=not include_upper),
        include_lower or low is None,
        include_upper or high is None,
    )
    if lower is not None and upper is not None and _empty(result):
        raise lower.place.error(f"nothing lies between {lower.text} and {upper.text}; the lower bound comes first")
    return result


def all_of(conditions: Iterable[Filter]) -> Filter:
    """All of them, in one `And`: conditions on variant fields then speak of one variant."""
    flat = list(_flattened(conditions, And))
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def any_of(conditions: Iterable[Filter]) -> Filter:
    """At least one of them; values of one column become one `In`, which can stand beside others in an `And`."""
    flat = list(_flattened(conditions, Or))
    values: dict[str, list[Atom]] = {}
    for condition in flat:
        if isinstance(condition, In):
            values.setdefault(condition.column, []).extend(condition.values)
    joined = dict.fromkeys(
        In(condition.column, tuple(dict.fromkeys(values[condition.column]))) if isinstance(condition, In) else condition
        for condition in flat
    )
    return next(iter(joined)) if len(joined) == 1 else Or(tuple(joined))


def _equal(column: Column, written: Written) -> Filter:
    if column.type not in RANGED:
        return In(column.key, (read_atom(column, written),))
    span = read_span(column, written)
    if span.end is not None:
        return within(column, written, written, written.place)
    return In(column.key, (_atom(column, span.start, written),))


def _atom(column: Column, value: Exact, written: Written) -> Atom:
    if isinstance(value, float):
        return value
    if value.denominator != 1:
        smallest = "whole seconds" if column.type is FieldType.DATE else f"{column.digits} decimal places"
        raise written.place.error(f'"{column.name}" has {smallest}; nothing can equal {written.text}')
    return int(value)


def _held(bound: Exact, *, up: bool) -> float:
    """The bound among the values that a column can hold: an amount or a time between two integers moves to one.

    `up` where what lies just below the bound is on the other side of it than what lies just above.
    """
    if isinstance(bound, float):
        return bound
    return math.ceil(bound) if up else math.floor(bound)


def _empty(bounds: Range) -> bool:
    if bounds.lower is None or bounds.upper is None:
        return False
    both = bounds.include_lower and bounds.include_upper
    return bounds.lower > bounds.upper or (bounds.lower == bounds.upper and not both)


def _flattened(conditions: Iterable[Filter], kind: type[And] | type[Or]) -> Iterable[Filter]:
    for condition in conditions:
        if isinstance(condition, kind):
            yield from condition.conditions
        else:
            yield condition
