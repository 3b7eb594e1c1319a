"""A kind of thing that the shop sells, as it is declared in `departments`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Foreign:
    """A kind's texts in another language.

    Args:
        names: what titles call it; of one gender where `colour` stands beside it.
        uses: sentences that say what it is for; may name attributes in braces.
        asked: what people who speak the language type.
    """

    names: tuple[str, ...]
    uses: tuple[str, ...]
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing.

    All texts but `asked`, `synonyms` and `asked_with` may name attributes in braces: "{capacity_l} l".

    Args:
        key: its name in `near` and in the needs.
        path: where it hangs in the shop's tree.
        share: how many of a catalogue of about 2,000 products are of this kind.
        price: lowest and highest, in the currency's major unit.
        brands: who makes it.
        names: what different sellers call it in titles; interchangeable unless `apart`.
        uses: sentences that say what it is for.
        facts: sentences about one product.
        asked: what people type who want it.
        features: words before the name in longer titles.
        details: short data after the name in longer titles.
        has: attribute → its possible values; one beginning with "_" appears in texts only.
        sizes: sizes that become variants.
        model: pattern of the part number, "#" a digit and "?" a letter; "" for none.
        fits: the kind that this is a part for; texts may then name one of its products as {fits}.
        synonyms: what people type though no title says so.
        asked_with: queries that name attributes in braces, also {size}.
        apart: the names are different things: a query means those that hold all its words, the rest serve a little.
        means: query → the names that it means, where its words do not say so.
        near: other kind → how well (1 or 2) it serves somebody who asked for this one.
    """

    key: str
    path: str
    share: int
    price: tuple[float, float]
    brands: tuple[str, ...]
    names: tuple[str, ...]
    uses: tuple[str, ...]
    facts: tuple[str, ...]
    asked: tuple[str, ...]
    features: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    has: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    sizes: tuple[str, ...] = ()
    model: str = ""
    fits: str = ""
    synonyms: tuple[str, ...] = ()
    asked_with: tuple[str, ...] = ()
    apart: bool = False
    means: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    near: Mapping[str, int] = field(default_factory=dict)
