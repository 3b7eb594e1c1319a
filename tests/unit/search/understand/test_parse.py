from __future__ import annotations

import pytest

from search.understand.parse import QueryWord, parse_query


def texts(query: str) -> list[str]:
    return [word.text for word in parse_query(query).words]


@pytest.mark.parametrize(
    ("query", "words", "phrases"),
    [
        ("Red  LAMP", ["red", "lamp"], ()),
        ('17" monitor 24"', ["17", "monitor", "24"], ()),
        ('"noise cancelling" headphones', ["headphones"], (("noise", "cancelling"),)),
        ('"red lamp', ["red", "lamp"], ()),
        ('""', [], ()),
        ("Café crème", ["cafe", "creme"], ()),
        ("t-shirt", ["t", "shirt"], ()),
        ("16GB/512GB", ["16gb", "512gb"], ()),
        ("笔记本", ["笔记", "记本"], ()),
        ("!!! ???", [], ()),
        ("- -", [], ()),
    ],
)
def test_words_and_phrases(query: str, words: list[str], phrases: tuple[tuple[str, ...], ...]) -> None:
    assert texts(query) == words
    assert parse_query(query).phrases == phrases


def test_a_minus_excludes_only_at_the_start_of_a_word() -> None:
    parsed = parse_query('lamp -case -"desk lamp" -t-shirt usb-c')
    assert [word.text for word in parsed.words] == ["lamp", "usb", "c"]
    assert parsed.excluded == (QueryWord("case", ("case",)), QueryWord("t-shirt", ("t", "shirt")))
    assert parsed.excluded_phrases == (("desk", "lamp"),)
    assert parsed.text == "lamp usb-c"


@pytest.mark.parametrize("written", ["15.6", "15,6"])
def test_a_decimal_number_is_one_word(written: str) -> None:
    (number, inch) = parse_query(f'{written}" inch').words
    assert number == QueryWord(written, ("15", "6"), is_code=True)
    assert inch == QueryWord("inch", ("inch",))


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("hl-2140 printer", ["hl", "2140"]),
        ("hl2140", ["hl2140"]),
        ("hl 2140", ["2140"]),
        ("wi-fi", []),
        ("2-in-1 bag", ["2", "in", "1"]),
    ],
)
def test_a_hyphen_ties_words_to_a_number(query: str, codes: list[str]) -> None:
    assert [word.text for word in parse_query(query).words if word.is_code] == codes


def test_what_only_excludes_asks_for_nothing() -> None:
    assert parse_query("-case").is_empty
    assert parse_query("").is_empty
    assert not parse_query('"red lamp"').is_empty
