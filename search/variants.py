"""Which variant of a product is meant: the first that satisfies the conditions on variant fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from indexer.documents import variant_values
from indexer.engines.query import And, Atom, Exists, Filter, In, Range
from indexer.fields import Schema
from indexer.product import Product


def matched_variant(product: Product, schema: Schema, conditions: Iterable[Filter]) -> str:
    """The sku of the first variant that satisfies all conditions on variant fields, "" where there is none to name."""
    leaves = [leaf for condition in conditions for leaf in _leaves(condition, schema)]
    if not leaves:
        return ""
    for variant in product.variants:
        values = variant_values(variant, product, schema)
        if all(_holds(leaf, values) for leaf in leaves):
            return variant.sku
    return ""


def _leaves(condition: Filter, schema: Schema) -> list[In | Range | Exists]:
    parts = condition.conditions if isinstance(condition, And) else (condition,)
    return [part for part in parts if isinstance(part, (In, Range, Exists)) and schema.columns[part.column].variant]


def _holds(leaf: In | Range | Exists, values: Mapping[str, tuple[Atom, ...]]) -> bool:
    found = values.get(leaf.column, ())
    match leaf:
        case Exists():
            return bool(found)
        case In(_, wanted):
            return any(value in wanted for value in found)
        case Range():
            return any(_within(leaf, float(value)) for value in found if not isinstance(value, str))


def _within(bounds: Range, value: float) -> bool:
    if bounds.lower is not None and (value < bounds.lower or (value == bounds.lower and not bounds.include_lower)):
        return False
    return bounds.upper is None or value < bounds.upper or (value == bounds.upper and bounds.include_upper)
