from __future__ import annotations

import pytest

from search.highlight import highlight, matched_terms


@pytest.mark.parametrize(
    ("words", "text", "marked"),
    [
        (["lamp"], "Desk lamps, LAMP", "Desk <em>lamps</em>, <em>LAMP</em>"),
        (["cafe"], "Café & bar", "<em>Café</em> &amp; bar"),
        (["hl2140"], "Brother HL-2140", "Brother <em>HL</em>-<em>2140</em>"),
        (["2140"], "HL2140 <b>", "<em>HL2140</em> &lt;b&gt;"),
        (["笔记", "记本"], "笔记本电脑", "<em>笔记本</em>电脑"),
        (["em"], "<em>em</em>", "&lt;<em>em</em>&gt;<em>em</em>&lt;/<em>em</em>&gt;"),
        (["chair"], "Desk lamp", ""),
        (["lamp"], "", ""),
    ],
)
def test_matching_words_are_marked_and_all_else_is_escaped(words: list[str], text: str, marked: str) -> None:
    assert highlight(text, matched_terms(words, "en"), "en") == marked


def test_a_long_text_is_cut_around_the_first_match() -> None:
    text = "word " * 100 + "lamp" + " more" * 100
    marked = highlight(text, matched_terms(["lamp"], "en"), "en", 60)
    assert marked.startswith("…word ")
    assert marked.endswith("…")
    assert "<em>lamp</em>" in marked
    assert len(marked) < 80


def test_a_long_text_without_blanks_is_cut_around_the_match_too() -> None:
    marked = highlight("字" * 500 + "灯" + "字" * 500, frozenset({"灯具"}), "zh", 60)
    assert "<em>灯</em>" in marked
    assert len(marked) < 80
