"""The form of a filter: text → tree, by the grammar alone; which fields there are, and of what type, comes later."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import cast

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from search.errors import Place, RequestError

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_OPENED = {quote: re.compile(rf"{quote}(?:[^{quote}\\]|\\[\"'`\\])*") for quote in "\"'`"}
"""As far as a quoted text is well formed, its closing quote apart."""


@dataclass(frozen=True, slots=True)
class Word:
    """A field name or a value as written, quotes and escapes undone, with the column (from 1) where it starts."""

    text: str
    column: int


@dataclass(frozen=True, slots=True)
class Membership:
    """The field has one of the values: `colour:red`, `colour IN (red, blue)`."""

    field: Word
    values: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """The field has a value within the bounds: `price < 500`, `price:100..200`. None is open."""

    field: Word
    lower: Word | None = None
    upper: Word | None = None
    include_lower: bool = True
    include_upper: bool = True


@dataclass(frozen=True, slots=True)
class Existence:
    """The field has a value: `EXISTS(rating)`."""

    field: Word


@dataclass(frozen=True, slots=True)
class Negation:
    """`NOT …`; `column` is where it starts."""

    operand: Node
    column: int


@dataclass(frozen=True, slots=True)
class Group:
    """Parentheses, kept because their depth is limited; `column` is where they open."""

    operand: Node
    column: int


@dataclass(frozen=True, slots=True)
class Conjunction:
    """`… AND …`."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Disjunction:
    """`… OR …`."""

    operands: tuple[Node, ...]


Condition = Membership | Interval | Existence
Node = Condition | Negation | Group | Conjunction | Disjunction
_Bounds = tuple[Word | None, Token, Word | None]


def read(text: str, parameter: str) -> Node:
    """The tree of a filter.

    Args:
        text: the filter.
        parameter: of the request, for errors.

    Raises:
        RequestError: it does not follow the grammar; the column is where it first goes wrong.
    """
    try:
        return cast(Node, _parser().parse(text))
    except UnexpectedInput as error:
        raise _explained(error, text, parameter) from error


@cache
def _parser() -> Lark:
    return Lark.open("filters.lark", rel_to=__file__, parser="lalr", transformer=_Tree(), maybe_placeholders=False)


@v_args(inline=True)
class _Tree(Transformer[Token, Node]):
    """Builds the records while the text is read; one method for each rule or alias of the grammar."""

    def bare(self, token: Token) -> Word:
        return Word(str(token), _column(token))

    def quoted(self, token: Token) -> Word:
        return Word(_ESCAPE.sub(r"\1", token[1:-1]), _column(token))

    def equality(self, field: Word, operator: Token, value: Word) -> Node:
        return _unless(operator == "!=", Membership(field, (value,)))

    def between(self, lower: Word, dots: Token, upper: Word) -> _Bounds:
        return lower, dots, upper

    def upwards(self, lower: Word, dots: Token) -> _Bounds:
        return lower, dots, None

    def downwards(self, dots: Token, upper: Word) -> _Bounds:
        return None, dots, upper

    def within(self, field: Word, operator: Token, bounds: _Bounds) -> Node:
        lower, dots, upper = bounds
        interval = Interval(field, lower, upper, not dots.startswith("<"), not dots.endswith("<"))
        return _unless(operator == "!=", interval)

    def comparison(self, field: Word, operator: Token, value: Word) -> Node:
        included = operator.endswith("=")
        if operator.startswith("<"):
            return Interval(field, upper=value, include_upper=included)
        return Interval(field, lower=value, include_lower=included)

    def values(self, _opening: Token, *values: Word) -> tuple[Word, ...]:
        return values

    def membership(self, field: Word, values: tuple[Word, ...]) -> Node:
        return Membership(field, values)

    def exclusion(self, field: Word, _not: Token, values: tuple[Word, ...]) -> Node:
        return _unless(True, Membership(field, values))

    def existence(self, field: Word) -> Node:
        return Existence(field)

    def existence_of(self, _opening: Token, field: Word) -> Node:
        return Existence(field)

    def negated(self, keyword: Token, operand: Node) -> Node:
        return Negation(operand, _column(keyword))

    def group(self, opening: Token, operand: Node) -> Node:
        return Group(operand, _column(opening))

    def conjunction(self, *operands: Node) -> Node:
        return Conjunction(operands)

    def disjunction(self, *operands: Node) -> Node:
        return Disjunction(operands)


def _column(token: Token) -> int:
    return cast(int, token.start_pos) + 1


def _unless(negated: bool, condition: Condition) -> Node:
    return Negation(condition, condition.field.column) if negated else condition


def _explained(error: UnexpectedInput, text: str, parameter: str) -> RequestError:
    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    start = len(text.rstrip()) if at_end else cast(int, error.pos_in_stream)
    opened = _OPENED.get(text[start : start + 1])
    if opened is not None and isinstance(error, UnexpectedCharacters):
        stop = cast("re.Match[str]", opened.match(text, start)).end()
        if stop == len(text):
            return Place(parameter, text, start + 1).error(f"the {text[start]} that opens here is never closed")
        if text[stop] == "\\":
            detail = r"a backslash stands only before a quote or another backslash; write \\ for a backslash"
            return Place(parameter, text, stop + 1).error(detail)
    expected = error.accepts if isinstance(error, UnexpectedToken) else cast(UnexpectedCharacters, error).allowed
    seen = "the filter ends" if at_end else f"{_seen(text, start)!r} stands"
    return Place(parameter, text, start + 1).error(f"{seen} where {_wanted(expected or set())} was expected")


def _seen(text: str, start: int) -> str:
    match = re.compile(r"[^\s()]{1,30}|.", re.DOTALL).match(text, start)
    return match.group() if match else ""


def _wanted(expected: set[str]) -> str:
    """What could have stood there, with the likeliest remedy; a marker of each state of the parser tells it apart."""
    if "ORDER" in expected:
        return "one of : = != < <= > >= IN EXISTS (a field name with spaces goes in `backticks`)"
    if "VALUE" in expected:
        return "a value (a word of the language, such as AND, goes in quotes)"
    if "_AND" in expected:
        return "AND, OR or the end (a value with spaces or commas goes in quotes)"
    if "_COMMA" in expected:
        return "a comma or a closing parenthesis (a value with spaces goes in quotes)"
    if "NOT" in expected:
        return 'a condition such as brand:"Sony"'
    if "_IN" in expected:
        return "IN"
    if "LPAR" in expected:
        return "an opening parenthesis"
    if "NAME" in expected:
        return "a field name"
    return "a closing parenthesis" if "_RPAR" in expected else "the end (no parenthesis is open)"
