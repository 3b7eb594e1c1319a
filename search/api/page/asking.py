"""From the page's address to searches of an index. They are no shopper's, and leave no records."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from indexer.fields import PATH_SEPARATOR, FieldType, Schema
from indexer.money import minor_digits
from search.api.page.address import Address
from search.caller import Caller
from search.errors import RequestError, shown
from search.request import Mode, parse_request, resolve
from search.response import SearchResponse
from search.searcher import IndexSearcher
from search.services import Services

PAGE_SIZE = 24
COMPARED = 10
"""So many products each column of the comparison has."""
_ATTRIBUTES = 24
"""So many attributes are counted for each search, the most frequent of the index, to show those that tell it apart."""
_VALUES = 40
_CATEGORIES = 400
_BOUNDS = ("10", "25", "50", "100", "250", "500", "1000", "2500", "5000", "10000", "100000")
RANGES = tuple(f"{low}..{high}" for low, high in zip(("", *_BOUNDS), (*_BOUNDS, "")))
"""Of prices, in major units."""
_SHOWN = [
    *("id", "title", "description", "brand", "categories", "url", "images"),
    *("price", "list_price", "availability", "rating", "rating_count"),
]


def ask(services: Services, index: str, address: Address, caller: Caller) -> SearchResponse:
    """The page of results with facets, marks and explanations.

    Raises:
        RequestError: a choice that the index does not have.
        NotFoundError: there is no such index, or nothing in it.
    """
    searcher = services.searcher(index)
    body: dict[str, Any] = {
        **_asked(address, searcher.schema),
        "facets": _facets(address, searcher.schema),
        "sort": [address.sort] if address.sort else [],
        "page": address.page,
        "page_size": PAGE_SIZE,
        "highlight": True,
        "explain": True,
    }
    return _search(services, index, searcher, body, caller)


def ask_sides(services: Services, index: str, address: Address, caller: Caller) -> dict[Mode, SearchResponse]:
    """What words, meaning and both of them find; errors are those of `ask`."""
    searcher = services.searcher(index)
    body = {**_asked(address, searcher.schema), "page_size": COMPARED, "explain": True}
    return {
        mode: _search(services, index, searcher, {**body, "mode": mode.value}, caller)
        for mode in (Mode.LEXICAL, Mode.HYBRID, Mode.VECTOR)
    }


def _search(
    services: Services, index: str, searcher: IndexSearcher, body: dict[str, Any], caller: Caller
) -> SearchResponse:
    request = parse_request(body, "body")
    resolved = resolve(request, searcher.schema, services.undeclared(index))
    return searcher.search(resolved, caller.enforced(searcher.schema))


def _asked(address: Address, schema: Schema) -> dict[str, Any]:
    refine = {name: list(values) for name, values in address.refine.items()}
    if address.price_from or address.price_to:
        refine["price"] = [*refine.get("price", ()), _between(address, schema)]
    return {"q": address.q, "refine": refine, "fields": _SHOWN}


def _between(address: Address, schema: Schema) -> str:
    """The typed bounds as a choice, whose upper one is not inside: the next price is."""
    lower, upper = _amount("price_from", address.price_from), _amount("price_to", address.price_to)
    if lower is not None and upper is not None:
        lower, upper = min(lower, upper), max(lower, upper)
    if upper is not None:
        upper += Decimal(1).scaleb(-minor_digits(schema.currencies[schema.channel]))
    return f"{'' if lower is None else format(lower, 'f')}..{'' if upper is None else format(upper, 'f')}"


def _amount(name: str, text: str) -> Decimal | None:
    if not text:
        return None
    try:
        amount = Decimal(text.replace(",", "."))
    except InvalidOperation:
        amount = Decimal(-1)
    if not (amount.is_finite() and 0 <= amount < 10**9 and -4 <= int(amount.as_tuple().exponent) <= 0):
        raise RequestError(name, shown(text), "wanted is a price such as 20 or 19.99")
    return amount


def _facets(address: Address, schema: Schema) -> list[dict[str, Any]]:
    listed = {FieldType.KEYWORD, FieldType.BOOLEAN, FieldType.PATH}
    attributes = [field.name for field in schema.attributes if field.type in listed][:_ATTRIBUTES]
    attributes += [name for name in address.refine if name in schema.fields and name not in attributes]
    facets: list[dict[str, Any]] = [
        {"field": "category", "size": _CATEGORIES},
        {"field": "price", "ranges": list(RANGES)},
        {"field": "brand", "size": _VALUES},
        {"field": "availability"},
        {"field": "rating"},
        {"field": "released_at"},
    ]
    there = {facet["field"] for facet in facets}
    return facets + [
        {"field": name, "size": _VALUES} if schema.fields[name].type in listed else {"field": name}
        for name in attributes
        if name not in there
    ]


def popular(services: Services, index: str, caller: Caller) -> tuple[tuple[str, int], ...]:
    """Categories of the index with the products in them, those with most first; for who has found nothing."""
    searcher = services.searcher(index)
    body = {"facets": [{"field": "category", "size": _CATEGORIES}], "page_size": 1, "fields": ["id"]}
    counts = _search(services, index, searcher, body, caller).facets["category"]
    topmost = tuple((path, count) for path, count in counts if PATH_SEPARATOR not in path)
    return (topmost if len(topmost) > 1 else counts)[:8]


def first_index(services: Services, names: list[str]) -> str:
    """The index that is shown where none is named: the first that can be searched, "" where there is none."""
    return next((name for name in names if services.engine.live(name) is not None), names[0] if names else "")


def named(address: Address, index: str, names: list[str]) -> Address:
    """The address with the name of its index where there are several."""
    return replace(address, index=index if len(names) > 1 else "")
