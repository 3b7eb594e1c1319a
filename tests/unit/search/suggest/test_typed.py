"""What was typed so far, taken apart."""

from __future__ import annotations

import pytest

from search.suggest.typed import read_typed


@pytest.mark.parametrize(
    ("q", "finished", "head", "word"),
    [
        ("lam", [], "", "lam"),
        ("Black Lam", ["black"], "black ", "lam"),
        ("blac, lam", ["blac"], "blac, ", "lam"),
        ("grüne la", ["grune"], "grüne ", "la"),
        ("grün", [], "", "grun"),
        ("hl-21", ["hl"], "hl-", "21"),
        ("t-shi", ["t"], "t-", "shi"),
        ('"noise cancelling" hea', [], '"noise cancelling" ', "hea"),
        ('"noise canc', ["noise"], '"noise ', "canc"),
        ("lamp -red sh", ["lamp"], "lamp -red ", "sh"),
        ("笔", [], "", "笔"),
        ("笔记本", ["笔记"], "笔", "记本"),
        ("17", [], "", "17"),
    ],
)
def test_the_last_word_may_still_grow(q: str, finished: list[str], head: str, word: str) -> None:
    typed = read_typed(q, is_finished=False)
    assert [one.text for one in typed.finished] == finished
    assert typed.beginning is not None
    assert (typed.beginning.head, typed.beginning.word) == (head, word)


@pytest.mark.parametrize("q", ["", "lamp -re", '"desk lamp"', 'lamp "desk"', "15.6", "..."])
def test_what_is_no_word_does_not_grow(q: str) -> None:
    assert read_typed(q, is_finished=False).beginning is None


def test_behind_white_space_nothing_grows() -> None:
    typed = read_typed("black lamp", is_finished=True)
    assert typed.beginning is None
    assert [one.text for one in typed.finished] == ["black", "lamp"]


@pytest.mark.parametrize(
    ("q", "head", "word"), [("hl 21", "", "hl21"), ("a hl-21", "a ", "hl21"), ("smart watc", "", "smartwatc")]
)
def test_the_last_two_words_may_be_one(q: str, head: str, word: str) -> None:
    joined = read_typed(q, is_finished=False).joined
    assert joined is not None
    assert (joined.head, joined.word) == (head, word)


@pytest.mark.parametrize("q", ["lam", "笔记本", '"smart" watc', "lamp -red sh", "15.6 inc"])
def test_what_does_not_stand_side_by_side_is_not_one(q: str) -> None:
    assert read_typed(q, is_finished=False).joined is None
