from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from indexer.analysis.analyzer import STEMMERS, Analyzer, analyzer


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "lamps", "lamp"),
        ("de", "winterschuhe", "winterschuh"),
        ("fr", "chaussures", "chaussure"),
        ("es", "zapatos", "zapato"),
        ("it", "scarpe", "scarpa"),
        ("nl", "schoenen", "schoen"),
        ("sv", "lampor", "lampa"),
        ("fi", "kengat", "kengan"),
        ("pt-BR", "sapatos", "sapato"),
    ],
)
def test_inflected_forms_have_one_term(language: str, one: str, other: str) -> None:
    assert analyzer(language).term(one) == analyzer(language).term(other)


@pytest.mark.parametrize("language", ["zh", "ja", "pl", "xx"])
def test_languages_without_a_stemmer_leave_words_alone(language: str) -> None:
    assert analyzer(language).term("lamps") == "lamps"


def test_words_with_digits_are_not_stemmed() -> None:
    assert analyzer("en").term("x200s") == "x200s"


def test_a_word_of_letters_and_digits_stands_in_pieces_and_whole() -> None:
    assert analyzer("en").index_text("Printers HL2140, HL-2140") == ("printer hl 2140 hl 2140", "hl2140")
    assert analyzer("en").phrase(("hl2140",)) == analyzer("en").phrase(("hl", "2140")) == ["hl", "2140"]
    assert analyzer("en").index_text("") == ("", "")


def test_every_stemmer_exists() -> None:
    for language in STEMMERS:
        assert Analyzer(language).term("a") == "a"


def test_threads_share_an_analyzer() -> None:
    chain = Analyzer("en")
    texts = [f"Lamps number{n % 7} for desks {n % 5}" for n in range(400)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(chain.index_text, texts))
    assert found == [Analyzer("en").index_text(text) for text in texts]
