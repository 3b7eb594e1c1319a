"""The command line over a catalogue in PostgreSQL: what it answers, and a shop that moves there and back."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from postgresql_server import administering, empty_database
from sqlalchemy import select

import search
from indexer.store.catalogue import open_catalogue
from indexer.store.database import open_database
from indexer.store.event_records import EventType, NewEvent
from indexer.store.records import KeptAnswer
from indexer.store.tables import METADATA
from indexer.store.task_records import Lane, NewTask, TaskProgress

ROOT = Path(search.__file__).parents[1]


@pytest.fixture
def url() -> Iterator[str]:
    with empty_database() as made:
        yield made


@pytest.fixture
def server(shell, url: str):
    """A command line whose catalogue is an empty database on the server, and whose data directory is a new one."""
    return elsewhere(shell, "server", SHELFWISE_DATABASE_URL=url)


def elsewhere(shell, folder: str, **environment: str):
    """A command line over another data directory."""
    data_dir = str(shell.folder / folder)
    return replace(shell, environment={**shell.environment, "SHELFWISE_DATA_DIR": data_dir, **environment})


def rows_of(url: str) -> dict[str, list[dict[str, Any]]]:
    """All that a database holds."""
    database = open_database(url)
    try:
        with database.read() as connection:
            return {
                table.name: [
                    dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
                ]
                for table in METADATA.sorted_tables
            }
    finally:
        database.close()


def fill(url: str) -> None:
    """Adds what an import does not: tasks in several states, a lease, events, an answer, a sync that goes on."""
    store = open_catalogue(url)
    store.tasks.enqueue(NewTask("apply", "shop", {"näme": "a\0b", "n": 2**53}, idempotency_key="once"))
    lease = store.tasks.lease("w", list(Lane), 30)
    assert lease is not None
    store.tasks.report(lease, TaskProgress("rows", 2, 3), {"line": 2})
    store.tasks.enqueue(NewTask("import", "shop", lane=Lane.BULK, parent=lease.id))
    assert store.leases.acquire("index:shop", "cli", 30) is not None
    time = datetime(2026, 2, 2, 12, 30, 0, 123456, tzinfo=UTC)
    store.events.add([NewEvent("e1", "shop", EventType.PURCHASE, "A-1", time, "q", "ünï", "s", 2, 2**40, "EUR")])
    store.requests.keep("key", KeptAnswer(bytes(16), 201, b"\x00\xff{}"))
    store.delete("shop", ["A-3"])
    sync = store.begin_sync("shop")
    sync.mark_seen(["A-1", "Z", "a"])
    store.close()


def test_a_shop_is_imported_into_a_server_and_searched(server) -> None:
    assert "there is none at postgresql://" in server.ok("doctor")
    server.ok("import", server.write("feed.csv", server.feed), "--index", "shop")
    assert [hit["id"] for hit in server.json("search", "red kettle", "--mode", "lexical")["hits"]] == ["A-1"]
    assert not (server.folder / "server" / "catalogue.db").exists()
    server.ok("import", "-", "--index", "shop", stdin="sku,name\nA-4,Teapot\n")
    server.ok("indexes", "rebuild", "shop")
    assert server.json("indexes", "list")[0]["products"] == 4
    checks = {one["check"]: one for one in server.json("doctor")["checks"]}
    assert checks["catalogue"]["detail"].startswith("postgresql://")
    assert "nothing is to be done" in server.ok("upgrade", "--check")


def test_a_shop_moves_to_a_server_and_back_with_nothing_lost(shop, server, url: str) -> None:
    here = f"sqlite:///{shop.data}/catalogue.db"
    fill(here)
    shop.ok("backup", str(shop.folder / "there.tar"))
    before = rows_of(here)
    assert all(before.values()), "every table has rows, so that each is seen to be carried"

    assert server.json("restore", str(shop.folder / "there.tar")) == {
        "indexes": [{"index": "shop", "generation": 2, "products": 2}],
        "aside": None,
    }
    assert server.json("search", "kettle", "--mode", "lexical")["total"] == 2
    server.ok("backup", str(shop.folder / "back.tar.gz"))
    there = rows_of(url)

    home = elsewhere(shop, "home")
    assert home.json("restore", str(shop.folder / "back.tar.gz"))["indexes"][0]["generation"] == 3
    back = rows_of(f"sqlite:///{shop.folder}/home/catalogue.db")
    # A restore builds the index anew, which is all that may differ.
    for name in before:
        if name not in ("generations", "indexes", "attributes"):
            assert before[name] == there[name] == back[name], name
    for one in (before, there, back):
        for row in one["indexes"]:
            del row["generation_number"]
    assert before["indexes"] == there["indexes"] == back["indexes"]


def test_numbers_go_on_behind_those_that_were_restored(shop, server, url: str) -> None:
    fill(f"sqlite:///{shop.data}/catalogue.db")
    shop.ok("backup", str(shop.folder / "there.tar"))
    server.ok("restore", str(shop.folder / "there.tar"))
    store = open_catalogue(url)
    newest = store.tasks.list_tasks(limit=1)[0].number
    assert store.tasks.enqueue(NewTask("apply")).number == newest + 1
    store.events.add([NewEvent("e2", "shop", EventType.VIEW, "A-1", datetime.now(UTC))])
    assert [record.number for record in store.events.scan(0, 10)] == [1, 2]
    store.create_index("other", {})
    store.close()


def test_a_used_server_is_refused_or_kept_aside(shop, server) -> None:
    backup = str(shop.folder / "b.tar")
    shop.ok("backup", backup)
    server.ok("import", "-", "--index", "old", stdin="sku,name\nA-4,Teapot\n")
    refused = server("restore", backup)
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    # Another machine, whose data directory is new, sees the same database.
    other = elsewhere(server, "other")
    assert "holds data already" in other("restore", backup).stderr
    assert [one["name"] for one in server.json("indexes", "list")] == ["old"]

    aside = Path(server.json("restore", backup, "--force")["aside"])
    assert [one["name"] for one in server.json("indexes", "list")] == ["shop"]
    old = sqlite3.connect(aside / "catalogue.db")
    assert old.execute("SELECT name, product_count FROM indexes").fetchall() == [("old", 1)]
    old.close()
    assert (aside / "indexes" / "old" / "live").exists()


def test_nothing_is_restored_over_a_database_that_another_machine_has_open(shop, server) -> None:
    backup = str(shop.folder / "b.tar")
    shop.ok("backup", backup)
    server.ok("import", "-", "--index", "old", stdin="sku,name\nA-4,Teapot\n")
    program = (
        "import sys\nfrom search.config import load_config\nfrom search.services import Services\n"
        "services = Services(load_config())\nservices.catalogue.list_indexes()\nprint('open', flush=True)\n"
        "sys.stdin.read()"
    )
    there = {**elsewhere(server, "there").whole_environment, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, env=there, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        assert service.stdout.readline() == "open\n"
        refused = server("restore", backup, "--force")
        service.kill()
    assert refused.exit_code == 5
    assert "is open in another process, such as the web service" in refused.stderr
    assert f":{service.pid}" in refused.stderr
    assert [one["name"] for one in server.json("indexes", "list")] == ["old"]
    assert server.json("restore", backup, "--force")["aside"]


def test_a_database_that_is_being_restored_is_not_opened(server, url: str) -> None:
    server.ok("import", "-", "--index", "old", stdin="sku,name\nA-4,Teapot\n")
    database = open_database(url)
    with database.alone():
        refused = server("indexes", "list")
    database.close()
    assert refused.exit_code == 5
    assert "a backup is being restored into postgresql://" in refused.stderr
    assert server("indexes", "list").exit_code == 0


def test_a_restore_that_breaks_off_changes_nothing(shop, server, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = str(shop.folder / "b.tar")
    shop.ok("backup", backup)
    server.ok("import", "-", "--index", "old", stdin="sku,name\nA-4,Teapot\n")
    before = rows_of(url)
    monkeypatch.setattr("indexer.store.postgresql._count_on", lambda *arguments: 1 / 0)
    assert isinstance(server("restore", backup, "--force").exception, ZeroDivisionError)
    assert rows_of(url) == before
    assert server.json("search", "teapot", "--mode", "lexical")["total"] == 1


def test_a_server_that_cannot_be_reached_is_told_by_every_command(shell) -> None:
    away = elsewhere(shell, "server", SHELFWISE_DATABASE_URL="postgresql://me:secret@127.0.0.1:1/shop")
    checked = away("doctor")
    assert checked.exit_code == 1
    assert "PROBLEM  catalogue: database postgresql://me@127.0.0.1:1/shop: " in checked.stdout
    refused = away("indexes", "list")
    assert refused.exit_code == 6
    assert "the server cannot be reached: start it" in refused.stderr
    assert "secret" not in checked.output + refused.output


def test_the_password_comes_from_a_file_and_is_never_shown(shell, url: str) -> None:
    with administering() as connection:
        connection.execute("DROP ROLE IF EXISTS shelfwise_nobody")
    file = shell.write("password", "a very/secret@word\n")
    host = url.partition("@")[2]
    refused = elsewhere(
        shell,
        "server",
        SHELFWISE_DATABASE_URL=f"postgresql://shelfwise_nobody@{host}",
        SHELFWISE_DATABASE_PASSWORD_FILE=file,
    )("indexes", "list")
    assert refused.exit_code not in (0, 1)
    assert "shelfwise_nobody" in refused.stderr
    assert "secret" not in refused.output
