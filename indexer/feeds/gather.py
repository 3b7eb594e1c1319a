"""The values of one row, sorted by what they are for."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from indexer.errors import RowError
from indexer.feeds.columns import Column, Kind
from indexer.feeds.flatten import expand
from indexer.feeds.records import shown
from indexer.feeds.sample import BOOLEANS, DECIMAL_COMMA, NUMBER
from indexer.feeds.text import clean
from indexer.product import Scalar, Value

T = TypeVar("T")
_MAX_INT = 2**63


class Claim(NamedTuple):
    """A value that may become a field of the product."""

    column: Column
    value: Any


class Gathered:
    """The values of a row: claims by target, the best column first, and attributes.

    Args:
        values: by column.
        columns: what each column is.
        textual: the format knows nothing but texts, so that numbers are read from them.

    Raises:
        RowError: a value that no product can hold.
    """

    def __init__(self, values: Mapping[str, Any], columns: Mapping[str, Column], *, textual: bool) -> None:
        self.attributes: dict[str, Value] = {}
        self._claims: dict[str, list[Claim]] = {}
        self._columns = columns
        self._textual = textual
        for name, value in values.items():
            kind = type(value)
            if kind is dict or kind is list:
                for inner_name, inner in expand(name, value):
                    self._place(inner_name, inner)
            elif value is not None and value != "":
                self._place(name, value)
        for claims in self._claims.values():
            claims.sort(key=lambda claim: claim.column.meaning.rank)

    def claims(self, target: str) -> list[Claim]:
        return self._claims.get(target, [])

    def first(self, target: str, read: Callable[[str, Any], T | None], *, lists: bool = False) -> T | None:
        """What `read` makes of the best column for `target` of which it makes anything.

        All else becomes attributes: the other columns, and a list of which only the first value was read.

        Args:
            read: from the column's name and a value; None where that says nothing.
            lists: `read` takes whole lists.
        """
        found: T | None = None
        for claim in self.claims(target):
            several = isinstance(claim.value, list) and not lists
            value = next(iter(claim.value), None) if several else claim.value
            result = read(claim.column.name, value) if found is None and value is not None else None
            found = found if result is None else result
            if result is None or (several and len(claim.value) > 1):
                self.leave(claim)
        return found

    def leave(self, claim: Claim) -> None:
        """Makes an attribute of what became no field."""
        self._attribute(claim.column, claim.value)

    def _place(self, name: str, value: Any) -> None:
        column = self._columns[name]
        if column.meaning.target:
            self._claims.setdefault(column.meaning.target, []).append(Claim(column, value))
        else:
            self._attribute(column, value)

    def _attribute(self, column: Column, value: Any) -> None:
        if isinstance(value, dict):
            for key, text in value.items():
                self._attribute(replace(column, name=f"{column.name}.{key}"), text)
            return
        if self._textual and column.kind is Kind.LIST and isinstance(value, str):
            value = value.split(",")
        read = self._many(column, value) if isinstance(value, list) else self._scalar(column, value)
        if read is not None and read != "" and read != ():
            self.attributes[column.name] = read

    def _many(self, column: Column, values: list[Any]) -> tuple[Scalar, ...]:
        found: list[Scalar] = []
        for value in values:
            if isinstance(value, list):
                found.extend(self._many(column, value))
            elif (scalar := self._scalar(column, value)) is not None and scalar != "":
                found.append(scalar)
        return tuple(found)

    def _scalar(self, column: Column, value: Any) -> Scalar | None:
        if isinstance(value, str):
            text = clean(column.name, value)
            return _typed(text, column.kind) if self._textual and column.kind is not Kind.TEXT else text
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, int) and -_MAX_INT <= value < _MAX_INT:
            return value
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isnan(number):
            return None  # how tables write that there is no value
        if math.isinf(number):
            raise RowError(column.name, shown(value), "not a finite number; leave it empty where there is none")
        return number


def _typed(text: str, kind: Kind) -> Scalar:
    if kind is Kind.NUMBER and NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    if kind is Kind.DECIMAL_COMMA and DECIMAL_COMMA.fullmatch(text):
        digits = text.replace(".", "")
        return float(digits.replace(",", ".")) if "," in digits else int(digits)
    if kind is Kind.BOOLEAN:
        return BOOLEANS.get(text.lower(), text)
    return text
