"""All products of a catalogue, to be found by their kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from .item import Item


class Stock:
    """Products in a fixed order.

    Args:
        items: the products.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self.items = tuple(items)
        self._by_kind: dict[str, list[Item]] = defaultdict(list)
        for item in self.items:
            self._by_kind[item.kind.key].append(item)

    def of_kind(self, key: str) -> list[Item]:
        """The products of one kind."""
        return self._by_kind.get(key, [])

    def of_kinds(self, keys: Iterable[str]) -> Iterator[Item]:
        """The products of several kinds, each once."""
        for key in dict.fromkeys(keys):
            yield from self.of_kind(key)
