"""Orders: how Elasticsearch is asked for them, and the places of hits of several lists in one order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from indexer.engines.elasticsearch.conditions import Body
from indexer.engines.elasticsearch.fields import ID, Fields
from indexer.engines.query import SortKey

_MISSING = {2**63 - 1, -(2**63), "Infinity", "-Infinity", None}
"""What Elasticsearch gives as the sort value of a product that has none."""


def sort_body(keys: Sequence[SortKey], fields: Fields, *, by_score: bool) -> list[Body]:
    """The keys, then the id; products without a value last. A product with several goes by its least, or greatest
    where it descends.
    """
    result: list[Body] = [{"_score": {"order": "desc"}}] if by_score else []
    for key in keys:
        order = "desc" if key.descending else "asc"
        result.append({fields.column(key.column): {"order": order, "missing": "_last"}})
    return [*result, {ID: {"order": "asc"}}]


def places(found: Mapping[str, Sequence[Any]], keys: Sequence[SortKey]) -> dict[str, int]:
    """The place of each product under the keys and the id.

    Args:
        found: by id, the sort values of the keys.
    """
    ids = sorted(found)
    for number, key in reversed(list(enumerate(keys))):
        present = [id_ for id_ in ids if found[id_][number] not in _MISSING]
        missing = [id_ for id_ in ids if found[id_][number] in _MISSING]
        present.sort(key=lambda id_, number=number: found[id_][number], reverse=key.descending)  # type: ignore[misc]
        ids = present + missing
    return {id_: place for place, id_ in enumerate(ids)}
