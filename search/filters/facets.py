"""What a request wants counted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from indexer.engines.query import Facet
from indexer.fields import RANGED, FieldType, Schema
from search.errors import Place, RequestError, shown
from search.filters.columns import Columns
from search.filters.refine import Choice, read_range

MAX_FACETS = 50
MAX_SIZE = 1_000
MAX_RANGES = 100
DEFAULT_SIZE = 20


@dataclass(frozen=True, slots=True)
class FacetRequest:
    """One facet as a request asks for it.

    Args:
        field: its name.
        size: how many values are listed, 1 to 1,000; None for 20. Keyword, boolean and path fields only.
        ranges: what is counted on number, money and date fields, at most 100; their smallest and largest value come
            in any case.
        under: on a path field, only the categories below this one, "" for all.
    """

    field: str
    size: int | None = None
    ranges: tuple[Choice, ...] = ()
    under: str = ""


def parse_facets(
    requests: Sequence[FacetRequest], schema: Schema, channel: str = "", *, undeclared: Collection[str] = ()
) -> tuple[Facet, ...]:
    """The engine's facets, in the order asked for.

    Args:
        requests: at most 50, each of another field.
        schema: what the index declares.
        channel: see `search.filters.parse`.
        undeclared: see `search.filters.parse`.

    Raises:
        RequestError: a field, an option that its type does not have, or a limit; its parameter is "facets.POSITION".
    """
    if len(requests) > MAX_FACETS:
        raise RequestError("facets", f"{len(requests)} facets", f"at most {MAX_FACETS} facets are counted at once")
    columns = Columns(schema, channel, undeclared)
    result: dict[str, Facet] = {}
    for position, request in enumerate(requests):
        facet = _facet(request, columns, f"facets.{position}")
        if facet.column in result:
            raise RequestError(f"facets.{position}", shown(request.field), "the field is asked for twice")
        result[facet.column] = facet
    return tuple(result.values())


def _facet(request: FacetRequest, columns: Columns, parameter: str) -> Facet:
    column = columns.find(request.field, Place(parameter, shown(request.field)))
    ranged = column.type in RANGED
    if request.size is not None:
        place = Place(f"{parameter}.size", str(request.size))
        if ranged:
            raise place.error(f'"{column.name}" is a {column.type} field: it lists no values, but counts "ranges"')
        if not 1 <= request.size <= MAX_SIZE:
            raise place.error(f"wanted is a whole number from 1 to {MAX_SIZE:,}")
    if request.under and column.type is not FieldType.PATH:
        detail = f'"{column.name}" is a {column.type} field; only a path field has categories below another'
        raise Place(f"{parameter}.under", shown(request.under)).error(detail)
    if len(request.ranges) > MAX_RANGES:
        raise Place(f"{parameter}.ranges", f"{len(request.ranges)} ranges").error(f"at most {MAX_RANGES} are counted")
    ranges = [
        read_range(column, choice, f"{parameter}.ranges.{number}") for number, choice in enumerate(request.ranges)
    ]
    return Facet(
        column.key,
        DEFAULT_SIZE if request.size is None else request.size,
        tuple((one.lower, one.upper) for one in ranges),
        request.under,
    )
