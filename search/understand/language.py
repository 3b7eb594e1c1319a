"""The language of a query that does not name one."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from indexer.fields import Schema

if TYPE_CHECKING:
    from lingua import LanguageDetector

MIN_WORDS = 4
"""Shorter queries say too little of their language: they have the index's own."""


def detect_language(text: str, schema: Schema) -> str:
    """ISO 639-1 code out of the index's languages, "" where the text is too short or the index has only one."""
    if not schema.languages or len(text.split()) < MIN_WORDS:
        return ""
    detector = _detector(schema.all_languages)
    if detector is None:
        return ""
    language = detector.detect_language_of(text)
    return language.iso_code_639_1.name.lower() if language is not None else ""


@lru_cache(maxsize=16)
def _detector(languages: tuple[str, ...]) -> LanguageDetector | None:
    # Imported here since only indexes in several languages need it.
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    known = [code for code in (getattr(IsoCode639_1, name.upper(), None) for name in languages) if code is not None]
    if len(known) < 2:
        return None
    return LanguageDetectorBuilder.from_iso_codes_639_1(*known).with_low_accuracy_mode().build()
