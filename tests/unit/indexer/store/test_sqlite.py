from __future__ import annotations

import pickle
import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from indexer.errors import ConfigurationError, ConflictError, InputError, StorageError
from indexer.store import sqlite as databases
from indexer.store.catalogue import SqlCatalogue
from indexer.store.event_records import EventType, NewEvent, Person
from indexer.store.events import SqlEvents
from indexer.store.records import StoredProduct
from indexer.store.sqlite import SqliteDatabase
from indexer.store.tables import GENERATIONS
from indexer.store.upgrade import CURRENT_VERSION, stored_version, upgrade


@pytest.fixture
def shop(database: SqliteDatabase) -> SqlCatalogue:
    catalogue = SqlCatalogue(database)
    catalogue.create_index("shop", {})
    return catalogue


def products(first: int, count: int, size_bytes: int = 100) -> list[StoredProduct]:
    numbers = range(first, first + count)
    return [StoredProduct(f"p{n}", b"x" * size_bytes, n.to_bytes(16, "big"), bytes(16)) for n in numbers]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("catalogue.db", "database URL 'catalogue.db' is none; wanted: sqlite:///PATH"),
        ("sqlite://", "'sqlite://' names no SQLite file"),
        ("sqlite:///:memory:", "names no SQLite file"),
        ("mysql://me:secret@host/shop", r"'mysql://me:\*\*\*@host/shop' names no SQLite file; wanted: sqlite:///PATH"),
    ],
)
def test_a_url_must_name_an_sqlite_file(url: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        SqliteDatabase(url)


def test_nothing_is_opened_before_it_is_needed(path: Path) -> None:
    SqliteDatabase(f"sqlite:///{path}")
    assert not path.exists()


def test_every_connection_commits_to_the_disk_and_checks_references(database: SqliteDatabase) -> None:
    seen: list[tuple[object, ...]] = []

    def look() -> None:
        with database.write() as connection:
            names = ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint")
            seen.append(tuple(connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names))

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [("wal", 2, 1, databases.CHECKPOINT_PAGES)] * 3


def test_a_failed_transaction_leaves_nothing(database: SqliteDatabase, shop: SqlCatalogue) -> None:
    now = shop.get_index("shop").created_at
    row = {"number": 1, "state": "live", "spec": {}, "created_at": now, "change_number": 0, "note": ""}

    def write() -> None:
        with database.write() as connection:
            for index_id in (1, 2):  # there is one index
                connection.execute(insert(GENERATIONS), [{**row, "index_id": index_id}])

    with pytest.raises(IntegrityError, match="FOREIGN KEY"):
        write()
    assert shop.generations.list_all("shop") == []


def test_a_full_disk_is_told_and_nothing_acknowledged_is_lost(database: SqliteDatabase, shop: SqlCatalogue) -> None:
    shop.upsert("shop", products(0, 10))
    with database.read() as connection:  # the limit stays with the connection, which the next transaction takes again
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 5}")
    with pytest.raises(StorageError, match=r"catalogue\.db: database or disk is full: .* make room and try again"):
        shop.upsert("shop", products(10, 100, size_bytes=4000))
    assert (shop.count("shop"), shop.get_index("shop").change_number, len(shop.ids("shop", "", 1000))) == (10, 10, 10)
    with database.read() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert shop.upsert("shop", products(10, 100, size_bytes=4000)).change_number == 110


def test_a_read_only_database_is_told(database: SqliteDatabase, shop: SqlCatalogue) -> None:
    with database.read() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(StorageError, match="attempt to write a readonly database: it cannot be written; let this user"):
        shop.upsert("shop", products(0, 1))


def test_a_writer_that_waits_too_long_is_told_and_may_try_again(
    path: Path, shop: SqlCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "BUSY_TIMEOUT_S", 0.05)
    hasty = SqliteDatabase(f"sqlite:///{path}")
    catalogue = SqlCatalogue(hasty)
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(ConflictError, match="database is locked: another process has held the write lock"):
        catalogue.upsert("shop", products(0, 1))
    assert catalogue.count("shop") == 0  # readers never wait
    blocker.execute("ROLLBACK")
    blocker.close()
    assert catalogue.upsert("shop", products(0, 1)).change_number == 1
    hasty.close()


def test_an_upgrade_waits_for_another_and_says_when_that_takes_too_long(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = SqliteDatabase(f"sqlite:///{path}"), SqliteDatabase(f"sqlite:///{path}")
    monkeypatch.setattr(databases, "UPGRADE_TIMEOUT_S", 0.05)
    message = r"another process has held .*catalogue\.db\.lock for"
    with first.upgrade_lock(), pytest.raises(ConflictError, match=message):
        upgrade(second)
    assert stored_version(second) == 0
    upgrade(second)
    assert stored_version(first) == CURRENT_VERSION
    first.close()
    second.close()


def test_a_lock_that_cannot_be_written_is_told(path: Path) -> None:
    path.with_name("catalogue.db.lock").mkdir()
    with pytest.raises(
        StorageError, match=r"catalogue\.db\.lock cannot be written: .*; let this user write its folder"
    ):
        upgrade(SqliteDatabase(f"sqlite:///{path}"))


def test_errors_survive_pickling(database: SqliteDatabase, shop: SqlCatalogue) -> None:
    with database.read() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(StorageError) as caught:
        shop.upsert("shop", products(0, 1))
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_backup_is_as_of_one_moment_while_others_write(shop: SqlCatalogue, tmp_path: Path) -> None:
    shop.upsert("shop", products(0, 500, size_bytes=4000))
    done = threading.Event()

    def write() -> None:
        first = 500
        while not done.is_set():
            shop.upsert("shop", products(first, 5))
            first += 5

    writer = threading.Thread(target=write)
    writer.start()
    shop.backup(tmp_path / "backup.db")
    done.set()
    writer.join()
    assert sorted(entry.name for entry in tmp_path.glob("backup*")) == ["backup.db"]

    saved = SqliteDatabase(f"sqlite:///{tmp_path}/backup.db")
    upgrade(saved)
    copy = SqlCatalogue(saved)
    count = copy.count("shop")
    assert 500 <= count <= shop.count("shop")
    assert count % 5 == 0
    assert [change.change_number for change in copy.changes("shop", 0, 100_000)] == list(range(1, count + 1))
    saved.close()


def test_a_backup_replaces_nothing(shop: SqlCatalogue, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    target.write_text("precious")
    with pytest.raises(InputError, match=r"backup\.db exists already; choose another name"):
        shop.backup(target)
    assert target.read_text() == "precious"


def test_a_backup_that_cannot_be_written_is_told(shop: SqlCatalogue, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"missing/backup\.db: unable to open database file"):
        shop.backup(tmp_path / "missing" / "backup.db")


def test_what_is_erased_is_not_left_in_the_files(database: SqliteDatabase, path: Path) -> None:
    events = SqlEvents(database)
    with database.write() as connection:  # some builds of SQLite overwrite by default
        connection.exec_driver_sql("PRAGMA secure_delete = OFF")
    time = datetime(2026, 2, 2, tzinfo=UTC)
    for batch in range(20):
        people = [f"{'alma' if number % 3 else 'bert'}-{batch}" for number in range(50)]
        new = [
            NewEvent(f"{batch}-{number}", "shop", EventType.CLICK, "p", time, user_id=user)
            for number, user in enumerate(people)
        ]
        events.add(new)

    def stored(text: str) -> bool:
        return any(text.encode() in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))

    assert stored("alma-7")
    assert events.erase(Person(user_id="alma-7")) == 33
    assert not stored("alma-7")
    assert stored("bert-7")
