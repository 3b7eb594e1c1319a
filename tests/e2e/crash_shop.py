"""The shop of the crash tests: every part of a product carries its version, and the ledger knows what was promised.

The ledger is the client's: it is told what a feed holds and which lines the import has acknowledged, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

PRODUCTS = 1_200
"""Three chunks: two of 500, one of 200."""

_LETTERS = "bcdfghjklmnpqrtvwxz"

Rows = Sequence[tuple[str, int]]
"""(id, version) of each line of a feed."""


def word(version: int) -> str:
    """The word of a version: no stemmer changes it and no other version's is part of it."""
    return "v" + _LETTERS[version // len(_LETTERS)] + _LETTERS[version % len(_LETTERS)]


def price(version: int) -> int:
    """In cents."""
    return 1000 + 100 * version


def text(product_id: str, version: int) -> str:
    """What is embedded."""
    return f"{title(product_id, version)}\n{description(version)}"


def title(product_id: str, version: int) -> str:
    return f"Lamp {product_id} {word(version)}"


def description(version: int) -> str:
    return f"A lamp of the edition {word(version)}"


def rows(numbers: Sequence[int], version: int) -> Rows:
    return [(f"p{number:04d}", version) for number in numbers]


def write_feed(path: Path, feed: Rows) -> Path:
    """JSON Lines, the rows in order."""
    with open(path, "w") as file:
        for product_id, version in feed:
            product = {
                "id": product_id,
                "title": title(product_id, version),
                "description": description(version),
                "edition": word(version),
                "price": f"{price(version) / 100:.2f} EUR",
            }
            file.write(json.dumps(product) + "\n")
    return path


@dataclass
class Ledger:
    """What a client may expect of an index.

    Attributes:
        allowed: id → the versions it may have now; None: it may be absent.
        versions: all that were ever sent.
        change_number: the newest that was acknowledged.
        searchable: a command that makes it so has ended well.
    """

    allowed: dict[str, frozenset[int | None]] = field(default_factory=dict)
    versions: set[int] = field(default_factory=set)
    change_number: int = 0
    searchable: bool = False

    def begin(self, feed: Rows, *, sync: bool) -> None:
        """A command was started: everything may be as before, or already as the feed wants it."""
        for product_id, version in feed:
            self.versions.add(version)
            self.allowed[product_id] = self.allowed.get(product_id, frozenset({None})) | {version}
        if sync:
            named = {product_id for product_id, _ in feed}
            for product_id in self.allowed.keys() - named:
                self.allowed[product_id] |= {None}

    def hear(self, lines: Sequence[str], feed: Rows) -> int:
        """Reads what the command printed; returns how many acknowledgements there were."""
        heard = 0
        for line in lines:
            message = json.loads(line)
            if "last_line" not in message:
                continue
            heard += 1
            self.change_number = max(self.change_number, message["change_number"])
            for product_id, version in feed[: message["last_line"]]:
                self.allowed[product_id] = frozenset({version})
        return heard

    def absent(self) -> bool:
        """Whether a sync has removed products since they were last in a feed."""
        return frozenset({None}) in self.allowed.values()

    def finish(self, feed: Rows, *, sync: bool) -> None:
        """The command ended well."""
        for product_id, version in feed:
            self.allowed[product_id] = frozenset({version})
        if sync:
            named = {product_id for product_id, _ in feed}
            for product_id in self.allowed.keys() - named:
                self.allowed[product_id] = frozenset({None})
        self.searchable = True
