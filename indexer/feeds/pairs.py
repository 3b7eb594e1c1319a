"""Attributes written as pairs of columns, `Attribute 1 name` and `Attribute 1 value(s)`, made one column each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

_NAME = re.compile(r"(attribute|option|property|feature|spec)[ _]?(\d+)[ _]name$", re.IGNORECASE)
_SEVERAL = re.compile(r"(?<!\\),\s*")


@dataclass(frozen=True, slots=True)
class Pairs:
    """Columns that name an attribute, each with the column of its value and whether that holds several."""

    columns: tuple[tuple[str, str, bool], ...] = ()

    @classmethod
    def among(cls, header: Sequence[str]) -> Self:
        """The pairs that stand in a header."""
        known = {name.casefold(): name for name in header}
        found = []
        for name in header:
            if not _NAME.search(name):
                continue
            stem = name[: -len("name")].casefold()
            for ending in ("value(s)", "values", "value"):
                if value := known.get(stem + ending):
                    found.append((name, value, ending != "value"))
                    break
        return cls(tuple(found))

    def fold(self, values: dict[str, Any]) -> Mapping[str, Any]:
        """The values with each pair as one column; a name without a value goes."""
        for name_column, value_column, several in self.columns:
            name = values.pop(name_column, "").strip()
            value = values.get(value_column)
            if name and value is not None:
                del values[value_column]
                values[name] = [part.replace("\\,", ",") for part in _SEVERAL.split(value)] if several else value
        return values
