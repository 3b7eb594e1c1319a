"""PostgreSQL goes away in the middle of work: nothing acknowledged is lost, and everything goes on by itself."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator

import pytest
from postgresql_server import administering
from private_postgresql import PrivateServer, private_server
from sqlalchemy import delete

from indexer.errors import ConfigurationError, StorageError
from indexer.store.catalogue import SqlCatalogue, open_catalogue
from indexer.store.database import Database, open_database
from indexer.store.records import Change, StoredProduct
from indexer.store.tables import INDEXES
from indexer.store.task_records import Lane, NewTask

RESTARTS = 4


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateServer]:
    with private_server() as running:
        yield running


@pytest.fixture
def store(server: PrivateServer) -> Iterator[SqlCatalogue]:
    with administering(server.url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    opened = open_catalogue(server.url)
    opened.create_index("shop", {})
    yield opened
    opened.close()


def product(name: str) -> StoredProduct:
    digest = hashlib.blake2b(name.encode(), digest_size=16).digest()
    return StoredProduct(name, name.encode(), digest, digest)


class Writer(threading.Thread):
    """Writes products in pairs, keeps a ledger of what was acknowledged, and goes on whatever happens."""

    def __init__(self, store: SqlCatalogue, name: str, stop: threading.Event) -> None:
        super().__init__(name=name)
        self.acknowledged: list[str] = []
        self.refused: list[StorageError] = []
        self.broken: list[BaseException] = []
        self._store = store
        self._ending = stop

    def run(self) -> None:
        number = 0
        while not self._ending.is_set():
            number += 1
            ids = [f"{self.name}-{number}-{half}" for half in "ab"]
            try:
                self._store.upsert("shop", [product(one) for one in ids])
            except StorageError as error:
                self.refused.append(error)
                time.sleep(0.02)
            except BaseException as error:  # noqa: BLE001 - the test fails by it
                self.broken.append(error)
                return
            else:
                self.acknowledged += ids


def test_a_server_that_crashes_amid_writes_loses_nothing_and_is_found_again(
    server: PrivateServer, store: SqlCatalogue
) -> None:
    stop = threading.Event()
    writers = [Writer(store, f"w{number}", stop) for number in range(4)]
    for writer in writers:
        writer.start()
    followed: list[Change] = []
    for _ in range(RESTARTS):
        before = sum(len(writer.acknowledged) for writer in writers)
        _until(lambda least=before + 40: sum(len(writer.acknowledged) for writer in writers) >= least)
        followed += store.changes("shop", followed[-1].change_number if followed else 0, 100_000)
        server.stop("immediate")
        time.sleep(0.1)
        server.start()
    after = sum(len(writer.acknowledged) for writer in writers)
    _until(lambda: sum(len(writer.acknowledged) for writer in writers) >= after + 40)
    stop.set()
    for writer in writers:
        writer.join()
    followed += store.changes("shop", followed[-1].change_number, 100_000)

    assert [writer.broken for writer in writers] == [[]] * 4
    refused = [error for writer in writers for error in writer.refused]
    assert refused, "the restarts were noticed"
    assert all("postgres@127.0.0.1" in str(error) for error in refused)
    acknowledged = {one for writer in writers for one in writer.acknowledged}
    there = [change.id for change in store.changes("shop", 0, 1_000_000)]
    assert acknowledged <= set(there)
    # What was not acknowledged may be there or not, but never in part; nor may a number be given twice.
    assert {one[:-1] + "a" for one in there} <= set(there)
    assert {one[:-1] + "b" for one in there} <= set(there)
    assert [change.id for change in followed] == there
    assert [change.change_number for change in followed] == list(range(1, len(there) + 1))
    assert store.count("shop") == len(there)


def test_work_goes_on_after_a_restart_without_anybody_s_help(server: PrivateServer, store: SqlCatalogue) -> None:
    made = store.tasks.enqueue(NewTask("apply"))
    lease = store.tasks.lease("w", list(Lane), 60)
    assert lease is not None
    server.stop("immediate")
    with pytest.raises(StorageError, match=r"cannot be reached: start it, or look at host, port and network"):
        store.tasks.renew(lease, 60)
    server.start()
    assert store.get_index("shop").change_number == 0
    assert store.tasks.renew(lease, 60) is False
    store.tasks.succeed(lease, {})
    assert store.tasks.get(made.id).state.finished


def test_a_connection_that_breaks_amid_a_transaction_is_told_and_undone(
    server: PrivateServer, store: SqlCatalogue
) -> None:
    def cut(known: object) -> list[StoredProduct]:
        with administering(server.url) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE application_name LIKE 'shelfwise%' AND state = 'idle in transaction'"
            )
        return [product("p1")]

    with pytest.raises(StorageError, match="the connection broke; what was acknowledged is kept"):
        store.modify("shop", ["p1"], cut)
    assert store.ids("shop", "", 10) == []
    assert store.upsert("shop", [product("p1")]).change_number == 1


def test_a_commit_waits_for_the_disk_though_the_server_would_not(server: PrivateServer, store: SqlCatalogue) -> None:
    with administering(server.url) as connection:
        connection.execute("ALTER ROLE postgres SET synchronous_commit = off")
        connection.execute("ALTER ROLE postgres SET default_transaction_isolation = 'serializable'")
        connection.execute("ALTER ROLE postgres SET timezone = 'Asia/Kolkata'")
    try:
        database = open_database(server.url)
        with database.write() as connection:
            seen = [
                connection.exec_driver_sql(f"SHOW {name}").scalar()
                for name in ("synchronous_commit", "transaction_isolation", "timezone", "transaction_read_only")
            ]
        with database.read() as connection:
            seen += [
                connection.exec_driver_sql(f"SHOW {name}").scalar()
                for name in ("transaction_isolation", "transaction_read_only")
            ]
        database.close()
    finally:
        with administering(server.url) as connection:
            connection.execute("ALTER ROLE postgres RESET ALL")
    assert seen == ["on", "read committed", "UTC", "off", "repeatable read", "on"]


def test_a_server_without_fsync_is_warned_of(
    server: PrivateServer, store: SqlCatalogue, caplog: pytest.LogCaptureFixture
) -> None:
    with administering(server.url) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    try:
        _until(lambda: not store._database.is_durable())
        open_catalogue(server.url).close()
    finally:
        with administering(server.url) as connection:
            connection.execute("ALTER SYSTEM RESET fsync")
            connection.execute("SELECT pg_reload_conf()")
    assert "runs with fsync = off" in caplog.text


def test_a_server_that_was_never_there_is_told() -> None:
    with pytest.raises(StorageError, match="the server cannot be reached: start it"):
        open_catalogue("postgresql://me:secret@127.0.0.1:1/shop")
    with pytest.raises(StorageError, match=r"failed to resolve host 'host\.invalid'.* the server cannot be reached"):
        open_catalogue("postgresql://me:secret@host.invalid/shop")


def test_what_the_server_refuses_is_told_with_the_remedy(server: PrivateServer, store: SqlCatalogue) -> None:
    elsewhere = server.url.replace("/postgres", "/nowhere").replace("//nowhere", "//postgres")
    with pytest.raises(ConfigurationError, match='database "nowhere" does not exist: make the database with'):
        open_catalogue(elsewhere)
    with pytest.raises(ConfigurationError, match=r"look at user and password \(SHELFWISE_DATABASE_URL\)"):
        open_catalogue(server.url.replace("postgres@", "nobody:secret@"))


def test_a_server_that_cannot_be_written_is_told(server: PrivateServer, store: SqlCatalogue) -> None:
    with administering(server.url) as connection:
        connection.execute("ALTER ROLE postgres SET default_transaction_read_only = on")
    database = open_database(server.url)
    try:
        with pytest.raises(StorageError, match="it is read-only, as a standby is; name the server that can be written"):
            _delete_all(database)
    finally:
        database.close()
        with administering(server.url) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute("ALTER ROLE postgres RESET ALL")
    assert [record.name for record in store.list_indexes()] == ["shop"]


def _delete_all(database: Database) -> None:
    with database.write() as connection:
        connection.execute(delete(INDEXES))


def _until(true: object, limit_s: float = 30) -> None:
    deadline = time.monotonic() + limit_s
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.01)
