from __future__ import annotations

from typing import Any

import orjson
import pytest

from indexer.errors import ConfigurationError
from indexer.fields import Field, FieldType, Schema
from search.request import SoldOut
from search.settings import Fusion, IndexSettings, Ranking, check_settings, settings_from_json, settings_to_json


def test_settings_survive_json() -> None:
    settings = IndexSettings(
        Schema(
            attributes=(Field("watts", FieldType.NUMBER, "watts"),),
            languages=("de",),
            currencies={"web": "EUR"},
            channel="web",
        ),
        Ranking({"title": 2.0}, 0.0, Fusion.WEIGHTED_SUM, 10, 0.3, 50, 0.2, 100, 5, ("watts:asc",), SoldOut.LAST),
    )
    assert settings_from_json(orjson.loads(orjson.dumps(settings_to_json(settings)))) == settings


def test_what_is_left_out_has_its_default() -> None:
    assert settings_from_json({}) == IndexSettings()
    assert settings_from_json({"ranking": {"window": 50}}).ranking == Ranking(window=50)


@pytest.mark.parametrize(
    ("ranking", "message"),
    [
        ({"windows": 1}, r"unknown ranking settings \['windows'\]; known are .*window"),
        ({"window": "many"}, "ranking.window is 'many'; a whole number from 1 to 1,000 is wanted"),
        ({"window": 0}, "ranking.window is 0"),
        ({"window": True}, "ranking.window is True"),
        ({"rrf_k": 1.5}, "ranking.rrf_k is 1.5; a whole number"),
        ({"vector_weight": -1}, "ranking.vector_weight is -1; a number from 0"),
        ({"min_cosine": 2}, "ranking.min_cosine is 2; a number from -1 to 1"),
        ({"fusion": "sum"}, "ranking.fusion is 'sum'; rrf or weighted_sum is wanted"),
        ({"sold_out": "never"}, "ranking.sold_out is 'never'; show, last or hide is wanted"),
        ({"field_weights": {"titel": 1}}, "ranking.field_weights is .*title, brand"),
        ({"field_weights": {"title": "high"}}, "ranking.field_weights"),
        ({"tie_break": "popularity:desc"}, "ranking.tie_break is 'popularity:desc'; a list"),
        ({"tie_break": ["popularty:desc"]}, '(?s)ranking.tie_break.*popularty.*did you mean "popularity"'),
        ({"tie_break": ["title"]}, "ranking.tie_break"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_wanted(ranking: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        settings_from_json({"ranking": ranking})


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"unknown index settings \['rank'\]; known are schema and ranking"):
        settings_from_json({"rank": {}})


@pytest.mark.parametrize("data", [{"ranking": {"field_weights": {"title": 0}}}, {"schema": {"language": "English"}}])
def test_what_cannot_be_searched_under_is_refused_of_new_settings_and_read_of_stored_ones(data: dict[str, Any]) -> None:
    stored = settings_from_json(data)
    with pytest.raises(ConfigurationError, match=r"field_weights is .*not all of them 0|'English'; a language code"):
        check_settings(stored)
    check_settings(IndexSettings())
