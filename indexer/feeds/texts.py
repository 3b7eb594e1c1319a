"""Titles, descriptions and words of a row, in one language or several."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from indexer.feeds.flatten import language_of
from indexer.feeds.gather import Claim, Gathered
from indexer.feeds.text import clean, plain
from indexer.product import Text


def read_word(field: str, value: Any) -> str | None:
    """A short text, or the digits of a number; None where there is neither."""
    if isinstance(value, str):
        return clean(field, value) or None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and value == value:
        return str(value)
    return None


def read_title(gathered: Gathered, default_language: str) -> Text:
    """The title, "" where there is none."""
    return _read(gathered, "title", default_language, markup=False)


def read_description(gathered: Gathered, default_language: str) -> Text:
    """The description as plain text; of several columns the best-named counts, the others become attributes."""
    return _read(gathered, "description", default_language, markup=True)


def _read(gathered: Gathered, target: str, default_language: str, *, markup: bool) -> Text:
    base = ""
    texts: dict[str, str] = {}
    plain_texts: Text = ""
    for claim in gathered.claims(target):
        if claim.column.meaning.language:
            continue
        found = _text(claim, markup=markup) if not base else ""
        if found:
            base, plain_texts = claim.column.name, found
        else:
            gathered.leave(claim)
    for claim in gathered.claims(target):
        language = claim.column.meaning.language
        if not language:
            continue
        # A column that `--map` gives a language belongs to the text, whatever either is called.
        joined = not claim.column.meaning.base or base in ("", claim.column.meaning.base)
        if joined and (text := _plain(claim, claim.value, markup=markup)):
            texts.setdefault(language, text)
        else:
            gathered.leave(claim)
    if not texts:
        return plain_texts
    if isinstance(plain_texts, str):
        return {default_language: plain_texts, **texts} if plain_texts else texts
    return {**texts, **plain_texts}


def _text(claim: Claim, *, markup: bool) -> Text:
    if not isinstance(claim.value, dict):
        return _plain(claim, claim.value, markup=markup)
    texts: dict[str, str] = {}
    for code, value in claim.value.items():
        if text := _plain(claim, value, markup=markup):
            texts.setdefault(language_of(code), text)
    return texts


def _plain(claim: Claim, value: Any, *, markup: bool) -> str:
    """The text of a value, of a list a line for each."""
    entries = value if isinstance(value, list) else [value]
    words = [word for entry in entries if (word := read_word(claim.column.name, entry))]
    text = "\n".join(words)
    return plain(text) if markup else text
