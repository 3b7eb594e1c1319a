"""`shelfwise indexes`: what it shows, changes, and asks before it deletes."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing

import pytest
from filelock import FileLock

from search.cli.changing import assigned, merged
from search.cli.exits import Failure
from search.config import Config
from search.services import Services

SETTINGS = {
    "schema": {"language": "en", "currencies": {"default": "EUR"}},
    "ranking": {"vector_weight": 0.5, "field_weights": {"title": 3.0}},
}


def test_list_and_show(shop) -> None:
    (listed,) = shop.json("indexes", "list")
    assert (listed["name"], listed["products"], listed["live"], listed["change_number"]) == ("shop", 3, 1, 3)
    assert "settings" not in listed
    assert " shop " in shop.ok("indexes", "list")
    printed = shop.ok("indexes", "show", "shop")
    assert "shop: 3 products, change number 3" in printed
    assert "keyword: colour" in printed
    assert "channels   default (EUR)" in printed
    assert shop("indexes", "show", "nope").exit_code == 4


def test_a_slash_is_refused_in_a_new_name_and_borne_in_an_old_one(shop) -> None:
    for refused in (shop("indexes", "copy", "shop", "a/b"), shop("import", "-", "--index", "a/b", stdin=shop.feed)):
        assert refused.exit_code == 1
        assert "'a/b' is no name of a new index: it has a slash" in refused.stderr
    refused = shop("indexes", "copy", "shop", "a\nb")
    assert refused.exit_code == 1
    assert "'a\\nb' is no name of a new index: it has a control character" in refused.stderr
    with closing(sqlite3.connect(shop.data / "catalogue.db")) as catalogue, catalogue:
        catalogue.execute("UPDATE indexes SET name = 'a/b'")
    (shop.data / "indexes" / "shop").rename(shop.data / "indexes" / "a%2Fb")
    assert shop.json("search", "kettle", "--index", "a/b", "--mode", "lexical")["total"] == 2
    shop.ok("import", "-", "--index", "a/b", stdin=shop.feed)
    shop.ok("indexes", "delete", "a/b", "--yes")


def test_ranking_is_in_force_at_once(shop) -> None:
    assert "in force" in shop.ok("indexes", "settings", "shop", "--set", "ranking.field_weights.title=4")
    ranking = shop.json("indexes", "settings", "shop")["ranking"]
    assert (ranking["field_weights"]["title"], ranking["field_weights"]["brand"]) == (4.0, 1.5)
    assert [one["number"] for one in shop.json("indexes", "show", "shop")["generations"]] == [1]
    assert "settings already" in shop.ok("indexes", "settings", "shop", "--set", "ranking.field_weights.title=4")


def test_a_declaration_is_rebuilt_and_comes_back_with_a_rollback(shop) -> None:
    change = ("indexes", "settings", "shop", "--set", "schema.language=de")
    plan = shop.json(*change, "--dry-run")
    assert plan == {"index": "shop", "changed": True, "needs_rebuild": True, "reasons": ["language changed"]}
    assert shop.json("indexes", "settings", "shop")["schema"]["language"] == "en"
    state = shop.json(*change)
    assert (state["generation"], state["previous"], state["products"]) == (2, 1, 3)
    assert shop.json("indexes", "settings", "shop")["schema"]["language"] == "de"
    assert shop.json("indexes", "rollback", "shop")["generation"] == 1
    assert shop.json("indexes", "settings", "shop")["schema"]["language"] == "en"


def test_settings_come_from_a_file(shop) -> None:
    shop.ok("indexes", "settings", "shop", "--file", shop.write("part.json", '{"ranking": {"vector_weight": 0.7}}'))
    shop.ok("indexes", "settings", "shop", "--file", shop.write("all.json", shop.ok("indexes", "settings", "shop")))
    ranking = shop.json("indexes", "settings", "shop")["ranking"]
    assert (ranking["vector_weight"], ranking["rrf_k"]) == (0.7, 60)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--set", "ranking.vector_wieght=1"], 2, "did you mean ranking.vector_weight"),
        (["--set", "ranking.vector_weight"], 2, "PATH=VALUE"),
        (["--set", "ranking.vector_weight.x=1"], 2, "has no parts"),
        (["--set", "ranking.vector_weight=much"], 2, "'much'"),
        (["--set", 'ranking.tie_break=["weight:asc"]'], 2, "weight"),
        (["--set", "schema.language=English"], 2, "schema.language is 'English'"),
        (["--file", "wrong.json"], 1, "ranking.rrf_k is 'many'"),
        (["--set", "schema.encoder=./no/model"], 3, "no such folder"),
        (["--file", "list.json"], 1, "holds no object"),
        (["--file", "ranking.json"], 1, "an object of settings is wanted"),
        (["--dry-run"], 2, "--set or --file"),
    ],
)
def test_wrong_settings_change_nothing(shop, arguments: list[str], code: int, words: str) -> None:
    shop.write("list.json", "[]")
    shop.write("ranking.json", '{"ranking": 1}')
    shop.write("wrong.json", '{"ranking": {"rrf_k": "many"}}')
    before = shop.ok("indexes", "settings", "shop")
    result = shop("indexes", "settings", "shop", *arguments)
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert shop.ok("indexes", "settings", "shop") == before


def test_assigned_changes_one_value() -> None:
    assert assigned(SETTINGS, "ranking.vector_weight=0.4")["ranking"]["vector_weight"] == 0.4
    assert assigned(SETTINGS, "schema.language=de")["schema"]["language"] == "de"
    assert assigned(SETTINGS, "schema.currencies.uk=GBP")["schema"]["currencies"] == {"default": "EUR", "uk": "GBP"}
    assert SETTINGS["ranking"]["vector_weight"] == 0.5
    with pytest.raises(Failure, match=r"did you mean schema\.language"):
        assigned(SETTINGS, "schema.langauge=de")


def test_merged_replaces_setting_by_setting() -> None:
    assert merged(SETTINGS, {"ranking": {"vector_weight": 1}}) == {
        "schema": SETTINGS["schema"],
        "ranking": {"vector_weight": 1, "field_weights": {"title": 3.0}},
    }


def test_copy_rebuild_and_update(shop) -> None:
    assert shop.json("indexes", "copy", "shop", "other")["products"] == 3
    assert shop("indexes", "copy", "shop", "other").exit_code == 5
    assert "other@2 is live: 3 products" in shop.ok("indexes", "rebuild", "other")
    assert "goes back to other@1" in shop.ok("indexes", "update", "other")
    assert shop.json("search", "kettle", "--index", "other", "--mode", "lexical")["total"] == 2


@pytest.mark.usefixtures("picky")
def test_what_the_engine_rejects_is_told_of(shop) -> None:
    rebuilt = shop.json("indexes", "rebuild", "shop")
    assert rebuilt["not_indexed"] == {"products": 1, "reasons": {"A-2": "too blue"}}
    assert re.search(r"not indexed +1  kept, but .*\n +A-2: too blue\n", shop.ok("indexes", "rebuild", "shop"))
    assert shop.json("indexes", "update", "shop")["not_indexed"] == {"products": 0, "reasons": {}}
    assert "not indexed" not in shop.ok("indexes", "update", "shop")


def test_a_rollback_of_an_index_that_was_built_once_finds_nothing(shop) -> None:
    result = shop("indexes", "rollback", "shop")
    assert result.exit_code == 4
    assert "no previous generation to roll back to" in result.stderr


def test_a_stored_setting_that_is_wrong_can_be_mended(shop) -> None:
    with Services(Config(data_dir=shop.data)) as services:
        record = services.catalogue.get_index("shop")
        wrong = {**record.settings, "schema": {**record.settings["schema"], "language": "English", "channel": "web"}}
        services.catalogue.update_settings("shop", wrong, record.settings_version)
    assert shop.json("indexes", "settings", "shop")["schema"]["language"] == "English"
    change = ("indexes", "settings", "shop", "--set", "schema.language=en")
    refused = shop(*change)
    assert refused.exit_code == 3
    assert "schema.channel is 'web'; one of schema.currencies (default) is wanted" in refused.stderr
    shop.ok(*change, "--set", "schema.channel=default")
    assert shop.json("search", "kettle", "--mode", "lexical")["total"] == 2


def test_rebuild_looks_at_the_disk_first(shop, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(shop.data)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10))
    result = shop("indexes", "rebuild", "shop")
    assert result.exit_code == 6
    assert "make room first; nothing was changed" in result.stderr


def test_a_held_index_is_a_conflict(shop) -> None:
    with FileLock(shop.data / "locks" / "shop.build.lock"):
        result = shop("indexes", "rebuild", "shop")
    assert result.exit_code == 5
    assert "is being built by another process" in result.stderr


def test_delete_asks_first(shop) -> None:
    for answer in ("n\n", ""):
        refused = shop("indexes", "delete", "shop", stdin=answer)
        assert refused.exit_code == 1
        assert "Delete index 'shop' with 3 products?" in refused.stderr
    assert "shop is deleted" in shop.ok("indexes", "delete", "shop", stdin="y\n")
    assert shop.json("indexes", "list") == []


def test_delete_removes_what_imports_left_behind(shop) -> None:
    bad = shop.write("bad.csv", shop.feed + shop.feed.splitlines()[1] + "\nA-4,Teapot,Acme,,free,Kitchen,white\n")
    for name in ("shop", "shop.de"):
        shop.ok("import", bad, "--index", name)
    kept = [path.name for path in (shop.data / "imports").iterdir() if path.name.startswith("shop.de.")]
    assert len(kept) == 2
    shop.ok("indexes", "delete", "shop", "--yes")
    assert sorted(path.name for path in (shop.data / "imports").iterdir()) == sorted(kept)


def test_delete_goes_by_itself_where_told(shop) -> None:
    assert shop.json("indexes", "delete", "shop", "--yes") == {"deleted": "shop", "products": 3}
    assert shop("indexes", "delete", "shop", "--yes").exit_code == 4
