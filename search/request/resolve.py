"""SearchRequest → engine types, by the fields that an index declares."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields

from indexer.engines.query import Facet, Filter, SortKey
from indexer.fields import Schema
from indexer.product import Product
from search.errors import RequestError, shown
from search.filters import parse, parse_facets, parse_refine, parse_sort
from search.filters.columns import nearest
from search.request.request import SearchRequest

SHOWN_FIELDS = (*(part.name for part in fields(Product)), "price", "list_price", "availability")
"""What a response can show of a product; the last three are the channel's."""


@dataclass(frozen=True, slots=True)
class ResolvedRequest:
    """A request in the terms of one index.

    Args:
        request: as it came.
        channel: the sales channel that prices and availability are of.
        filter: of `request.filters`, None for all.
        refine: by column key.
        facets: in the order asked for; position by position those of the request.
        sort: () by relevance.
    """

    request: SearchRequest
    channel: str
    filter: Filter | None
    refine: Mapping[str, Filter]
    facets: tuple[Facet, ...]
    sort: tuple[SortKey, ...]


def resolve(request: SearchRequest, schema: Schema, undeclared: Collection[str] = ()) -> ResolvedRequest:
    """Finds the column of each field that the request names, and turns values into those of the columns.

    Args:
        request: as parsed.
        schema: what the index declares.
        undeclared: attributes that products have, but that are in no column: only for better errors.

    Raises:
        RequestError: an unknown channel or field, or a value, type or limit that does not fit.
    """
    channel = request.channel
    if request.fields:
        _check_fields(request.fields, schema, undeclared)
    return ResolvedRequest(
        request=request,
        channel=channel or schema.channel,
        filter=parse(request.filters, schema, channel, undeclared=undeclared) if request.filters.strip() else None,
        refine=parse_refine(request.refine, schema, channel, undeclared=undeclared),
        facets=parse_facets(request.facets, schema, channel, undeclared=undeclared),
        sort=parse_sort(request.sort, schema, channel, undeclared=undeclared),
    )


def _check_fields(names: Collection[str], schema: Schema, undeclared: Collection[str]) -> None:
    known = {*SHOWN_FIELDS, *(field.attribute for field in schema.attributes), *undeclared}
    for place, name in enumerate(names):
        if name not in known:
            near = nearest(name, known)
            there = "" if near else f"; there are {', '.join(SHOWN_FIELDS)}, and the attributes of products"
            detail = f'no part of a product is called "{shown(name)}"{there}'
            raise RequestError(f"fields.{place}", shown(name), detail, nearest=near)
