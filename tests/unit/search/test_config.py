from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from search.config import Config, load_config
from search.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_defaults() -> None:
    assert load_config(environment={}) == Config()
    assert Config().data_dir == Path("shelfwise-data")
    assert Config().thread_count >= 1


def test_options_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "shelfwise.toml"
    file.write_text('data_dir = "from-file"\nthreads = 1\nquery_cache = 5\n')
    config = load_config(
        {"data_dir": Path("from-options"), "threads": None},
        {"SHELFWISE_DATA_DIR": "from-environment", "SHELFWISE_THREADS": "2", "OTHER": "x"},
    )
    assert (config.data_dir, config.threads, config.query_cache) == (Path("from-options"), 2, 5)
    named = tmp_path / "named.toml"
    named.write_text("threads = 3\n")
    assert load_config(environment={"SHELFWISE_CONFIG": str(named)}).threads == 3
    assert load_config(environment={}, file=named).threads == 3


def test_all_problems_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "shelfwise.toml").write_text("thread = 1\nquery_cache = 2.7\nengine = 7\n")
    environment = {"SHELFWISE_THREADS": "-1", "SHELFWISE_LOG_LEVEL": "LOUD", "SHELFWISE_TEXT_BACKEND": "onyx"}
    with pytest.raises(ConfigurationError) as caught:
        load_config(environment=environment)
    message = str(caught.value)
    for part in (
        "unknown settings thread; known are broker_url, cors_origins, data_dir,",
        "query_cache is 2.7; a whole number is wanted",
        "engine is 7; a text is wanted",
        "threads is -1; at least 0 is wanted",
        "log_level is 'LOUD'; one of DEBUG, INFO, WARNING, ERROR is wanted",
        "text_backend is 'onyx'; one of onnx, torch is wanted",
    ):
        assert part in message


def test_the_key_of_elasticsearch_may_be_in_a_file_and_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("aHVzaA==\n")
    environment = {"SHELFWISE_ENGINE": "elasticsearch", "SHELFWISE_ELASTICSEARCH_API_KEY_FILE": str(file)}
    config = load_config(environment=environment)
    assert (config.engine, config.elasticsearch_api_key) == ("elasticsearch", "aHVzaA==")
    assert "aHVzaA==" not in repr(config)
    with pytest.raises(ConfigurationError, match="engine is 'solr'; one of embedded, elasticsearch is wanted"):
        load_config(environment={"SHELFWISE_ENGINE": "solr"})


@pytest.mark.parametrize("value", [True, "", "1.0", "many", [1]])
def test_a_number_is_no_other_thing(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="a whole number is wanted"):
        load_config({"threads": value}, {})


def test_a_file_that_is_named_must_be_there_and_readable(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml does not exist"):
        load_config(environment={"SHELFWISE_CONFIG": "nowhere.toml"})
    (tmp_path / "bad.toml").write_text("threads = = 1")
    with pytest.raises(ConfigurationError, match=r"bad\.toml cannot be read"):
        load_config(environment={}, file=tmp_path / "bad.toml")


def test_a_secret_is_not_shown() -> None:
    config = Config(database_url="postgresql://shop:secret@host/db")
    assert "secret" not in repr(config)
    assert "database_url=***" in repr(config)
    assert config.catalogue_url == "postgresql://shop:secret@host/db"


def test_the_password_of_the_database_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("s3cret word\n")
    named = {"SHELFWISE_DATABASE_PASSWORD_FILE": str(file)}
    config = load_config(environment={**named, "SHELFWISE_DATABASE_URL": "postgresql://shop@db.example/shop"})
    assert config.catalogue_url == "postgresql://shop:s3cret%20word@db.example/shop"
    assert config.is_on_server
    assert "s3cret" not in repr(config)
    for environment, says in (
        (named, "database_password_file is set, but database_url names no user that it could be of"),
        ({**named, "SHELFWISE_DATABASE_URL": "postgresql://shop:other@db/shop"}, "has a password already"),
        ({"SHELFWISE_DATABASE_PASSWORD_FILE": str(tmp_path / "nowhere")}, "nowhere cannot be read"),
    ):
        with pytest.raises(ConfigurationError, match=says):
            load_config(environment=environment)


def test_without_a_url_the_catalogue_is_in_the_data_directory(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path / "data")
    assert (config.is_on_server, config.catalogue_dir) == (False, tmp_path / "data")
    assert Config(database_url=f"sqlite:///{tmp_path}/other/c.db").catalogue_dir == tmp_path / "other"


MASTER, SEARCH = "master-key-of-the-tests", "search-key-of-the-tests"


def test_of_a_key_only_its_hash_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{SEARCH}\n")
    config = load_config(environment={"SHELFWISE_MASTER_KEY": MASTER, "SHELFWISE_SEARCH_KEY_FILE": str(file)})
    assert config.master_key == hashlib.sha256(MASTER.encode()).digest()
    assert config.search_key == hashlib.sha256(SEARCH.encode()).digest()
    assert "master_key=***, search_key=***" in repr(config)
    assert not [value for value in vars(config).values() if value in (MASTER, SEARCH)]


def test_an_empty_key_is_none() -> None:
    environment = {"SHELFWISE_MASTER_KEY": "", "SHELFWISE_SEARCH_KEY_FILE": ""}
    assert load_config(environment=environment) == Config()


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"MASTER_KEY": "short"}, "master_key is no key: it has 5 characters; at least 16 are wanted"),
        ({"MASTER_KEY": "with spaces in the key"}, "signs of ASCII without spaces are wanted"),
        ({"MASTER_KEY": MASTER, "SEARCH_KEY": MASTER}, "are the same; two different keys are wanted"),
        ({"MASTER_KEY_FILE": "nowhere"}, "master_key_file: nowhere cannot be read"),
        ({"MASTER_KEY_FILE": "empty"}, "master_key_file: empty is empty; a key is wanted in it"),
        ({"MASTER_KEY": MASTER, "MASTER_KEY_FILE": "key"}, "master_key and master_key_file are both set"),
        ({"SEARCH_KEY_FILTER": "brand:Alma"}, "no search_key that it could be the filter of"),
        ({"SEARCH_KEY": SEARCH, "SEARCH_KEY_FILTER": "brand:"}, "search_key_filter, column 7"),
    ],
)
def test_wrong_keys_are_told_of_without_showing_them(tmp_path: Path, environment: dict[str, str], says: str) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "key").write_text("another-key-in-a-file")
    with pytest.raises(ConfigurationError) as caught:
        load_config(environment={f"SHELFWISE_{name}": value for name, value in environment.items()})
    assert says in str(caught.value)
    assert not [value for value in (MASTER, SEARCH, "another-key") if value in str(caught.value)]


@pytest.mark.parametrize(
    ("origins", "says"),
    [
        ("https://shop.example/", "without a path"),
        ("https://shop.example, shop.example", "'shop.example': wanted is a scheme and a host"),
        ("https://a@shop.example", "wanted is a scheme and a host"),
        ("https://*.example", "wanted is a scheme and a host"),
        ("*, https://shop.example", "one or the other is wanted"),
        ("*", "no key is set"),
    ],
)
def test_wrong_origins_are_told_of(origins: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_config(environment={"SHELFWISE_CORS_ORIGINS": origins})
    assert says in str(caught.value)


@pytest.mark.parametrize("origins", ["", " ", "https://shop.example", "http://localhost:5173,HTTPS://Shop.example"])
def test_named_origins_need_no_key(origins: str) -> None:
    assert load_config(environment={"SHELFWISE_CORS_ORIGINS": origins}).cors_origins == origins


def test_with_a_key_every_page_may_ask() -> None:
    environment = {"SHELFWISE_CORS_ORIGINS": "*", "SHELFWISE_SEARCH_KEY": "a-key-of-sixteen-or-more"}
    assert load_config(environment=environment).cors_origins == "*"
