"""Slips of the fingers."""

from __future__ import annotations

import random
from collections.abc import Callable

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
"""The keyboard, to find the key beside."""


def swapped(word: str, place: int) -> str:
    """The letters at `place` and after it in the wrong order."""
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def dropped(word: str, place: int) -> str:
    """Without the letter at `place`."""
    return word[:place] + word[place + 1 :]


def doubled(word: str, place: int) -> str:
    """With the letter at `place` twice."""
    return word[: place + 1] + word[place:]


def beside(word: str, place: int) -> str:
    """The key next to the letter at `place`, hit instead of it; a sign that is not on the keyboard stays."""
    for row in ROWS:
        if (found := row.find(word[place])) >= 0:
            return word[:place] + row[found - 1 if found else 1] + word[place + 1 :]
    return word


SLIPS: tuple[Callable[[str, int], str], ...] = (swapped, dropped, doubled, beside)


def mistyped(text: str, rng: random.Random) -> str:
    """The text with one slip in its longest word, never at that word's first letter.

    Raises:
        ValueError: no word has at least five letters, so that nobody could tell what was meant.
    """
    word = max(text.split(), key=len)
    if len(word) < 5:
        raise ValueError(f"{text!r} has no word of five letters; choose a longer query to mistype")
    slip = rng.choice(SLIPS)
    wrong = slip(word, rng.randrange(1, len(word) - 2))
    return text.replace(word, wrong, 1)
