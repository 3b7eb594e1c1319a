"""Lower case and ASCII folding: what makes `Café`, `CAFE` and `cafe` one word."""

from __future__ import annotations

import unicodedata

import regex

# Letters that Unicode does not decompose, with what people type for them.
_LETTERS = str.maketrans(
    {
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h",
        "ı": "i", "ŋ": "n", "ŧ": "t", "ĸ": "k", "ſ": "s",
        "™": " ", "℠": " ",  # their plain forms would grow onto the name before them
    }
)  # fmt: skip
# Marks above and below Latin, Greek and Cyrillic letters, Hebrew points and Arabic vowel signs. The signs of Indic and
# South-East Asian scripts carry the vowels: they stay.
_MARKS = regex.compile(r"[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]+")


def fold(text: str) -> str:
    """Lower-cases and folds to ASCII where a letter has an ASCII base; other scripts lose their accents only.

    Compatibility forms (full-width digits, ligatures, superscripts) become their plain form.
    """
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    return unicodedata.normalize("NFC", _MARKS.sub("", folded))
