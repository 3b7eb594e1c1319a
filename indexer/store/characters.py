"""The characters of texts that every database can hold: all but NUL, and no half of a surrogate pair."""

from __future__ import annotations

import re

from indexer.errors import InputError

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def check_characters(name: str, text: str) -> None:
    """Makes sure that a name or key can be stored, and found again by it.

    Raises:
        InputError: it cannot.
    """
    if _UNSTORABLE.search(text):
        raise InputError(f"{name} is {text[:40]!r}, with a character that cannot be stored; leave it out")


def storable(text: str) -> str:
    """A text for people, with U+FFFD for what cannot be stored."""
    return _UNSTORABLE.sub("\ufffd", text)
