"""The name of an index: what it may be, and how it stands in file names."""

from __future__ import annotations

import unicodedata
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


def check_new_name(index: str) -> None:
    """Makes sure that a new index can be called so. Names with slashes, which no address over HTTP can hold, and with
    control characters, which break lines of logs and tables, are kept where there are any already.

    Raises:
        InputError: it cannot.
    """
    check_index_name(index)
    if "/" in index:
        raise InputError(
            f"{index[:40]!r} is no name of a new index: it has a slash, which parts the names in an address over HTTP; "
            f"take another character, such as {index[:40].replace('/', '-')!r}"
        )
    if any(unicodedata.category(char) == "Cc" for char in index):
        raise InputError(
            f"{index[:40]!r} is no name of a new index: it has a control character, which is a mistake in most cases; "
            "leave it out"
        )


def check_index_name(index: str) -> None:
    """Makes sure that an index can be called so, be it an old one.

    Raises:
        InputError: it cannot.
    """
    if not file_name(index):
        raise InputError(
            f"{index[:40]!r} is no name of an index: 1 to {MAX_NAME_BYTES} bytes are wanted, not only dots; "
            "what is neither letter nor digit in ASCII takes three for each of its own"
        )
