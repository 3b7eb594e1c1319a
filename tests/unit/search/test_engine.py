"""The engine that the settings name, opened without asking any server."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.engines.elasticsearch.engine import ElasticsearchEngine
from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.errors import ConfigurationError, UnavailableError
from search.config import Config
from search.engine import open_engine

NOWHERE = "http://127.0.0.1:1"


def test_the_embedded_engine_is_that_of_the_data_directory(tmp_path: Path) -> None:
    assert isinstance(open_engine(Config(data_dir=tmp_path)), EmbeddedEngine)


def test_an_elasticsearch_that_is_not_there_is_told_of_when_it_is_asked() -> None:
    engine = open_engine(Config(engine="elasticsearch", elasticsearch_url=f"{NOWHERE}, http://127.0.0.1:2"))
    assert isinstance(engine, ElasticsearchEngine)
    with pytest.raises(UnavailableError, match=f"{NOWHERE}, http://127.0.0.1:2 cannot be reached"):
        engine.live("shop")
    assert "cannot be reached" in engine.problems()[0]
    engine.close()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"elasticsearch_url": "search.example:9200"}, "'search.example:9200'"),
        ({"elasticsearch_url": ""}, "URL"),
        ({"elasticsearch_url": "https://es:9200", "elasticsearch_ca_file": "/nowhere.pem"}, "/nowhere.pem, does"),
        ({"elasticsearch_prefix": "Shop"}, "prefix"),
    ],
)
def test_settings_that_cannot_be_are_told(settings: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        open_engine(Config(engine="elasticsearch", **settings))  # type: ignore[arg-type]
