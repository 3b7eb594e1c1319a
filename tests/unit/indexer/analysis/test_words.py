from __future__ import annotations

import pytest

from indexer.analysis.words import MAX_WORD_CHARS, has_digit, pieces, spans, surface_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Desk-lamp, red!", ["desk", "lamp", "red"]),
        ("HL-2140 HL2140", ["hl", "2140", "hl2140"]),
        ("15.6\" l'eau_de", ["15", "6", "l", "eau", "de"]),
        ("笔记本电脑", ["笔记", "记本", "本电", "电脑"]),
        ("灯", ["灯"]),
        ("iPhone 手机壳", ["iphone", "手机", "机壳"]),
        ("コーヒー", ["コー", "ーヒ", "ヒー"]),
        ("", []),
        ("— ☕ !", []),
        ("x" * 100, ["x" * MAX_WORD_CHARS]),
    ],
)
def test_surface_words(text: str, words: list[str]) -> None:
    assert surface_words(text) == words


def test_pieces_part_where_letters_meet_digits() -> None:
    assert pieces("hl2140w") == ["hl", "2140", "w"]
    assert pieces("lamp") == ["lamp"]
    assert pieces("2140") == ["2140"]


def test_digits_of_every_script_count() -> None:
    assert has_digit("hl2140")
    assert has_digit("٣")
    assert not has_digit("lamp")


def test_spans_point_into_the_text_as_written() -> None:
    text = "Café «Straße» 灯具"
    assert [(word, text[start:end]) for word, start, end in spans(text)] == [
        ("cafe", "Café"), ("strasse", "Straße"), ("灯", "灯"), ("具", "具"),
    ]  # fmt: skip
