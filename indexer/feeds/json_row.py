"""One JSON object: parsed fast where it is right, and looked at more closely where it is not."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import orjson

from indexer.errors import RowError
from indexer.feeds.records import shown

_DECODER = json.JSONDecoder(strict=False)
_SPACE = re.compile(r"\s*")
_REPLACED = "\ufffd"


def parse_row(raw: bytes) -> tuple[Mapping[str, Any], RowError | None]:
    """The members of an object, as many as can be read, and what is wrong with it.

    Of a key that stands twice the last value counts, as JSON parsers have it. What the strict parser refuses but is
    read the same by everybody (control characters in texts, NaN, whole numbers of any length) is taken here; the
    value itself may be refused later.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return _look_closer(raw)
    return _members(value)


def leading_members(text: str) -> dict[str, Any]:
    """The members of an object up to the place where it is broken or cut off."""
    members: dict[str, Any] = {}
    position = _after_space(text, 0)
    if text[position : position + 1] != "{":
        return members
    try:
        while text[position : position + 1] in ("{", ","):
            name, position = _DECODER.raw_decode(text, _after_space(text, position + 1))
            position = _after_space(text, position)
            if not isinstance(name, str) or text[position : position + 1] != ":":
                break
            value, end = _DECODER.raw_decode(text, _after_space(text, position + 1))
            position = _after_space(text, end)
            # A number at the very end may have lost digits.
            if position < len(text):
                members[name] = value
    except (ValueError, RecursionError):
        pass  # the place where it is broken; what stands before it is what was asked for
    return members


def _look_closer(raw: bytes) -> tuple[Mapping[str, Any], RowError | None]:
    try:
        text, damage = raw.decode(), None
    except UnicodeDecodeError as error:
        text = raw.decode(errors="replace")
        damage = f"not UTF-8: byte 0x{raw[error.start]:02x} at byte {error.start} of the row"
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        return leading_members(text), RowError(
            "", shown(text), "nested too deep to be read; at most 5 levels are taken"
        )
    except ValueError as error:
        where = f"character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else "a number"
        reason = damage or f"not valid JSON at {where}: {getattr(error, 'msg', error)}"
        return leading_members(text), RowError("", shown(text), reason)
    members, fault = _members(value)
    if damage is not None:
        at_fault = next((name for name, value in members.items() if _REPLACED in str(value)), "")
        sound = {name: value for name, value in members.items() if _REPLACED not in str(value)}
        return sound, RowError(at_fault, shown(members.get(at_fault, text)), damage)
    return members, fault


def _members(value: object) -> tuple[Mapping[str, Any], RowError | None]:
    if isinstance(value, dict):
        return value, None
    return {}, RowError("", shown(value), f"a row must be a JSON object, not {_KINDS.get(type(value), 'a number')}")


_KINDS = {list: "an array", str: "a string", bool: "true or false", type(None): "null"}


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position
