"""Filters over rows and their variants, from the columns: where a filter tree holds.

A product without variants counts as one variant. What a condition says of variants it says of one of them: both sides
of an `And` must hold for the same one. Only `Not` speaks of the product: no variant of it satisfies what is inside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from indexer.engines.embedded.columns import Column
from indexer.engines.query import And, Exists, Filter, In, Not, Or, Range

Lookup = Callable[[str], Column]
Leaf = In | Range | Exists
IsVariant = Callable[[str], bool]


class Variants:
    """The variants of all rows, numbered one row after the other; each row has one at least.

    Args:
        rows: how many there are.
        columns: those of variants. A variant that has no value in any of them and stands behind the others of its row
            is left out: it satisfies no condition that the others do not.
    """

    def __init__(self, rows: int, columns: Sequence[Column]) -> None:
        counts = np.ones(rows, np.int64)
        for column in columns:
            # Within a row the units ascend, so the last of its values has the greatest.
            last = np.flatnonzero(np.diff(column.rows, append=-1))
            ends = column.rows[last]
            counts[ends] = np.maximum(counts[ends], column.units[last].astype(np.int64) + 1)
        self._counts = counts
        self._starts = np.cumsum(counts) - counts

    def numbers(self, column: Column, positions: NDArray[np.int64] | slice = slice(None)) -> NDArray[np.int64]:
        """int64 (n,): the variants that the values at `positions` belong to."""
        return self._starts[column.rows[positions]] + column.units[positions]

    def having(self, column: Column, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """bool (variants,): those that have one of the chosen values."""
        result = np.zeros(int(self._counts.sum()), np.bool_)
        result[self.numbers(column)[chosen]] = True
        return result

    def of_rows(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """bool (variants,): all variants of the rows in `mask`."""
        return np.repeat(mask, self._counts)

    def rows(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """bool (rows,): rows that have a variant in `mask`."""
        return np.logical_or.reduceat(mask, self._starts) if len(mask) else mask


class Filters:
    """Reads filters over all rows of a snapshot, dead ones included.

    Args:
        rows: how many there are.
        column: gives a column by key.
        is_variant: whether a column's values belong to variants.
        variants: gives the variants of all rows.
    """

    def __init__(self, rows: int, column: Lookup, is_variant: IsVariant, variants: Callable[[], Variants]) -> None:
        self._rows = rows
        self._column = column
        self._is_variant = is_variant
        self._variants = variants

    def rows(self, condition: Filter) -> NDArray[np.bool_]:
        """bool (rows,): rows that satisfy a condition."""
        if joins_variants(condition, self._is_variant):
            return self._variants().rows(self.variants(condition))
        return self.apart(condition)

    def apart(self, condition: Filter) -> NDArray[np.bool_]:
        """As `rows`, where each condition on variants may be met by another one, up to the next `Not`."""
        match condition:
            case Not(inner):
                return ~self.rows(inner)
            case Or(parts):
                return reduce(np.logical_or, map(self.apart, parts), np.zeros(self._rows, np.bool_))
            case And(parts):
                return reduce(np.logical_and, map(self.apart, parts), np.ones(self._rows, np.bool_))
            case _:
                found = self._column(condition.column)
                result = np.zeros(self._rows, np.bool_)
                result[found.rows[value_mask(condition, found)]] = True
                return result

    def variants(self, condition: Filter) -> NDArray[np.bool_]:
        """bool (variants,): the variants that satisfy a condition."""
        if not of_variants(condition, self._is_variant):
            return self._variants().of_rows(self.rows(condition))
        match condition:
            case Or(parts):
                return reduce(np.logical_or, map(self.variants, parts))
            case And(parts):
                return reduce(np.logical_and, map(self.variants, parts))
            case In() | Range() | Exists():
                found = self._column(condition.column)
                return self._variants().having(found, value_mask(condition, found))
            case Not():
                return self._variants().of_rows(self.rows(condition))


def of_variants(condition: Filter, is_variant: IsVariant) -> bool:
    """Whether it says anything of single variants: it has a condition on a variant column outside any `Not`."""
    match condition:
        case Not():
            return False
        case And(parts) | Or(parts):
            return any(of_variants(part, is_variant) for part in parts)
        case _:
            return is_variant(condition.column)


def joins_variants(condition: Filter, is_variant: IsVariant) -> bool:
    """Whether some `And` outside any `Not` has two parts that must hold for the same variant."""
    match condition:
        case And(parts):
            several = sum(of_variants(part, is_variant) for part in parts) > 1
            return several or any(joins_variants(part, is_variant) for part in parts)
        case Or(parts):
            return any(joins_variants(part, is_variant) for part in parts)
        case _:
            return False


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
