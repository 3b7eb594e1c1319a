from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import indexer
from indexer.errors import ConfigurationError, CorruptionError
from indexer.store import upgrade as upgrading
from indexer.store.catalogue import open_catalogue
from indexer.store.records import StoredProduct
from indexer.store.sqlite import SqliteDatabase
from indexer.store.tables import METADATA
from indexer.store.task_records import NewTask

ROOT = Path(indexer.__file__).parents[1]
OPEN = "import sys\nfrom indexer.store.catalogue import open_catalogue\n"


def start(code: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, f"sqlite:///{path}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def tables_of(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    return names


def test_the_migrations_make_the_tables_that_the_code_uses(path: Path) -> None:
    open_catalogue(f"sqlite:///{path}").close()
    database = SqliteDatabase(f"sqlite:///{path}")
    assert upgrading.stored_version(database) == upgrading.CURRENT_VERSION
    with database.read() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": upgrading.VERSION_TABLE}
        )
        assert compare_metadata(context, METADATA) == []
    database.close()


def test_the_current_version_is_that_of_the_newest_migration() -> None:
    scripts = ScriptDirectory(str(ROOT / "indexer" / "store" / "migrations"))
    assert scripts.get_heads() == [f"{upgrading.CURRENT_VERSION:04d}"]


def test_a_catalogue_is_opened_again_with_what_it_holds(path: Path) -> None:
    first = open_catalogue(f"sqlite:///{path}")
    first.create_index("shop", {"language": "de"})
    first.close()
    second = open_catalogue(f"sqlite:///{path}")
    assert second.get_index("shop").settings == {"language": "de"}
    second.close()


def test_processes_that_start_at_once_create_the_tables_once(path: Path) -> None:
    code = OPEN + "print(open_catalogue(sys.argv[1]).list_indexes())"
    starters = [start(code, path) for _ in range(4)]
    assert [(*starter.communicate(), starter.returncode) for starter in starters] == [("[]\n", "", 0)] * 4


def test_alembic_is_imported_only_for_an_upgrade(path: Path) -> None:
    open_catalogue(f"sqlite:///{path}").close()
    code = OPEN + "open_catalogue(sys.argv[1])\nprint('alembic' in sys.modules)"
    assert start(code, path).communicate() == ("False\n", "")
    path.unlink()
    assert start(code, path).communicate() == ("True\n", "")


def test_an_upgrade_that_breaks_off_leaves_nothing_behind(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from alembic import command

    migrate = command.upgrade

    def break_off(*arguments: object) -> None:
        migrate(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "upgrade", break_off)
    with pytest.raises(KeyboardInterrupt):
        open_catalogue(f"sqlite:///{path}")
    assert tables_of(path) == set()
    monkeypatch.undo()
    open_catalogue(f"sqlite:///{path}").close()
    assert {"indexes", "products", upgrading.VERSION_TABLE} <= tables_of(path)


def test_tables_of_the_first_version_get_what_is_new_and_keep_what_they_hold(path: Path) -> None:
    opened = open_catalogue(f"sqlite:///{path}")
    opened.create_index("shop", {"language": "de"})
    opened.upsert("shop", [StoredProduct("a", b"{}", bytes(16), bytes(16))])
    opened.close()
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TABLE tasks; DROP TABLE leases; DROP TABLE events; DROP TABLE requests;"
        f"UPDATE {upgrading.VERSION_TABLE} SET version_num = '0001'"
    )
    connection.close()
    assert not {"tasks", "leases", "events", "requests"} & tables_of(path)
    opened = open_catalogue(f"sqlite:///{path}")
    assert (opened.get_index("shop").settings, opened.ids("shop", "", 10)) == ({"language": "de"}, ["a"])
    task = opened.tasks.enqueue(NewTask("apply", "shop"))
    assert opened.tasks.list_tasks(index="shop") == [task]
    assert opened.leases.acquire("index:shop", "cli", 30) is not None
    assert opened.events.scan(0, 10) == []
    opened.close()


def test_an_empty_file_is_a_new_catalogue(path: Path) -> None:
    path.touch()
    opened = open_catalogue(f"sqlite:///{path}")
    assert opened.list_indexes() == []
    opened.close()


def test_tables_of_a_later_release_are_refused(path: Path) -> None:
    open_catalogue(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path)
    connection.execute(f"UPDATE {upgrading.VERSION_TABLE} SET version_num = '0042'")
    connection.commit()
    connection.close()
    with pytest.raises(
        ConfigurationError, match="has tables of version 42, and this release knows them up to 4; install"
    ):
        open_catalogue(f"sqlite:///{path}")


def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    with pytest.raises(CorruptionError, match=r"another program \(it has the table 'bookmarks'.* move it away"):
        open_catalogue(f"sqlite:///{path}")
    assert tables_of(path) == {"bookmarks"}


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.write_text("id,title\n" * 1000)
    with pytest.raises(CorruptionError, match=f"catalogue {path}: file is not a database: .* move it away"):
        open_catalogue(f"sqlite:///{path}")
    assert path.read_text() == "id,title\n" * 1000


def test_a_truncated_file_is_told(path: Path) -> None:
    opened = open_catalogue(f"sqlite:///{path}")
    opened.create_index("shop", {})
    opened.close()
    with open(path, "r+b") as file:
        file.truncate(2 * 4096)
    with pytest.raises(CorruptionError, match="the file is damaged; restore it from a backup"):
        open_catalogue(f"sqlite:///{path}").list_indexes()


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="unable to open database file: it cannot be opened; make its folder"):
        open_catalogue(f"sqlite:///{tmp_path}/missing/catalogue.db")


def test_a_database_without_write_ahead_log_gets_it_back(path: Path) -> None:
    open_catalogue(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    connection.close()
    open_catalogue(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
