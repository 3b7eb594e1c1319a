"""A filter as text → the typed filter of an engine."""

from __future__ import annotations

from collections.abc import Collection

from indexer.engines.query import Exists, Filter, Not
from indexer.fields import Schema
from search.errors import Place, RequestError, shown
from search.filters.columns import Column, Columns
from search.filters.conditions import all_of, any_of, one_of, within
from search.filters.nesting import MAX_DEPTH, too_deep
from search.filters.syntax import (
    Condition,
    Conjunction,
    Disjunction,
    Existence,
    Group,
    Membership,
    Negation,
    Node,
    Word,
    read,
)
from search.filters.values import Written

MAX_CHARS = 4_000
MAX_CONDITIONS = 200
MAX_VALUES = 500
"""Of one IN."""

_TOO_DEEP = f"parentheses and NOT nest at most {MAX_DEPTH} deep"


def parse(
    text: str, schema: Schema, channel: str = "", *, undeclared: Collection[str] = (), parameter: str = "filters"
) -> Filter:
    """The engine's filter of a filter as text; docs/filters.md describes the language.

    Args:
        text: the filter, at most 4,000 characters.
        schema: what the index declares.
        channel: whose prices and availability it speaks of, "" for the index's default.
        undeclared: attributes that products have, but that are in no column: only for better errors.
        parameter: of the request or setting that the text comes from, for errors.

    Returns:
        A tree over column keys with values of the columns' types. What AND joins is one flat `And`.

    Raises:
        RequestError: syntax, a field, a value or a limit, with the column in the text.
    """
    if len(text) > MAX_CHARS:
        detail = f"{len(text):,} characters; at most {MAX_CHARS:,} are read (many values of one field go into one IN)"
        raise RequestError(parameter, shown(text), detail)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        place = Place(parameter, text.encode("utf-8", "replace").decode(), error.start + 1)
        raise place.error("half of a surrogate pair is no character; send valid UTF-8") from error
    if not text.strip():
        raise RequestError(parameter, text, "it is empty; leave it out, or write a condition such as price < 500")
    return _Resolver(text, Columns(schema, channel, undeclared), parameter).resolve(_read(text, parameter), 0)


def _read(text: str, parameter: str) -> Node:
    try:
        return read(text, parameter)
    except RequestError:
        # What nests too deep is rarely closed as often as it is opened.
        if column := too_deep(text):
            raise Place(parameter, text, column).error(_TOO_DEEP) from None
        raise


class _Resolver:
    """Goes once over the tree of one text."""

    def __init__(self, text: str, columns: Columns, parameter: str) -> None:
        self._text = text
        self._columns = columns
        self._parameter = parameter
        self._conditions = 0

    def resolve(self, node: Node, depth: int) -> Filter:
        match node:
            case Negation() | Group():
                # Checked on the way down, so that no text can exhaust the stack.
                if depth == MAX_DEPTH:
                    raise self._place(node.column).error(_TOO_DEEP)
                inner = self.resolve(node.operand, depth + 1)
                return Not(inner) if isinstance(node, Negation) else inner
            case Conjunction(operands):
                return all_of([self.resolve(operand, depth) for operand in operands])
            case Disjunction(operands):
                return any_of([self.resolve(operand, depth) for operand in operands])
            case _:
                return self._condition(node)

    def _condition(self, condition: Condition) -> Filter:
        self._conditions += 1
        if self._conditions > MAX_CONDITIONS:
            detail = f"a filter has at most {MAX_CONDITIONS} conditions (many values of one field go into one IN)"
            raise self._place(condition.field.column).error(detail)
        column = self._column(condition.field)
        match condition:
            case Membership(_, values):
                if len(values) > MAX_VALUES:
                    detail = f"IN has {len(values):,} values, at most {MAX_VALUES} are allowed"
                    raise self._place(values[MAX_VALUES].column).error(detail)
                return one_of(column, [self._written(value) for value in values])
            case Existence():
                return Exists(column.key)
            case _:
                return within(
                    column,
                    None if condition.lower is None else self._written(condition.lower),
                    None if condition.upper is None else self._written(condition.upper),
                    self._place(condition.field.column),
                    include_lower=condition.include_lower,
                    include_upper=condition.include_upper,
                )

    def _column(self, name: Word) -> Column:
        return self._columns.find(name.text, self._place(name.column))

    def _written(self, word: Word) -> Written:
        return Written(word.text, self._place(word.column))

    def _place(self, column: int) -> Place:
        return Place(self._parameter, self._text, column)
