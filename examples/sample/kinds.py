"""All kinds of the shop, in the order of the departments."""

from __future__ import annotations

from collections.abc import Sequence

from .departments import (
    appliances,
    cookware,
    electronics,
    fashion,
    food,
    furniture,
    garden,
    homeware,
    shoes,
    sports,
    toys,
)
from .kind import Kind

KINDS: tuple[Kind, ...] = (
    *fashion.KINDS,
    *shoes.KINDS,
    *appliances.KINDS,
    *cookware.KINDS,
    *food.KINDS,
    *furniture.KINDS,
    *homeware.KINDS,
    *garden.KINDS,
    *electronics.KINDS,
    *toys.KINDS,
    *sports.KINDS,
)

BY_KEY = {kind.key: kind for kind in KINDS}


def counts(size: int, kinds: Sequence[Kind] = KINDS) -> dict[str, int]:
    """How many products each kind gets in a catalogue of `size`: its share, by largest remainder.

    Raises:
        ValueError: the size is negative.
    """
    if size < 0:
        raise ValueError(f"size is {size}; wanted 0 or more")
    total = sum(kind.share for kind in kinds)
    exact = {kind.key: size * kind.share / total for kind in kinds}
    result = {key: int(share) for key, share in exact.items()}
    by_remainder = sorted(exact, key=lambda key: result[key] - exact[key])
    for key in by_remainder[: size - sum(result.values())]:
        result[key] += 1
    return result
