"""What is PostgreSQL's own: its URLs, its tables, its locks, and what it cannot hold."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from postgresql_server import administering, empty_database
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

import indexer
from indexer.errors import ConfigurationError, ConflictError, CorruptionError, InputError
from indexer.store import indexes, postgresql, upgrade
from indexer.store import products as product_rows
from indexer.store.catalogue import SqlCatalogue, open_catalogue
from indexer.store.event_records import EventType, NewEvent, Person
from indexer.store.postgresql import PostgresqlDatabase
from indexer.store.records import AttributeCount, StoredProduct
from indexer.store.tables import GENERATIONS, INDEXES, METADATA, PRODUCTS, TASKS
from indexer.store.task_records import Lane, NewTask
from indexer.store.upgrade import CURRENT_VERSION, VERSION_TABLE, stored_version

ROOT = Path(indexer.__file__).parents[1]


@pytest.fixture
def url() -> Iterator[str]:
    with empty_database() as made:
        yield made


@pytest.fixture
def database(url: str) -> Iterator[PostgresqlDatabase]:
    opened = PostgresqlDatabase(url)
    yield opened
    opened.close()


@pytest.fixture
def shop(database: PostgresqlDatabase) -> SqlCatalogue:
    """Has the index "shop"."""
    upgrade.upgrade(database)
    catalogue = SqlCatalogue(database)
    catalogue.create_index("shop", {})
    return catalogue


def products(*ids: str) -> list[StoredProduct]:
    return [StoredProduct(one, b"{}", one.encode().ljust(16)[:16], bytes(16)) for one in ids]


def refused(url: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        open_catalogue(url)
    assert "secret" not in str(caught.value)


def test_a_url_that_is_none_is_told_without_its_password() -> None:
    refused("postgresql://me:secret@host", r"'postgresql://me@host' names no database; wanted: postgresql://USER:")
    refused("postgresql+asyncpg://me:secret@host/shop", r"'postgresql://me@host/shop' names another driver")
    refused("postgresql://me:secret@host:port/shop", "the database URL cannot be read; wanted: postgresql://USER")


def test_the_url_of_the_driver_is_taken_too_and_nothing_is_opened_before_it_is_needed() -> None:
    for url in ("postgresql://me:secret@nowhere:99/shop?sslmode=require", "postgresql+psycopg://me@nowhere:99/shop"):
        database = PostgresqlDatabase(url)
        assert database.name == "postgresql://me@nowhere:99/shop"
        database.close()


def test_the_migrations_make_the_tables_that_the_code_uses(database: PostgresqlDatabase, shop: SqlCatalogue) -> None:
    assert stored_version(database) == CURRENT_VERSION
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "version_table": VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []
        sorted_as = connection.exec_driver_sql(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type = 'character varying' AND collation_name IS DISTINCT FROM 'C' AND table_name <> %(name)s",
            {"name": VERSION_TABLE},
        ).all()
    assert sorted_as == []


def test_processes_that_start_at_once_create_the_tables_once(url: str) -> None:
    code = (
        "import sys\nfrom indexer.store.catalogue import open_catalogue\n"
        "print(open_catalogue(sys.argv[1]).list_indexes())"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    starters = [
        subprocess.Popen([sys.executable, "-c", code, url], stdout=pipe, stderr=pipe, text=True, env=environment)
        for _ in range(4)
    ]
    assert [(*starter.communicate(), starter.returncode) for starter in starters] == [("[]\n", "", 0)] * 4


def test_a_start_waits_for_another_one_that_upgrades(
    database: PostgresqlDatabase, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "UPGRADE_TIMEOUT_S", 0.2)
    with (
        database.upgrade_lock(),
        pytest.raises(ConflictError, match="another process holds it for too long"),
    ):
        open_catalogue(url)
    opened = open_catalogue(url)
    assert opened.list_indexes() == []
    opened.close()


def test_an_upgrade_that_breaks_off_leaves_nothing_behind(
    database: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import command

    migrate = command.upgrade

    def break_off(*arguments: object) -> None:
        migrate(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "upgrade", break_off)
    with pytest.raises(KeyboardInterrupt):
        upgrade.upgrade(database)
    assert not database.is_there()
    monkeypatch.undo()
    upgrade.upgrade(database)
    assert database.is_there()


def test_the_database_of_another_program_is_left_alone(url: str) -> None:
    with administering(url) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(CorruptionError, match=r"another program \(it has the table 'bookmarks'.* or name another one"):
        open_catalogue(url)


def test_tables_of_a_later_release_are_refused(database: PostgresqlDatabase, shop: SqlCatalogue, url: str) -> None:
    with database.write() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '0042'")
    with pytest.raises(ConfigurationError, match="has tables of version 42, and this release knows them up to"):
        open_catalogue(url)


def test_a_database_in_another_encoding_is_refused() -> None:
    with empty_database(options="ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'") as url:
        refused(url, "has the encoding LATIN1; wanted: UTF8; make one with `createdb --encoding=UTF8")


def test_two_shops_live_in_two_schemas_of_one_database(url: str) -> None:
    with administering(url) as connection:
        connection.execute("CREATE SCHEMA one")
        connection.execute("CREATE SCHEMA two")
    one, two = (open_catalogue(f"{url}?options=-csearch_path%3D{name}") for name in ("one", "two"))
    one.create_index("shop", {})
    assert (len(one.list_indexes()), two.list_indexes()) == (1, [])
    database = PostgresqlDatabase(f"{url}?options=-csearch_path%3Dtwo")
    two.close()
    with database.alone():  # the other shop may go on
        assert len(one.list_indexes()) == 1
    database.close()
    one.close()


# --- transactions -----------------------------------------------------------------------------------------------------


def test_a_failed_transaction_leaves_nothing(database: PostgresqlDatabase, shop: SqlCatalogue) -> None:
    now = shop.get_index("shop").created_at
    row = {"number": 1, "state": "live", "spec": {}, "created_at": now, "change_number": 0, "note": ""}

    def write() -> None:
        with database.write() as connection:
            for index_id in (1, 2):  # there is one index
                connection.execute(insert(GENERATIONS), [{**row, "index_id": index_id}])

    with pytest.raises(IntegrityError, match="foreign key"):
        write()
    assert shop.generations.list_all("shop") == []


def test_a_reader_sees_one_moment_and_holds_nobody_up(database: PostgresqlDatabase, shop: SqlCatalogue) -> None:
    shop.upsert("shop", products("a"))
    with database.read() as connection:
        numbers = select(INDEXES.c.change_number)
        before = connection.execute(numbers).scalar_one()
        shop.upsert("shop", products("b"))
        assert connection.execute(numbers).scalar_one() == before == 1
        assert connection.execute(select(PRODUCTS.c.id)).scalars().all() == ["a"]
    assert shop.ids("shop", "", 10) == ["a", "b"]


def test_who_waits_for_a_row_for_too_long_is_told(
    database: PostgresqlDatabase, shop: SqlCatalogue, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "LOCK_TIMEOUT_S", 0.2)
    hasty = open_catalogue(url)
    with database.write() as connection:
        connection.execute(update(INDEXES).values(ready=True))
        with pytest.raises(ConflictError, match="another process holds it for too long; try again"):
            hasty.upsert("shop", products("a"))
    assert hasty.upsert("shop", products("a")).change_number == 1
    hasty.close()


def test_two_that_wait_for_one_another_are_told(database: PostgresqlDatabase, shop: SqlCatalogue) -> None:
    shop.create_index("other", {})
    both = threading.Barrier(2)
    outcomes: list[BaseException | None] = []

    def take(connection: Connection, name: str) -> None:
        connection.execute(update(INDEXES).where(INDEXES.c.name == name).values(ready=True))

    def write(first: str, second: str) -> None:
        try:
            with database.write() as connection:
                take(connection, first)
                both.wait(20)
                take(connection, second)
        except ConflictError as error:
            outcomes.append(error)
        else:
            outcomes.append(None)

    threads = [threading.Thread(target=write, args=pair) for pair in (("shop", "other"), ("other", "shop"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(outcome is None for outcome in outcomes) == 1
    assert any("two processes waited for one another; try again" in str(outcome) for outcome in outcomes)


def test_a_process_that_hangs_in_a_transaction_does_not_hold_others_up_for_ever(
    shop: SqlCatalogue, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "IDLE_TIMEOUT_S", 0.2)
    hanging = PostgresqlDatabase(url)
    with pytest.raises(Exception, match="idle-in-transaction"):
        _hang(hanging, threading.Event())
    hanging.close()
    assert shop.upsert("shop", products("a")).change_number == 1


def _hang(database: PostgresqlDatabase, never: threading.Event) -> None:
    with database.write() as connection:
        connection.execute(update(INDEXES).values(ready=True))
        never.wait(1)
        connection.execute(update(INDEXES).values(ready=True))


def test_a_worker_waits_for_no_task_that_another_has_in_its_hand(
    database: PostgresqlDatabase, shop: SqlCatalogue, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "LOCK_TIMEOUT_S", 0.2)
    first, second = (shop.tasks.enqueue(NewTask("apply")) for _ in range(2))
    other = open_catalogue(url)
    with database.write() as connection:
        assert connection.execute(select(TASKS).where(TASKS.c.id == first.id).with_for_update()).one()
        lease = other.tasks.lease("w", list(Lane), 30)
        assert lease is not None
        assert lease.id == second.id
        assert other.tasks.lease("w", list(Lane), 30) is None
    other.close()


def test_two_processes_clear_away_a_deleted_index_one_after_the_other(
    database: PostgresqlDatabase, shop: SqlCatalogue
) -> None:
    for start in range(0, 1200, 400):
        shop.upsert("shop", products(*(f"p{number}" for number in range(start, start + 400))))
    with database.write() as connection:
        connection.execute(update(INDEXES).values(name=None))
    errors: list[BaseException] = []

    def purge() -> None:
        try:
            indexes.purge(database)
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            errors.append(error)

    other = threading.Thread(target=purge)
    with database.write() as connection:
        # What the other one does first, and would find in its way.
        connection.execute(select(INDEXES).with_for_update())
        batch = select(PRODUCTS.c.id).limit(500).scalar_subquery()
        connection.execute(delete(PRODUCTS).where(PRODUCTS.c.id.in_(batch)))
        other.start()
        other.join(0.5)
        assert other.is_alive()
    other.join()
    assert errors == []
    with database.read() as connection:
        assert connection.execute(select(INDEXES)).all() == connection.execute(select(PRODUCTS)).all() == []


def test_the_target_of_a_copy_is_not_deleted_amid_a_chunk(
    database: PostgresqlDatabase, shop: SqlCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.upsert("shop", products("a"))
    put = product_rows.put
    deleting = threading.Thread(target=lambda: shop.delete_index("copy"))

    def delete_first(*arguments: object) -> None:
        deleting.start()
        deleting.join(0.5)
        put(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(product_rows, "put", delete_first)
    assert shop.copy_index("shop", "copy").product_count == 1
    deleting.join()
    assert [record.name for record in shop.list_indexes()] == ["shop"]


# --- what it cannot hold ----------------------------------------------------------------------------------------------


def test_ids_are_in_the_order_of_code_points(shop: SqlCatalogue, url: str) -> None:
    ids = ["Z", "a", "B", "ä", "_", "-", "a-b", "ab", "\uffff", "\U00010000", "10", "9", " x"]
    with administering(url) as connection:  # the order of the database is another
        assert connection.execute("SELECT 'a' < 'B'").fetchone() == (True,)
    shop.upsert("shop", products(*ids))
    assert shop.ids("shop", "", 100) == sorted(ids)
    paged: list[str] = []
    while page := shop.ids("shop", paged[-1] if paged else "", 2):
        paged += page
    assert paged == sorted(ids)
    for name in ("b", "A", "ä"):
        shop.create_index(name, {})
    assert [record.name for record in shop.list_indexes()] == ["A", "b", "shop", "ä"]


def test_a_settings_text_may_hold_every_character(shop: SqlCatalogue) -> None:
    settings = {"nul": "a\0b", "half": "\ud800", "emoji": "😀", "deep": [1, 1.5, None, True, 2**60]}
    shop.create_index("odd", settings)
    assert shop.get_index("odd").settings == settings


def test_a_text_with_nul_is_refused_where_it_is_looked_for(shop: SqlCatalogue) -> None:
    with pytest.raises(InputError, match=r"cannot contain NUL .* leave it out"):
        shop.get_index("a\0b")


def test_attributes_that_it_cannot_index_are_not_counted(shop: SqlCatalogue) -> None:
    names = ["x", "long" * 5000, "a\0b"]
    shop.attributes.replace("shop", [AttributeCount(name, 1, {"text": 1}) for name in names])
    assert [count.name for count in shop.attributes.list_all("shop")] == ["x"]


def test_what_is_erased_is_not_in_the_table_s_pages(shop: SqlCatalogue, url: str) -> None:
    time = datetime(2026, 2, 2, tzinfo=UTC)
    people = [f"alma-{number % 2}" for number in range(9)]
    shop.events.add(
        [NewEvent(f"e{n}", "shop", EventType.CLICK, "p", time, user_id=user) for n, user in enumerate(people)]
    )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pageinspect")

        def live_or_dead() -> int:
            query = "SELECT count(*) FROM heap_page_items(get_raw_page('events', 0)) WHERE t_data IS NOT NULL"
            row = connection.execute(query).fetchone()
            assert row is not None
            return int(row[0])

        assert live_or_dead() == 9
        assert shop.events.erase(Person(user_id="alma-1")) == 4
        assert live_or_dead() == 5
