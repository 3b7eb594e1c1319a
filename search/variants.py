"""Which variant of a product is meant: the first that satisfies the request, read as the engine reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from indexer.documents import to_index_document
from indexer.engines.query import And, Atom, Exists, Filter, In, Not, Or, Range
from indexer.fields import Schema
from indexer.product import Product


def matched_variant(product: Product, schema: Schema, conditions: Iterable[Filter]) -> str:
    """The sku of the first variant that satisfies all conditions, "" where they name none.

    Args:
        product: one that satisfies them; so no variant of it satisfies what is inside a `Not`.
        conditions: those of the request.
    """
    together = And(tuple(conditions))
    if not any(schema.columns[column].variant for column in _columns(together)):
        return ""
    stored = to_index_document(product, schema, 0, None, b"")
    own = {key: values for key, values in stored.values.items() if not schema.columns[key].variant}
    for variant, values in zip(product.variants, stored.variants, strict=True):
        if _holds(together, {**own, **values}):
            return variant.sku
    return ""


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
