"""A query as the generator knows it: its text, and what would answer it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .item import Item
from .stock import Stock


class QueryClass(StrEnum):
    """How the query asks."""

    KIND = "kind"
    SYNONYM = "synonym"
    NEED = "need"
    BRAND = "brand"
    ATTRIBUTE = "attribute"
    CODE = "code"
    TYPO = "typo"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Want:
    """One thing that would answer a query; empty fields ask for nothing.

    Args:
        grade: 1 (serves a little) to 3 (exactly that).
        kind: key of the kind.
        names: what the title calls it, as declared.
        brand: its brand.
        where: attribute → value; colour (as plain word) and size must hold of one variant.
        ids: these products only.
    """

    grade: int
    kind: str = ""
    names: tuple[str, ...] = ()
    brand: str = ""
    where: tuple[tuple[str, str], ...] = ()
    ids: frozenset[str] = frozenset()

    def matches(self, item: Item) -> bool:
        """Whether the product is this thing."""
        return (
            (not self.kind or item.kind.key == self.kind)
            and (not self.names or item.name in self.names)
            and (not self.brand or item.brand == self.brand)
            and (not self.ids or item.id in self.ids)
            and item.has(self.where)
        )


@dataclass(frozen=True, slots=True)
class Query:
    """A query with all that would answer it.

    Args:
        text: as typed.
        query_class: how it asks.
        wants: the best that a product matches is its grade; a product that matches none has grade 0.
        language: ISO 639-1 code of the text, "" for what is the same in all (part numbers, brands). A product that has
            no text in it has grade 1 at most: the right thing, but the shopper cannot read what it says.
    """

    text: str
    query_class: QueryClass
    wants: tuple[Want, ...]
    language: str = "en"

    def grade(self, item: Item) -> int:
        """How well the product answers the query: 0 (not at all) to 3."""
        best = max((want.grade for want in self.wants if want.matches(item)), default=0)
        return min(best, 1) if self.language and self.language not in item.title else best

    def grades(self, stock: Stock) -> dict[str, int]:
        """Product id → grade, only those above 0."""
        keys = [want.kind for want in self.wants]
        # Most queries ask for a few kinds only; looking at these alone makes the whole catalogue ten times faster.
        candidates = stock.of_kinds(keys) if all(keys) else stock.items
        return {item.id: grade for item in candidates if (grade := self.grade(item))}
