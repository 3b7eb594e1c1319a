"""Numbers that name products: GTIN and part numbers."""

from __future__ import annotations

import random
import string


def gtin13(body: int) -> str:
    """A GTIN-13 in the range that GS1 leaves to shops for their own use (it begins with 2), with its check digit.

    Args:
        body: up to eleven digits; the rest is filled with zeros.
    """
    digits = f"2{body:011d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def part_number(pattern: str, rng: random.Random) -> str:
    """A part number after `pattern`: "#" becomes a digit, "?" a capital letter."""
    drawn = {"#": string.digits, "?": string.ascii_uppercase}
    return "".join(rng.choice(drawn[sign]) if sign in drawn else sign for sign in pattern)
