"""An explicit order, as a request writes it: "price:asc", "released_at:desc"."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from indexer.engines.query import SortKey
from indexer.fields import SORTABLE, Schema
from search.errors import Place, RequestError, shown
from search.filters.columns import Columns

MAX_KEYS = 3


def parse_sort(
    keys: Sequence[str],
    schema: Schema,
    channel: str = "",
    *,
    undeclared: Collection[str] = (),
    parameter: str = "sort",
) -> tuple[SortKey, ...]:
    """The engine's sort keys.

    Args:
        keys: at most three, each "field", "field:asc" or "field:desc"; without a direction it ascends. A name may
            stand in backticks, as in a filter.
        schema: what the index declares.
        channel: see `search.filters.parse`.
        undeclared: see `search.filters.parse`.
        parameter: of the request or setting that the keys come from, for errors.

    Raises:
        RequestError: a field, a type without an order, a field twice, or too many.
    """
    if len(keys) > MAX_KEYS:
        raise RequestError(parameter, shown(", ".join(keys)), f"{len(keys)} keys; at most {MAX_KEYS} are taken")
    columns = Columns(schema, channel, undeclared)
    result: dict[str, SortKey] = {}
    for key in keys:
        place = Place(parameter, shown(key))
        name, colon, direction = key.rpartition(":")
        if not colon or key.endswith("`"):
            name, direction = key, "asc"
        if direction not in ("asc", "desc"):
            raise place.error(f'"{shown(direction)}" is no direction; wanted is field:asc or field:desc')
        column = columns.find(name, place)
        if column.type not in SORTABLE:
            types = ", ".join(sorted(SORTABLE))
            raise place.error(f'"{name}" is a {column.type} field and has no order; these types have: {types}')
        if column.key in result:
            raise place.error(f'"{name}" is a key twice')
        result[column.key] = SortKey(column.key, direction == "desc")
    return tuple(result.values())
