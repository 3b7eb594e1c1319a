from __future__ import annotations

from typing import Any

import pytest

from indexer.errors import RowError
from indexer.feeds.flatten import expand, is_language_map, language_of


@pytest.mark.parametrize(
    ("value", "columns"),
    [
        (1, {"x": 1}),
        ([1, 2], {"x": [1, 2]}),
        ([["a", "b"], ["c"]], {"x": [["a", "b"], ["c"]]}),
        ({"a": 1, "b": {"c": 2}}, {"x.a": 1, "x.b.c": 2}),
        ([{"a": 1}, {"a": 2, "b": 3}], {"x.a": [1, 2], "x.b": 3}),
        ([{"a": 1}, 7, None], {"x.a": 1, "x": [7]}),
        (
            [{"name": "Color", "value": "red"}, {"name": "Size", "value": ["S", "M"]}],
            {"Color": "red", "Size": ["S", "M"]},
        ),
        ({"name": "Color", "value": "red"}, {"x.name": "Color", "x.value": "red"}),
        ({"en": "wood", "de": "Holz"}, {"x": {"en": "wood", "de": "Holz"}}),
        ({}, {}),
        ([], {"x": []}),
    ],
)
def test_nested_values_become_columns(value: Any, columns: dict[str, Any]) -> None:
    assert dict(expand("x", value)) == columns


def nested(depth: int) -> Any:
    return {"k": nested(depth - 1)} if depth else 1


def test_five_names_within_one_another_are_taken_and_no_more() -> None:
    assert dict(expand("x", nested(4))) == {"x.k.k.k.k": 1}
    with pytest.raises(RowError, match="deeper than 5") as caught:
        dict(expand("x", nested(5)))
    assert caught.value.field == "x.k.k.k.k"


def test_lists_within_lists_have_an_end_too() -> None:
    value: Any = [1]
    for _ in range(200):
        value = [value]
    with pytest.raises(RowError, match="lists are nested deeper than 5"):
        dict(expand("x", value))


@pytest.mark.parametrize(
    ("value", "is_map"),
    [
        ({"en": "a"}, True),
        ({"en": "a", "pt-BR": "b", "zh_Hans": None}, True),
        ({"en": 1}, False),
        ({"qq": "a"}, False),
        ({}, False),
        ("en", False),
    ],
)
def test_maps_of_languages_are_known_by_their_keys(value: Any, is_map: bool) -> None:
    assert is_language_map(value) is is_map


def test_languages_are_those_of_iso_639() -> None:
    assert [language_of(code) for code in ("en", "pt-BR", "zh_Hans", "xx", "title", "EN")] == [
        "en",
        "pt",
        "zh",
        "",
        "",
        "",
    ]
