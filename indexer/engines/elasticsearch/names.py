"""What indexes, generations and aliases are called in Elasticsearch.

The index `products` is the alias `shelfwise-products`, its seventh generation `shelfwise-products@7`. Elasticsearch
takes no capitals and few signs: each byte of any other character is written as `=` and two hexadecimal digits.
"""

from __future__ import annotations

import hashlib
import re

_PLAIN = re.compile(rb"[a-z0-9._-]")
_MAX_BYTES = 180
"""Elasticsearch takes 255, of which prefix, number and a hash have their part."""


class Names:
    """The names under one prefix."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.commits = f"{prefix}@commits"
        """The index that says what was committed to each generation; no index of ours is called ""."""

    def alias(self, index: str) -> str:
        """What points at the live generation of an index."""
        return self.prefix + encoded(index)

    def generation(self, index: str, number: int) -> str:
        """The Elasticsearch index of a generation."""
        return f"{self.alias(index)}@{number}"

    def generations(self, index: str) -> str:
        """A pattern that all generations of an index have, and perhaps others of no concern."""
        return f"{self.alias(index)}@*"

    @property
    def everything(self) -> str:
        """A pattern that all generations under the prefix have, and perhaps others of no concern."""
        return f"{self.prefix}*@*"

    def number(self, index: str, name: str) -> int | None:
        """The number of the generation that an Elasticsearch index is, None where it is none of this index."""
        head, _, number = name.rpartition("@")
        whole = number.isascii() and number.isdigit() and str(int(number)) == number
        return int(number) if whole and head == self.alias(index) else None


def encoded(index: str) -> str:
    """An index's name as a part of an Elasticsearch name: another one for each, and readable where it is ordinary."""
    raw = index.encode("utf-8", "surrogatepass")
    result = "".join(chr(byte) if _PLAIN.match(bytes([byte])) else f"={byte:02x}" for byte in raw)
    if len(result) <= _MAX_BYTES:
        return result
    # Behind a single "=" stand two digits, so that no other name is written with two.
    return f"{result[: _MAX_BYTES - 34]}=={hashlib.sha256(raw).hexdigest()[:32]}"
