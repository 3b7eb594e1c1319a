"""Graded judgments: all products that answer a query, and some that only look as if they did."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from .item import Item
from .query import Query
from .stock import Stock

WORD_IN_TITLE = 12
"""So many products of grade 0 that share a word with the query in their titles."""
WORD_IN_DESCRIPTION = 8
"""So many that share one in their descriptions."""
SAME_SHELF = 8
"""So many that stand on the same shelf as the products that answer it."""
BY_CHANCE = 2
"""So many of all the rest."""


@dataclass(frozen=True, slots=True)
class Judgment:
    """How well one product answers one query.

    Args:
        grade: 0 (not at all) to 3 (exactly that).
    """

    query: str
    product_id: str
    grade: int


def judge(queries: Iterable[Query], stock: Stock, seed: int) -> list[Judgment]:
    """Judgments by query, then the best grades first, then by id.

    No product above grade 0 is left out, so that a product without a judgment is known to be grade 0.
    """
    rng = random.Random(f"{seed}/judgments")
    index = _WordIndex(stock.items)
    result: list[Judgment] = []
    for query in queries:
        grades = query.grades(stock)
        grades.update(dict.fromkeys(index.lookalikes(query, grades, rng), 0))
        ranked = sorted(grades.items(), key=lambda pair: (-pair[1], pair[0]))
        result.extend(Judgment(query.text, product_id, grade) for product_id, grade in ranked)
    return result


class _WordIndex:
    """Which products hold a word."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = {item.id: item for item in items}
        self._titles: dict[str, set[str]] = defaultdict(set)
        self._descriptions: dict[str, set[str]] = defaultdict(set)
        self._shelves: dict[str, set[str]] = defaultdict(set)
        for item in items:
            self._shelves[_shelf(item)].add(item.id)
            for word in _words(item.title.values()):
                self._titles[word].add(item.id)
            for word in _words(item.description.values()):
                self._descriptions[word].add(item.id)

    def lookalikes(self, query: Query, answers: Collection[str], rng: random.Random) -> list[str]:
        """Ids of products of grade 0 that a search might take for an answer."""
        words = _words([query.text])
        shelves = {_shelf(self._items[product_id]) for product_id in answers}
        groups = (
            (WORD_IN_TITLE, set().union(*(self._titles[word] for word in words))),
            (WORD_IN_DESCRIPTION, set().union(*(self._descriptions[word] for word in words))),
            (SAME_SHELF, set().union(*(self._shelves[shelf] for shelf in shelves))),
            (BY_CHANCE, set(self._items)),
        )
        chosen: list[str] = []
        for most, group in groups:
            rest = sorted(group.difference(answers, chosen))
            chosen.extend(rng.sample(rest, min(most, len(rest))))
        return chosen


def _shelf(item: Item) -> str:
    return " > ".join(item.kind.path.split(" > ")[:2])


def _words(texts: Iterable[str]) -> frozenset[str]:
    """Words of three letters and more, without a plural s."""
    found = (word for text in texts for word in re.findall(r"\w+", text.lower()))
    return frozenset(word.removesuffix("s") for word in found if len(word) >= 3)
