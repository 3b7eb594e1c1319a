"""What operators and watchdogs ask over HTTP: is it alive, which indexes are there, how are they set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest
from api_shop import ask, product, serve
from flask.testing import FlaskClient

from indexer.jobs.progress import Silent
from search.app import create_app
from search.config import Config
from search.keys import key_hash
from search.maintenance import Maintenance
from search.services import Services

MASTER = "master-key-of-the-tests"
SEARCH = "search-key-of-the-tests"
PLAIN = ("/healthz", "/readyz", "/version")
MANAGED = ("/v1/indexes", "/v1/indexes/shop", "/v1/indexes/shop/settings")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    config = serve(
        tmp_path_factory.mktemp("data"),
        [product("p1", "Desk lamp"), product("p2", "Umbrella")],
        master_key=key_hash(MASTER),
        search_key=key_hash(SEARCH),
    )
    app = create_app(config)
    yield app.test_client()
    app.extensions["shelfwise"].close()


@pytest.mark.parametrize("url", PLAIN)
def test_watchdogs_need_no_key_and_no_host(client: FlaskClient, url: str) -> None:
    for host in ("localhost", "10.0.0.7:8000"):
        ask(client, url, base_url=f"http://{host}")


def test_version_is_that_of_the_package(client: FlaskClient) -> None:
    assert ask(client, "/version") == {"name": "shelfwise", "version": version("shelfwise"), "api": "v1"}


@pytest.mark.parametrize("url", MANAGED)
def test_managing_needs_the_master_key(client: FlaskClient, url: str) -> None:
    ask(client, url, MASTER)
    ask(client, url, status=401)
    assert "master key" in ask(client, url, SEARCH, 403)["detail"]


@pytest.mark.parametrize("url", PLAIN + MANAGED)
def test_no_address_takes_an_unknown_parameter(client: FlaskClient, url: str) -> None:
    assert ask(client, f"{url}?verbose=1", MASTER, 400)["parameter"] == "verbose"


def test_an_index_is_described(client: FlaskClient) -> None:
    described = ask(client, "/v1/indexes/shop", MASTER)
    assert (described["name"], described["products"], described["live"]) == ("shop", 2, 1)
    assert described["settings"]["schema"]["encoder"] == "hashing"
    (listed,) = ask(client, "/v1/indexes", MASTER)["indexes"]
    assert listed == {name: described[name] for name in listed}
    assert "settings" not in listed
    ask(client, "/v1/indexes/nowhere", MASTER, 404)


def test_unchanged_settings_are_not_sent_again(client: FlaskClient) -> None:
    url, headers = "/v1/indexes/shop/settings", {"Authorization": f"Bearer {MASTER}"}
    first = client.get(url, headers=headers)
    body = first.get_json()
    assert first.headers["ETag"] == f'"{body["settings_version"]}"'
    assert body["settings"]["ranking"]["window"] == 200
    for sent in (first.headers["ETag"], f'"0", {first.headers["ETag"]}', f"W/{first.headers['ETag']}"):
        again = client.get(url, headers={**headers, "If-None-Match": sent})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    assert client.get(url, headers={**headers, "If-None-Match": '"0"'}).status_code == 200


def test_changed_settings_have_another_etag(tmp_path: Path) -> None:
    app = create_app(serve(tmp_path, [product("p1", "Desk lamp")]))
    client, services = app.test_client(), app.extensions["shelfwise"]
    before = client.get("/v1/indexes/shop/settings").headers["ETag"]
    settings, version = services.settings("shop")
    changed = replace(settings, ranking=replace(settings.ranking, rrf_k=7))
    Maintenance(services).change_settings("shop", changed, version, Silent())
    after = client.get("/v1/indexes/shop/settings", headers={"If-None-Match": before})
    assert after.status_code == 200
    assert after.get_json()["settings"]["ranking"]["rrf_k"] == 7
    services.close()


def test_ready_means_that_catalogue_and_indexes_can_be_opened(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = serve(tmp_path, [product("p1", "Desk lamp")])
    with Services(config) as services:
        Maintenance(services).ensure_index("empty")
    (live,) = (tmp_path / "indexes").rglob("live")
    live.write_text("nonsense")
    client = create_app(config).test_client()
    problem = ask(client, "/readyz", status=503)
    assert str(tmp_path) not in str(problem)
    assert str(tmp_path) in caplog.text
    ask(client, "/healthz")
    live.write_text("1")
    ask(client, "/readyz")
    (tmp_path / "catalogue.db").write_bytes(b"no database" * 1000)
    ask(create_app(config).test_client(), "/readyz", status=503)


def test_a_service_without_indexes_is_ready(tmp_path: Path) -> None:
    ask(create_app(Config(data_dir=tmp_path / "new")).test_client(), "/readyz")
