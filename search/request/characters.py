"""What characters a request may hold, and how the typed text is cleaned."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from search.errors import RequestError, shown

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def clean(text: str) -> str:
    """What was typed, in NFC; a line break, a tab or any other control character parts words."""
    return unicodedata.normalize("NFC", _CONTROLS.sub(" ", text)).strip()


def check_characters(raw: Mapping[str, Any]) -> None:
    """Refuses halves of surrogate pairs, which JSON escapes can smuggle in and nothing behind can encode.

    Args:
        raw: parameters by name, with structures of any depth.

    Raises:
        RequestError: a name or a text anywhere holds one.
    """
    for name, value in raw.items():
        waiting: list[object] = [name, value]
        while waiting:
            part = waiting.pop()
            if isinstance(part, str):
                _check(name, part)
            elif isinstance(part, Mapping):
                waiting += [*part.keys(), *part.values()]
            elif isinstance(part, (list, tuple)):
                waiting += part


def _check(name: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        detail = "half of a surrogate pair is no character; send valid UTF-8"
        raise RequestError(shown(name), shown(text), detail) from error
