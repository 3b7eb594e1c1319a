"""From an engine's filter back to the text that a person would write, for explanations and for facet choices."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from indexer.engines.query import And, Atom, Exists, Filter, In, Not, Or, Range
from indexer.fields import FieldType, Schema
from search.filters.columns import Column, column_of
from search.filters.values import DAY_S, EPOCH

_BARE_NAME = re.compile(r"(?!(?:and|or|not|in|exists)$)[^\s:=<>!(),\"'`]+", re.IGNORECASE)
_QUOTES = re.compile(r"([\"`\\])")
_ESCAPED = r"\\\1"


def to_text(condition: Filter, schema: Schema) -> str:
    """The filter in the language of `parse`.

    Parsed again for the channel of its columns, it gives an equal filter, if `parse` made it. A filter made by other
    means gives one that matches the same products.

    Args:
        condition: over columns of `schema`.
        schema: what the index declares.
    """
    match condition:
        case And(conditions):
            return " AND ".join(_inside(one, schema, (And, Or)) for one in conditions)
        case Or(conditions):
            return " OR ".join(_inside(one, schema, (Or,)) for one in conditions)
        case Not(negated):
            return f"NOT {_inside(negated, schema, (And, Or))}"
        case Exists(key):
            return f"EXISTS({_name(column_of(key, schema))})"
        case In(key, values):
            column = column_of(key, schema)
            texts = [_value(column, value) for value in values]
            return f"{_name(column)}:{texts[0]}" if len(texts) == 1 else f"{_name(column)} IN ({', '.join(texts)})"
        case Range():
            return _range(condition, schema)


def value_text(key: str, value: Atom, schema: Schema) -> str:
    """A value of the column `key` as a request writes it: money in major units, a time as ISO 8601 in UTC."""
    return _plain(column_of(key, schema), value)


def range_text(key: str, lower: float | None, upper: float | None, schema: Schema) -> str:
    """A range of a facet (lower bound in, upper bound out) as `refine` takes it: "10..20", "..20", "10.."."""
    column = column_of(key, schema)
    low = "" if lower is None else _bound(column, lower, day=True)
    high = "" if upper is None else _bound(column, upper, day=True)
    return f"{low}..{high}"


def _inside(condition: Filter, schema: Schema, apart: tuple[type[Filter], ...]) -> str:
    text = to_text(condition, schema)
    return f"({text})" if isinstance(condition, apart) else text


def _range(condition: Range, schema: Schema) -> str:
    column = column_of(condition.column, schema)
    # A bare date says what its midnight says only where its day is inside above, or outside below.
    lower = None if condition.lower is None else _bound(column, condition.lower, day=condition.include_lower)
    upper = None if condition.upper is None else _bound(column, condition.upper, day=not condition.include_upper)
    if lower is None and upper is None:
        return f"EXISTS({_name(column)})"
    if upper is None:
        return f"{_name(column)} {'>=' if condition.include_lower else '>'} {lower}"
    if lower is None:
        return f"{_name(column)} {'<=' if condition.include_upper else '<'} {upper}"
    dots = f"{'' if condition.include_lower else '<'}..{'' if condition.include_upper else '<'}"
    return f"{_name(column)}:{lower}{dots}{upper}"


def _bound(column: Column, bound: float, *, day: bool) -> str:
    if column.type is FieldType.DATE and day and bound % DAY_S == 0:
        return (EPOCH + timedelta(seconds=bound)).date().isoformat()
    return _plain(column, bound)


def _name(column: Column) -> str:
    if _BARE_NAME.fullmatch(column.name):
        return column.name
    return f"`{_QUOTES.sub(_ESCAPED, column.name)}`"


def _value(column: Column, value: Atom) -> str:
    text = _plain(column, value)
    return f'"{_QUOTES.sub(_ESCAPED, text)}"' if isinstance(value, str) else text


def _plain(column: Column, value: Atom) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if column.type is FieldType.DATE:
        return (EPOCH + timedelta(seconds=value)).isoformat().replace("+00:00", "Z")
    if column.type is FieldType.MONEY:
        amount = Decimal(value).scaleb(-column.digits)
        return f"{amount:f}" if amount % 1 else f"{amount:.0f}"
    return repr(value).removesuffix(".0")
