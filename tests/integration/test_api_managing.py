"""Indexes that are made, changed, rebuilt, rolled back and deleted over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from service import Service, service

LAMP = {"id": "lamp", "title": "Brass lamp", "color": "gold", "watts": 40}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Service]:
    with service(tmp_path) as opened:
        opened.ask("POST", "/v1/indexes/shop/documents", 202, json=LAMP)
        opened.work()
        yield opened


def test_an_index_is_made_once(tmp_path: Path) -> None:
    with service(tmp_path) as shop:
        settings = {"settings": {"schema": {"language": "de"}}}
        made = shop.ask("PUT", "/v1/indexes/laden", 201, json=settings)
        assert (made["products"], made["settings"]["schema"]["language"]) == (0, "de")
        assert made["settings"]["schema"]["encoder"] == "hashing"
        shop.ask("PUT", "/v1/indexes/laden", 200, json=settings)
        shop.ask("PUT", "/v1/indexes/laden", 200)
        problem = shop.ask("PUT", "/v1/indexes/laden", 409, json={"settings": {"schema": {"language": "fr"}}})
        assert "change them by PATCH /v1/indexes/laden/settings" in problem["detail"]


@pytest.mark.parametrize(
    "body",
    [{"setting": {}}, {"settings": 5}, {"settings": {"schema": {"languag": "de"}}}, {"settings": {"rank": {}}},
     {"settings": {"ranking": {"window": 0}}}],
)  # fmt: skip
def test_wrong_settings_make_no_index(tmp_path: Path, body: dict[str, Any]) -> None:
    with service(tmp_path) as shop:
        shop.ask("PUT", "/v1/indexes/laden", 400, json=body)
        shop.ask("GET", "/v1/indexes/laden", 404)


def test_a_slash_is_in_no_name(tmp_path: Path) -> None:
    with service(tmp_path) as shop:
        shop.ask("PUT", "/v1/indexes/..", 400)


def test_a_ranking_changes_at_once(shop: Service) -> None:
    told = shop.ask("PATCH", "/v1/indexes/shop/settings", json={"ranking": {"window": 50}})
    assert (told["changed"], told["needs_rebuild"], told["task"]) == (True, False, None)
    present = shop.ask("GET", "/v1/indexes/shop/settings")
    assert (present["settings"]["ranking"]["window"], present["settings_version"]) == (50, told["settings_version"])
    assert shop.ask("PATCH", "/v1/indexes/shop/settings", json={"ranking": {"window": 50}})["changed"] is False


def test_a_schema_changes_by_a_rebuild_and_goes_back(shop: Service) -> None:
    declared = shop.ask("GET", "/v1/indexes/shop/settings")["settings"]["schema"]["attributes"]
    kept = [field for field in declared if field["name"] != "watts"]
    patch = {"schema": {"attributes": kept}}
    dry = shop.ask("PATCH", "/v1/indexes/shop/settings?dry_run=true", json=patch)
    assert (dry["needs_rebuild"], dry["reasons"], dry["dry_run"]) == (True, ["attributes changed"], True)
    assert shop.found("lamp", filters="watts=40") == ["lamp"]
    told = shop.ask("PATCH", "/v1/indexes/shop/settings", 202, json=patch)
    assert told["task"]["kind"] == "rebuild"
    assert shop.found("lamp", filters="watts=40") == ["lamp"]  # the old settings serve
    shop.work()
    shop.ask("GET", "/v1/indexes/shop/search?q=lamp&filters=watts=40", 400)
    assert shop.ask("POST", "/v1/indexes/shop/rollback", 202)["task"]["kind"] == "rollback"
    shop.work()
    assert shop.found("lamp", filters="watts=40") == ["lamp"]
    assert shop.ask("GET", "/v1/indexes/shop")["live"] == 1


def test_a_rebuild_that_was_cancelled_is_asked_for_by_the_same_settings_again(shop: Service) -> None:
    patch = {"schema": {"language": "de"}}
    first = shop.ask("PATCH", "/v1/indexes/shop/settings", 202, json=patch)
    assert shop.ask("PATCH", "/v1/indexes/shop/settings", 202, json=patch)["task"]["id"] == first["task"]["id"]
    shop.ask("POST", f"/v1/tasks/{first['task']['id']}/cancel", 202)
    again = shop.ask("PATCH", "/v1/indexes/shop/settings", 202, json=patch)
    assert (again["changed"], again["settings_version"]) == (False, first["settings_version"])
    assert shop.work() == 1
    assert shop.ask("PATCH", "/v1/indexes/shop/settings", json=patch)["needs_rebuild"] is False


def test_settings_are_replaced_as_a_whole(shop: Service) -> None:
    shop.ask("PATCH", "/v1/indexes/shop/settings", json={"ranking": {"window": 50}})
    present = shop.ask("GET", "/v1/indexes/shop/settings")["settings"]
    del present["ranking"]
    told = shop.ask("PUT", "/v1/indexes/shop/settings", json=present)
    assert (told["settings"]["ranking"]["window"], told["needs_rebuild"]) == (200, False)


def test_a_change_of_what_has_changed_is_refused(shop: Service) -> None:
    etag = shop.client.get("/v1/indexes/shop/settings").headers["ETag"]
    shop.ask("PATCH", "/v1/indexes/shop/settings", json={"ranking": {"window": 50}}, headers={"If-Match": etag})
    problem = shop.ask(
        "PATCH", "/v1/indexes/shop/settings", 412, json={"ranking": {"window": 60}}, headers={"If-Match": etag}
    )
    assert "read them again" in problem["detail"]
    assert shop.ask("GET", "/v1/indexes/shop/settings")["settings"]["ranking"]["window"] == 50
    shop.ask("PATCH", "/v1/indexes/shop/settings", json={"ranking": {"window": 60}}, headers={"If-Match": "*"})


@pytest.mark.parametrize("body", [{"ranking": 5}, {"ranking": {"windo": 1}}, {"schema": {"language": 5}}])
def test_wrong_settings_change_nothing(shop: Service, body: dict[str, Any]) -> None:
    before = shop.ask("GET", "/v1/indexes/shop/settings")
    shop.ask("PATCH", "/v1/indexes/shop/settings", 400, json=body)
    assert shop.ask("GET", "/v1/indexes/shop/settings") == before


def test_of_rebuilds_that_wait_one_is_done(shop: Service) -> None:
    first = shop.ask("POST", "/v1/indexes/shop/rebuild", 202)["task"]
    assert shop.ask("POST", "/v1/indexes/shop/rebuild", 202)["task"]["id"] == first["id"]
    assert shop.work() == 1
    assert shop.ask("GET", f"/v1/tasks/{first['id']}")["result"]["generation"] == 2
    assert shop.ask("POST", "/v1/indexes/shop/rebuild", 202)["task"]["id"] != first["id"]


def test_there_is_nothing_to_go_back_to_at_first(shop: Service) -> None:
    task = shop.ask("POST", "/v1/indexes/shop/rollback", 202)["task"]
    shop.work()
    told = shop.ask("GET", f"/v1/tasks/{task['id']}")
    assert (told["state"], told["error"]) == (
        "failed",
        "index 'shop' has no previous generation to roll back to: it was built only once",
    )


def test_a_deleted_index_is_gone_with_its_tasks(shop: Service) -> None:
    waiting = shop.ask("POST", "/v1/indexes/shop/rebuild", 202)["task"]
    assert shop.ask("DELETE", "/v1/indexes/shop") == {"deleted": "shop", "products": 1}
    assert shop.ask("GET", f"/v1/tasks/{waiting['id']}")["state"] == "cancelled"
    shop.ask("GET", "/v1/indexes/shop/search?q=lamp", 404)
    shop.ask("DELETE", "/v1/indexes/shop", 404)
    assert shop.work() == 0
    shop.ask("POST", "/v1/indexes/shop/documents", 202, json={**LAMP, "id": "again"})
    shop.work()
    assert shop.found("lamp") == ["again"]


@pytest.mark.parametrize("call", ["POST rebuild", "POST rollback", "PATCH settings", "POST documents/delete"])
def test_what_is_done_to_an_index_needs_one(shop: Service, call: str) -> None:
    method, path = call.split()
    shop.ask(method, f"/v1/indexes/nowhere/{path}", 404, json={"ids": ["a"]} if "delete" in path else {})
