"""From the name of a field in a request to the column of an engine."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process, utils

from indexer.fields import RESERVED, FieldType, Schema, column_key
from indexer.money import minor_digits
from search.errors import Place, RequestError, shown

_NEAR = 75.0
"""Of rapidfuzz's WRatio (0–100): a name this like another one was probably meant."""
_NEAR_AS_A_WHOLE = 55.0
"""Of its ratio: WRatio likes a name as well of which a letter or two stand in the other one."""
_MIN_CHARS = 3
_MIN_BEGINNING_CHARS = 2

_LISTED = 20
_BACKTICKS = re.compile(r"`((?:[^`\\]|\\.)+)`", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Column:
    """A field in one sales channel.

    Args:
        key: of `Schema.columns`.
        name: what a request calls it.
        type: how its values compare.
        currency: ISO 4217 code for money, "" for all else: of the channel, or of the index's default channel for an
            attribute that all channels share.
    """

    key: str
    name: str
    type: FieldType
    currency: str = ""

    @property
    def digits(self) -> int:
        """Decimal places between the major and the minor unit: 2 for EUR, 0 for JPY."""
        return minor_digits(self.currency) if self.currency else 0


class Columns:
    """The fields that a request may name, in one channel.

    Args:
        schema: what the index declares.
        channel: the request's, "" for the index's default.
        undeclared: attributes that products have, but that are in no column.

    Raises:
        RequestError: the index has no such channel.
    """

    def __init__(self, schema: Schema, channel: str, undeclared: Collection[str]) -> None:
        self._schema = schema
        self._undeclared = undeclared
        self.channel = channel or schema.channel
        if self.channel not in schema.currencies:
            detail = f'the index has no channel "{shown(channel)}", but {", ".join(schema.currencies)}'
            raise RequestError("channel", shown(channel), detail, nearest=nearest(channel, schema.currencies))

    def find(self, name: str, place: Place) -> Column:
        """The column of the field `name`, which stands at `place`; it may be in backticks, as filters have them.

        Raises:
            RequestError: no field is called so, or it is one without a column.
        """
        field = self._schema.fields.get(name)
        if field is None and (quoted := _BACKTICKS.fullmatch(name)):
            return self.find(_ESCAPE.sub(r"\1", quoted[1]), place)
        if field is None:
            raise self._unknown(name, place)
        if field.type is FieldType.TEXT:
            raise _searched_only(name, place)
        return column_of(self._schema.column(name, self.channel), self._schema)

    def _unknown(self, name: str, place: Place) -> RequestError:
        if name in RESERVED:
            return _searched_only(name, place)
        if name in self._undeclared:
            return place.error(
                f'products have "{shown(name)}", but it is not declared; add it, with its type, to "attributes" '
                "in the settings of the index"
            )
        names = sorted(self._schema.fields)
        near = nearest(name, names)
        listed = ", ".join(names[:_LISTED]) + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")
        return place.error(f'no field is called "{shown(name)}"' + ("" if near else f"; there are {listed}"), near)


def column_of(key: str, schema: Schema) -> Column:
    """The column with the key `key` of `Schema.columns`."""
    field = schema.columns[key]
    channel = key.removeprefix(column_key(field.name, "")) if field.per_channel else schema.channel
    currency = schema.currencies[channel] if field.type is FieldType.MONEY else ""
    return Column(key, field.name, field.type, currency)


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """At most three of `known` that may have been meant by `name`, the likeliest first."""
    similar = process.extract(
        name, list(known), scorer=fuzz.WRatio, processor=utils.default_process, score_cutoff=_NEAR, limit=None
    )
    # WRatio also finds parts of names, but gives all of them one score.
    whole = {found[0]: fuzz.ratio(name, found[0], processor=utils.default_process) for found in similar}
    likely = [other for other in whole if _is_likely(name, other, whole[other])]
    return tuple(sorted(likely, key=lambda other: -whole[other])[:3])


def _is_likely(name: str, other: str, ratio: float) -> bool:
    if ratio >= _NEAR_AS_A_WHOLE and min(len(name), len(other)) >= _MIN_CHARS:
        return True
    # Somebody stopped early, or went on: `cat` for `category`, `query` for `q`.
    begun, known = utils.default_process(name), utils.default_process(other)
    return begun.startswith(known) or (len(begun) >= _MIN_BEGINNING_CHARS and known.startswith(begun))


def _searched_only(name: str, place: Place) -> RequestError:
    return place.error(f'"{name}" is text: it is searched by q, and cannot be compared, counted or sorted by')
