"""Which variant of a product is meant: the first that satisfies the conditions on variant fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from indexer.documents import variant_values
from indexer.engines.query import And, Atom, Exists, Filter, In, Not, Or, Range
from indexer.fields import Schema
from indexer.product import Product


def matched_variant(product: Product, schema: Schema, conditions: Iterable[Filter]) -> str:
    """The sku of the first variant that satisfies all conditions on variant fields, "" where there is none to name.

    Args:
        conditions: those of the request; what also speaks of other fields is left out of account.
    """
    of_variants = [
        part for condition in conditions for part in _parts(condition) if all(map(_is_variant(schema), _columns(part)))
    ]
    if not of_variants:
        return ""
    for variant in product.variants:
        values = variant_values(variant, product, schema)
        if all(_holds(part, values) for part in of_variants):
            return variant.sku
    return ""


def _parts(condition: Filter) -> tuple[Filter, ...]:
    return condition.conditions if isinstance(condition, And) else (condition,)


def _is_variant(schema: Schema) -> Callable[[str], bool]:
    return lambda column: schema.columns[column].variant


def _columns(condition: Filter) -> Iterator[str]:
    match condition:
        case Not(inner):
            yield from _columns(inner)
        case And(parts) | Or(parts):
            for part in parts:
                yield from _columns(part)
        case In(column) | Range(column) | Exists(column):
            yield column


def _holds(condition: Filter, values: Mapping[str, tuple[Atom, ...]]) -> bool:
    match condition:
        case Not(inner):
            return not _holds(inner, values)
        case And(parts):
            return all(_holds(part, values) for part in parts)
        case Or(parts):
            return any(_holds(part, values) for part in parts)
        case Exists(column):
            return bool(values.get(column))
        case In(column, wanted):
            return any(value in wanted for value in values.get(column, ()))
        case Range(column):
            return any(_within(condition, float(value)) for value in values.get(column, ()))


def _within(bounds: Range, value: float) -> bool:
    if bounds.lower is not None and (value < bounds.lower or (value == bounds.lower and not bounds.include_lower)):
        return False
    return bounds.upper is None or value < bounds.upper or (value == bounds.upper and bounds.include_upper)
