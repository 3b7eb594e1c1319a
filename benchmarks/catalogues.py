"""Catalogues of any size, made by repeating a real one with variations, and queries such as people type."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from shops import WORK, icecat_feed

SEED = 11
_WORD = re.compile(r"[^\W\d_]{3,}")
_LENGTHS = ((1, 0.40), (2, 0.30), (3, 0.18), (4, 0.08), (6, 0.04))
"""Words of a query and how often: most shoppers type one to three."""
_PART_NUMBERS = 0.05


def products() -> list[dict[str, Any]]:
    """The real products."""
    with gzip.open(icecat_feed()) as lines:
        return [orjson.loads(line) for line in lines]


def repeated(count: int) -> Iterator[dict[str, Any]]:
    """`count` products: the real ones, then copies with another id, part number, price and word in the title."""
    originals = products()
    draw = random.Random(SEED)
    yield from originals[:count]
    for number in range(len(originals), count):
        original = originals[number % len(originals)]
        copy = dict(original)
        mark = f"{number // len(originals)}{draw.randrange(1000):03}"
        copy["id"] = f"{original['id']}-{mark}"
        copy["name"] = f"{original['name']}-{mark}"
        copy["ean"] = []
        if isinstance(original.get("price"), int):
            copy["price"] = max(1, round(original["price"] * draw.uniform(0.6, 1.4)))
        words = str(original["title"]).replace(str(original["name"]), copy["name"]).split(" ")
        other = str(draw.choice(originals)["title"]).split(" ")
        words[draw.randrange(len(words))] = draw.choice(other)
        copy["title"] = " ".join(words)
        yield copy


def feed(count: int) -> Path:
    """The feed of `repeated(count)`, written once."""
    path = WORK / f"icecat-{count}.jsonl.gz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".part")
        with gzip.open(beside, "wb", compresslevel=3) as file:
            for product in repeated(count):
                file.write(orjson.dumps(product) + b"\n")
        beside.rename(path)
    return path


def queries(count: int, seed: int = SEED) -> list[str]:
    """Distinct queries: neighbouring words of titles, mostly one to three, some of them part numbers.

    Words are drawn from the whole catalogue's titles, so that frequent words are asked often, as they are in a shop.
    """
    originals = products()
    draw = random.Random(seed)
    lengths, shares = zip(*_LENGTHS, strict=True)
    made: dict[str, None] = {}
    for _ in range(100 * count):
        product = draw.choice(originals)
        words = _WORD.findall(str(product["title"]).lower())
        length = draw.choices(lengths, shares)[0]
        if draw.random() < _PART_NUMBERS:
            made[str(product["name"]).lower()] = None
        elif len(words) >= length:
            start = draw.randrange(len(words) - length + 1)
            made[" ".join(words[start : start + length])] = None
        if len(made) == count:
            return list(made)
    raise SystemExit(f"the titles give only {len(made)} distinct queries, {count} are wanted")
