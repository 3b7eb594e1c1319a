"""Facets as lists of choices, and what is chosen as chips that can be taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from indexer.fields import PATH_SEPARATOR, FieldType, Schema
from search.api.page.address import REFINE, Address
from search.response import SearchResponse

_ATTRIBUTES = 6
"""So many attributes are offered, those that most products of the result have."""
_FIRST = 8
"""So many values stand open, the others behind "more"."""
_NAMES = {"in_stock": "In stock", "out_of_stock": "Sold out", "preorder": "Pre-order", "backorder": "On back-order"}


@dataclass(frozen=True, slots=True)
class Option:
    """One value that can be chosen; beside it the total after choosing it, None where it is not counted."""

    value: str
    label: str
    count: int | None
    chosen: bool
    depth: int = 0


@dataclass(frozen=True, slots=True)
class FacetList:
    """A facet.

    Args:
        parameter: what a choice is called in the address.
        options: those that stand open.
        more: those behind "more".
    """

    name: str
    parameter: str
    label: str
    options: tuple[Option, ...]
    more: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Chip:
    """One choice that was made, and the address without it."""

    label: str
    url: str


def facet_lists(response: SearchResponse, address: Address, schema: Schema) -> tuple[FacetList, ...]:
    """The facets that are worth showing, category, price and brand first."""
    found = response.facets
    lists = [
        _facet("category", "Category", _categories(found["category"], address.refine.get("category", ()))),
        _facet("price", _price_label(schema), _ranges(found["price"], address.refine.get("price", ()))),
        *(_values(name, found[name], address, schema) for name in ("brand", *_telling(response, address))),
        _values("availability", found["availability"], address, schema),
    ]
    return tuple(facet for facet in lists if _is_choice(facet))


def chips(address: Address, schema: Schema) -> tuple[Chip, ...]:
    """What is chosen, in the order of the address."""
    result = [
        Chip(f"{field_label(name)}: {_label(name, value, schema)}", address.without(name, value).url)
        for name, values in address.refine.items()
        for value in values
    ]
    if address.price_from or address.price_to:
        bounds = range_label(f"{address.price_from}..{address.price_to}")
        result.append(Chip(f"Price: {bounds}", address.without_bounds().url))
    return tuple(result)


def field_label(name: str) -> str:
    """A field's name for people: `screen_inch` → "Screen inch"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def range_label(text: str) -> str:
    """A range for people: "..20" → "under 20"."""
    lower, _, upper = text.partition("..")
    if not lower:
        return f"under {_grouped(upper)}"
    return f"{_grouped(lower)} – {_grouped(upper)}" if upper else f"{_grouped(lower)} and more"


def _grouped(number: str) -> str:
    return f"{int(number):,}" if number.isascii() and number.isdigit() and len(number) < 16 else number


def _price_label(schema: Schema) -> str:
    currency = schema.currencies[schema.channel]
    return "Price" if currency == "XXX" else f"Price in {currency}"


def _telling(response: SearchResponse, address: Address) -> list[str]:
    """The attributes that are offered: refined ones, then those with several values that most of the result has."""
    fixed = {"category", "price", "brand", "availability"}
    held: dict[str, int] = {
        name: sum(count for _, count in counts) for name, counts in response.facets.items() if name not in fixed
    }
    several = [name for name in held if len(response.facets[name]) > 1 and held[name] * 5 >= response.total]
    best = sorted(several, key=lambda name: -held[name])[:_ATTRIBUTES]
    refined = [name for name in address.refine if name in held]
    return [*refined, *(name for name in best if name not in refined)]


def _values(name: str, counts: tuple[tuple[str, int], ...], address: Address, schema: Schema) -> FacetList:
    chosen = address.refine.get(name, ())
    listed = {value for value, _ in counts}
    options = [Option(value, _label(name, value, schema), None, True) for value in chosen if value not in listed]
    options += [Option(value, _label(name, value, schema), count, value in chosen) for value, count in counts]
    return _facet(name, field_label(name), tuple(options))


def _facet(name: str, label: str, options: tuple[Option, ...]) -> FacetList:
    first = max([_FIRST, *(place for place, option in enumerate(options, 1) if option.chosen)])
    # One more behind "more" takes the room of the word.
    first = len(options) if len(options) <= first + 1 or name == "category" else first
    return FacetList(name, REFINE + name, label, options[:first], options[first:])


def _is_choice(facet: FacetList) -> bool:
    return len(facet.options) > 1 or any(option.chosen for option in facet.options)


def _categories(counts: tuple[tuple[str, int], ...], chosen: tuple[str, ...]) -> tuple[Option, ...]:
    """The topmost ones, and below each that is chosen, or lies above one, those one level deeper."""
    open_ = {path for one in chosen for path in _and_above(one)}
    known = dict(counts)
    only = [path for path in known if PATH_SEPARATOR not in path]
    while len(only) == 1:  # the one way down needs no step
        open_.add(only[0])
        only = [path for path in known if path.rpartition(PATH_SEPARATOR)[0] == only[0]]
    shown = {path for path in known if not (parent := path.rpartition(PATH_SEPARATOR)[0]) or parent in open_}
    paths = _in_tree_order(shown | set(chosen), known)
    return tuple(
        Option(path, path.rpartition(PATH_SEPARATOR)[2], known.get(path), path in chosen, path.count(PATH_SEPARATOR))
        for path in paths
    )


def _and_above(path: str) -> list[str]:
    names = path.split(PATH_SEPARATOR)
    return [PATH_SEPARATOR.join(names[:depth]) for depth in range(1, len(names) + 1)]


def _in_tree_order(paths: set[str], counts: Mapping[str, int]) -> list[str]:
    """Each below the one that it is in, those beside each other by their counts."""

    def key(path: str) -> list[tuple[int, str]]:
        return [(-counts.get(above, 0), above) for above in _and_above(path)]

    return sorted(paths, key=key)


def _ranges(counts: tuple[tuple[str, int], ...], chosen: tuple[str, ...]) -> tuple[Option, ...]:
    """Those with products, and those that are chosen."""
    listed = {value for value, _ in counts}
    options = [Option(value, range_label(value), None, True) for value in chosen if value not in listed]
    options += [
        Option(value, range_label(value), count, value in chosen) for value, count in counts if count or value in chosen
    ]
    return tuple(options)


def _label(name: str, value: str, schema: Schema) -> str:
    field = schema.fields.get(name)
    if name == "availability":
        return _NAMES.get(value, value)
    if field is not None and field.type is FieldType.BOOLEAN:
        return {"true": "Yes", "false": "No"}.get(value, value)
    return range_label(value) if name == "price" and ".." in value else value
