from __future__ import annotations

import pytest

from indexer.fields import Schema
from search.understand.language import detect_language

GERMAN_TOO = Schema(language="en", languages=("de",))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Schuhe aus Leder für Herren", "de"),
        ("leather shoes for old men", "en"),
        ("Schuhe aus Leder", ""),  # three words say too little
    ],
)
def test_sentences_are_told_apart(text: str, language: str) -> None:
    assert detect_language(text, GERMAN_TOO) == language


def test_an_index_in_one_language_detects_nothing() -> None:
    assert detect_language("Schuhe aus Leder für Herren", Schema(language="en")) == ""


def test_languages_that_the_detector_does_not_know_are_no_error() -> None:
    assert detect_language("Schuhe aus Leder für Herren", Schema(language="en", languages=("qq",))) == ""
