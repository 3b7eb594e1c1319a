"""A product of the sample catalogue together with what the generator knows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .codes import gtin13
from .kind import Kind, Value


@dataclass(frozen=True, slots=True)
class Option:
    """One buyable form of a product.

    Args:
        colour: the plain word, "" for none.
        shade: the seller's word for it.
        size: "" for none.
    """

    colour: str = ""
    shade: str = ""
    size: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A product as the generator knows it; `rows` turns it into a row of the feed.

    Args:
        id: six digits.
        name: the one of the kind's names that its title uses, as declared.
        model: its part number, "" for none.
        stem: the part number without the colour's letter; products that share it differ in colour only.
        options: its variants; a product without variants has one.
        values: attribute → value as it is printed; "colour" only where all variants share it.
        fits: id of the product that this is a part for, "" for none.
        title: language → text.
        description: language → text; {} for none.
    """

    id: str
    kind: Kind
    name: str
    brand: str
    model: str = ""
    stem: str = ""
    options: tuple[Option, ...] = (Option(),)
    values: Mapping[str, Value] = field(default_factory=dict)
    fits: str = ""
    title: Mapping[str, str] = field(default_factory=dict)
    description: Mapping[str, str] = field(default_factory=dict)

    @property
    def gtin(self) -> str:
        """The GTIN-13 of the product as a whole."""
        return self.option_gtin(0)

    def option_gtin(self, number: int) -> str:
        """The GTIN-13 of the variant `number`, counted from 1."""
        return gtin13(int(self.id) * 100 + number)

    def has(self, where: tuple[tuple[str, str], ...]) -> bool:
        """Whether all (attribute, value) hold; those on colour and size must hold of one variant."""
        of_variant = {name: value for name, value in where if name in ("colour", "size")}
        if any(str(self.values.get(name)) != value for name, value in where if name not in of_variant):
            return False
        return any(all(getattr(option, name) == value for name, value in of_variant.items()) for option in self.options)
