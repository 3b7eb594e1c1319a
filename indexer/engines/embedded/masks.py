"""Filters over rows: a filter tree to one bool per row, from the columns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from indexer.engines.embedded.columns import Column
from indexer.engines.query import And, Exists, Filter, In, Not, Or, Range

Lookup = Callable[[str], Column]
Leaf = In | Range | Exists


def rows_mask(condition: Filter, rows: int, column: Lookup, is_variant: Callable[[str], bool]) -> NDArray[np.bool_]:
    """bool (rows,): which rows satisfy the condition.

    Args:
        column: gives a column by key.
        is_variant: whether a column's values belong to variants.
    """
    match condition:
        case Not(inner):
            return ~rows_mask(inner, rows, column, is_variant)
        case Or(conditions):
            result = np.zeros(rows, np.bool_)
            for part in conditions:
                result |= rows_mask(part, rows, column, is_variant)
            return result
        case And(conditions):
            result = np.ones(rows, np.bool_)
            of_variants = variant_leaves(condition, is_variant)
            if len(of_variants) > 1:
                result &= same_variant_mask(of_variants, rows, column)
            for part in conditions:
                if len(of_variants) < 2 or part not in of_variants:
                    result &= rows_mask(part, rows, column, is_variant)
            return result
        case _:
            found = column(condition.column)
            result = np.zeros(rows, np.bool_)
            result[found.rows[value_mask(condition, found)]] = True
            return result


def variant_leaves(condition: And, is_variant: Callable[[str], bool]) -> list[Leaf]:
    """The conditions that speak of one variant together: on variant columns, directly in the `And`."""
    return [part for part in condition.conditions if isinstance(part, (In, Range, Exists)) and is_variant(part.column)]


def same_variant_mask(leaves: list[Leaf], rows: int, column: Lookup) -> NDArray[np.bool_]:
    """bool (rows,): rows that have one variant which satisfies all of the leaves."""
    together: NDArray[np.int64] | None = None
    for leaf in leaves:
        found = column(leaf.column)
        chosen = value_mask(leaf, found)
        # A row and its variant as one number.
        keys = np.unique((found.rows[chosen] << 16) | found.units[chosen].astype(np.int64))
        together = keys if together is None else np.intersect1d(together, keys, assume_unique=True)
    result = np.zeros(rows, np.bool_)
    if together is not None:
        result[together >> 16] = True
    return result


def value_mask(leaf: Leaf, column: Column) -> NDArray[np.bool_]:
    """bool (n,): which of the column's values satisfy the leaf."""
    match leaf:
        case Exists():
            return np.ones(len(column.values), np.bool_)
        case In(_, values):
            if column.is_text:
                codes = [column.codes[text] for text in map(as_text, values) if text in column.codes]
                return np.isin(column.values, np.array(codes, np.int32))
            return np.isin(column.values, np.array([float(value) for value in values]))
        case Range(_, lower, upper, include_lower, include_upper):
            values_ = column.values
            result = np.ones(len(values_), np.bool_)
            if lower is not None:
                result &= values_ >= lower if include_lower else values_ > lower
            if upper is not None:
                result &= values_ <= upper if include_upper else values_ < upper
            return result


def as_text(value: str | int | float | bool) -> str:
    """How a string column writes a value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
