"""A query string in the form of a JSON body, so that both are checked by the same rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from search.errors import RequestError, shown

_LISTS = frozenset({"facets", "sort", "fields"})
_NUMBERS = frozenset({"page", "page_size"})
_FLAGS = frozenset({"highlight", "explain"})
_FLAG_VALUES = {"true": True, "1": True, "false": False, "0": False}
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_REFINE = "refine."


def to_body(raw: Mapping[str, str | Sequence[str]]) -> dict[str, Any]:
    """The parameters as a JSON body would have them; one without a value counts as absent.

    `facets`, `sort` and `fields` are lists, repeated or parted by commas; choices are written `refine.brand=Sony`,
    repeated for more of them. A value that does not look like its type stays text, for the body's rules to refuse.

    Args:
        raw: by name, a value or all the values given.

    Raises:
        RequestError: a parameter that takes one value is given more than once, or `refine` without a field.
    """
    body: dict[str, Any] = {}
    refine: dict[str, list[str]] = {}
    for name, given in raw.items():
        values = [value for value in ([given] if isinstance(given, str) else given) if value]
        if not values:
            continue
        if name == "refine":
            detail = "in a query string a choice is written refine.FIELD=VALUE, such as refine.brand=Sony"
            raise RequestError(name, shown(values[0]), detail)
        if name.startswith(_REFINE):
            refine[name.removeprefix(_REFINE)] = values
        elif name in _LISTS:
            body[name] = [part.strip() for value in values for part in value.split(",") if part.strip()]
        elif len(values) > 1:
            raise RequestError(shown(name), shown(values[1]), f"it is given {len(values)} times; once is wanted")
        else:
            body[name] = _typed(name, values[0])
    if refine:
        body["refine"] = refine
    return body


def _typed(name: str, value: str) -> str | int | bool:
    if name in _FLAGS:
        return _FLAG_VALUES.get(value.lower(), value)
    if name in _NUMBERS and _WHOLE.fullmatch(value):
        return int(value)
    return value
