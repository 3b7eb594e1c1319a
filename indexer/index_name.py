"""The name of an index: what it may be, and how it stands in file names."""

from __future__ import annotations

from urllib.parse import quote

from indexer.errors import InputError

MAX_NAME_BYTES = 200
"""Of the name of an index as it stands in file names, which take 255."""


def file_name(index: str) -> str:
    """The name of an index in file names, "" where it can be none: too long, nothing but dots, or half a character."""
    try:
        name = quote(index, safe="-_")
    except UnicodeEncodeError:
        return ""
    return name if len(name) <= MAX_NAME_BYTES and name.strip(".") else ""


def check_index_name(index: str) -> None:
    """Makes sure that an index can be called so.

    Raises:
        InputError: it cannot.
    """
    if not file_name(index):
        raise InputError(
            f"{index[:40]!r} is no name of an index: 1 to {MAX_NAME_BYTES} bytes are wanted, not only dots; "
            "what is neither letter nor digit in ASCII takes three for each of its own"
        )
