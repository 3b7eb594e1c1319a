"""Filters compiled to Elasticsearch queries. Pure functions of the typed filter.

A product's own fields have the values of all its variants. So a condition that joins several columns of variants, which
one single variant has to meet, is asked of the nested variants where there are several. These know nothing of their
product: such a filter is taken apart into cases, by which of its conditions on the product hold, until what is left
speaks of a variant only. No product is in two cases.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from indexer.engines.elasticsearch.documents import as_text
from indexer.engines.elasticsearch.fields import ID, VARIANT_COUNT, VARIANTS, Fields
from indexer.engines.query import And, Atom, Exists, Filter, In, Not, Or, Range
from indexer.errors import InputError
from indexer.fields import FieldType

Body = dict[str, Any]

PRODUCT: Body = {"exists": {"field": ID}}
"""Every product; what else is kept has no id."""
SINGLE: Body = {"range": {VARIANT_COUNT: {"lt": 2}}}
"""Products whose own fields are those of their one variant."""
NOTHING: Body = {"match_none": {}}
MAX_CASES = 256
_MAX_LONG = 2**63 - 1
_MAX_MS = 9 * 10**15


@dataclass(frozen=True, slots=True)
class Case:
    """Products of one kind, and what one of their variants has to meet.

    Args:
        true: conditions on the product that hold.
        false: conditions on the product that do not.
        unit: on one variant; None: nothing.
    """

    true: tuple[Filter, ...]
    false: tuple[Filter, ...]
    unit: Filter | None


class Conditions:
    """Compiles for one generation."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def query(self, condition: Filter) -> Body:
        """The products that satisfy a condition.

        Raises:
            InputError: it ties too many conditions on products into those on variants.
        """
        match condition:
            case Not(inner):
                return {"bool": {"must_not": [self.query(inner)]}}
            case _ if not self.joins_variants(condition):
                return self._apart(condition)
            case _:
                return any_of([self.case(case) for case in self.cases(condition)])

    def of_variants(self, condition: Filter) -> bool:
        """Whether it says anything of single variants: it has a condition on a variant column outside any `Not`."""
        match condition:
            case Not():
                return False
            case And(parts) | Or(parts):
                return any(self.of_variants(part) for part in parts)
            case _:
                return self._fields.is_variant(condition.column)

    def joins_variants(self, condition: Filter) -> bool:
        """Whether some `And` outside any `Not` has two parts that must hold for the same variant."""
        match condition:
            case And(parts):
                several = sum(self.of_variants(part) for part in parts) > 1
                return several or any(self.joins_variants(part) for part in parts)
            case Or(parts):
                return any(self.joins_variants(part) for part in parts)
            case _:
                return False

    def cases(self, condition: Filter) -> list[Case]:
        """The cases of a condition; each product that satisfies it is in exactly one.

        Raises:
            InputError: there are too many.
        """
        result: list[Case] = []
        for case in self._cases(condition, (), ()):
            result.append(case)
            if len(result) > MAX_CASES:
                raise InputError(
                    "the filter ties too many conditions on products into OR with conditions on variants: write fewer "
                    "of them, or ask in several searches"
                )
        return result

    def case(self, case: Case) -> Body:
        """The products of a case."""
        return all_of([*self.products(case), *([] if case.unit is None else [self._some_variant(case.unit)])])

    def products(self, case: Case) -> list[Body]:
        """What a case says of the product."""
        held = [self.query(part) for part in case.true]
        return held + ([{"bool": {"must_not": [self.query(part) for part in case.false]}}] if case.false else [])

    def unit(self, condition: Filter) -> Body:
        """The nested variants that meet a condition on variants alone."""
        return self._apart(condition, of_variant=True)

    def single(self, condition: Filter) -> Body:
        """As `unit`, for products without several variants."""
        return self._apart(condition)

    def range(self, condition: Range, *, of_variant: bool = False) -> Body:
        """The products (or nested variants) that have a value within bounds."""
        return self._range(self._fields.column(condition.column, of_variant=of_variant), condition)

    def _some_variant(self, condition: Filter) -> Body:
        if not self.joins_variants(condition):
            return self._apart(condition)
        nested = {"nested": {"path": VARIANTS, "query": self.unit(condition), "score_mode": "none"}}
        return any_of([all_of([SINGLE, self.single(condition)]), nested])

    def _apart(self, condition: Filter, *, of_variant: bool = False) -> Body:
        """As `query`, where each condition on variants may be met by another one, up to the next `Not`.

        Args:
            of_variant: of the nested variants instead of the products.
        """
        match condition:
            case Not():
                return self.query(condition)
            case Or(parts):
                return any_of([self._apart(part, of_variant=of_variant) for part in parts])
            case And(parts):
                return all_of([self._apart(part, of_variant=of_variant) for part in parts])
            case Exists(key):
                return {"exists": {"field": self._fields.column(key, of_variant=of_variant)}}
            case Range():
                return self.range(condition, of_variant=of_variant)
            case In(key, values):
                return self._in(self._fields.column(key, of_variant=of_variant), self._fields.type(key), values)

    def _cases(self, condition: Filter, true: tuple[Filter, ...], false: tuple[Filter, ...]) -> Iterator[Case]:
        units: list[Filter] = []
        for part in _conjuncts(condition):
            if self.of_variants(part):
                units.append(part)
            else:
                true = (*true, part)
        if not units:
            yield Case(true, false, None)
            return
        rest: Filter = units[0] if len(units) == 1 else And(tuple(units))
        product = next(self._products_within(rest), None)
        if product is None:
            yield Case(true, false, rest)
            return
        for holds in (True, False):
            left = _with(rest, product, holds=holds)
            if left is False:
                continue
            known = ((*true, product), false) if holds else (true, (*false, product))
            if left is True:
                yield Case(*known, None)
            else:
                yield from self._cases(left, *known)

    def _products_within(self, condition: Filter) -> Iterator[Filter]:
        """The largest parts of a condition that speak of the product."""
        if not self.of_variants(condition):
            yield condition
        elif isinstance(condition, (And, Or)):
            for part in condition.conditions:
                yield from self._products_within(part)

    def _in(self, field: str, kind: FieldType, values: Sequence[Atom]) -> Body:
        wanted: list[Any]
        match kind:
            case FieldType.NUMBER:
                wanted = [number for number in map(float, values) if math.isfinite(number)]
            case FieldType.MONEY | FieldType.DATE:
                most = _MAX_LONG if kind is FieldType.MONEY else _MAX_MS // 1000
                whole = [int(number) for number in map(float, values) if number.is_integer()]
                wanted = [number for number in whole if abs(number) <= most]
            case FieldType.BOOLEAN:
                wanted = [text == "true" for text in map(as_text, values) if text in ("true", "false")]
            case _:
                wanted = [as_text(value) for value in values]
        return {"terms": {field: wanted}} if wanted else NOTHING

    def _range(self, field: str, bounds: Range) -> Body:
        return self._bounds(field, self._fields.type(bounds.column), bounds)

    def _bounds(self, field: str, kind: FieldType, bounds: Range) -> Body:
        lower, upper = bounds.lower, bounds.upper
        if lower == math.inf or upper == -math.inf or lower != lower or upper != upper:
            return NOTHING
        lower = None if lower == -math.inf else lower
        upper = None if upper == math.inf else upper
        if lower is None and upper is None:
            return {"exists": {"field": field}}
        if kind is FieldType.NUMBER:
            asked = _named(bounds, lower, upper)
        else:
            # Whole numbers: what lies between two of them is told by the next one.
            scale, most = (1000, _MAX_MS) if kind is FieldType.DATE else (1, _MAX_LONG)
            least = None if lower is None else _least(lower, inclusive=bounds.include_lower) * scale
            greatest = None if upper is None else _greatest(upper, inclusive=bounds.include_upper) * scale
            if (least is not None and least > most) or (greatest is not None and greatest < -most):
                return NOTHING
            whole = replace(bounds, include_lower=True, include_upper=True)
            asked = _named(
                whole, None if least is None else max(least, -most), None if greatest is None else min(greatest, most)
            )
            if kind is FieldType.DATE:
                asked["format"] = "epoch_millis"
        return {"range": {field: asked}}


def all_of(bodies: Iterable[Body]) -> Body:
    """What meets all of these."""
    parts = list(bodies)
    if not parts:
        return {"match_all": {}}
    return parts[0] if len(parts) == 1 else {"bool": {"filter": parts}}


def any_of(bodies: Iterable[Body]) -> Body:
    """What meets one of these."""
    parts = list(bodies)
    if not parts:
        return NOTHING
    return parts[0] if len(parts) == 1 else {"bool": {"should": parts, "minimum_should_match": 1}}


def _named(bounds: Range, lower: float | None, upper: float | None) -> Body:
    result: Body = {}
    if lower is not None:
        result["gte" if bounds.include_lower else "gt"] = lower
    if upper is not None:
        result["lte" if bounds.include_upper else "lt"] = upper
    return result


def _least(bound: float, *, inclusive: bool) -> int:
    """The least whole number that is not below a bound."""
    whole = math.ceil(bound)
    return whole + 1 if whole == bound and not inclusive else whole


def _greatest(bound: float, *, inclusive: bool) -> int:
    whole = math.floor(bound)
    return whole - 1 if whole == bound and not inclusive else whole


def _conjuncts(condition: Filter) -> Iterator[Filter]:
    if isinstance(condition, And):
        for part in condition.conditions:
            yield from _conjuncts(part)
    else:
        yield condition


def _with(condition: Filter, known: Filter, *, holds: bool) -> Filter | bool:
    """A condition where one of its parts is known to hold, or not to."""
    if condition == known:
        return holds
    if not isinstance(condition, (And, Or)):
        return condition
    decisive = isinstance(condition, Or)
    left: list[Filter] = []
    for part in condition.conditions:
        value = _with(part, known, holds=holds)
        if isinstance(value, bool):
            if value is decisive:
                return decisive
        else:
            left.append(value)
    if not left:
        return not decisive
    return left[0] if len(left) == 1 else type(condition)(tuple(left))
