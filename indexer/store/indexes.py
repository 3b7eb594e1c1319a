"""The rows of `indexes`: names, settings and the counters from which change numbers come.

A function that takes a connection runs in the caller's transaction; one that takes a database makes several of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, true, update

from indexer.errors import ConflictError, NotFoundError
from indexer.index_name import check_new_name
from indexer.store.database import Database
from indexer.store.records import MAX_BATCH, IndexRecord
from indexer.store.tables import ATTRIBUTES, GENERATIONS, INDEXES, PRODUCTS


def find(connection: Connection, name: str, *, lock: bool = False) -> Row[Any]:
    """The row of an index.

    Args:
        lock: no other writer gets at the index before the transaction ends, so that numbers are visible in order.

    Raises:
        NotFoundError: there is none.
    """
    query = select(INDEXES).where(INDEXES.c.name == name, INDEXES.c.ready == true())
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise _missing(connection, name)
    return row


def find_all(connection: Connection) -> list[IndexRecord]:
    """All indexes, by name."""
    rows = connection.execute(
        select(INDEXES).where(INDEXES.c.name.is_not(None), INDEXES.c.ready == true()).order_by(INDEXES.c.name)
    )
    return [to_record(row) for row in rows]


def to_record(row: Row[Any]) -> IndexRecord:
    """What the caller sees of a row."""
    return IndexRecord(
        name=row.name,
        created_at=row.created_at,
        settings=row.settings,
        settings_version=row.settings_version,
        change_number=row.change_number,
        product_count=row.product_count,
    )


def add(
    database: Database, connection: Connection, name: str, settings: Mapping[str, Any], *, ready: bool = True
) -> int:
    """Adds an index; returns the id of its row.

    Raises:
        InputError: no index can have that name.
        ConflictError: the name is taken.
    """
    check_new_name(name)
    added = connection.execute(
        database.insert(INDEXES)
        .values(
            name=name,
            ready=ready,
            created_at=datetime.now(UTC),
            settings=dict(settings),
            settings_version=1,
            change_number=0,
            product_count=0,
            generation_number=0,
        )
        .on_conflict_do_nothing()
        .returning(INDEXES.c.id)
    ).scalar_one_or_none()
    if added is None:
        raise ConflictError(f"index {name!r} exists already; delete it first, or choose another name")
    return int(added)


def set_settings(connection: Connection, name: str, settings: Mapping[str, Any], expected_version: int) -> None:
    """Replaces the settings.

    Raises:
        ConflictError: they are not of `expected_version` any more.
    """
    row = find(connection, name, lock=True)
    if row.settings_version != expected_version:
        raise ConflictError(
            f"the settings of index {name!r} have changed meanwhile: they are of version {row.settings_version}, not "
            f"{expected_version}; read them again and repeat the change"
        )
    connection.execute(
        update(INDEXES)
        .where(INDEXES.c.id == row.id)
        .values(settings=dict(settings), settings_version=expected_version + 1)
    )


def advance(connection: Connection, index_id: int, *, changes: int, products: int) -> int:
    """Takes `changes` change numbers, counts `products` more (or fewer); returns the last number taken."""
    result = connection.execute(
        update(INDEXES)
        .where(INDEXES.c.id == index_id)
        .values(change_number=INDEXES.c.change_number + changes, product_count=INDEXES.c.product_count + products)
        .returning(INDEXES.c.change_number)
    )
    return int(result.scalar_one())


def drop(connection: Connection, name: str) -> None:
    """Frees the name at once, also that of a copy which is being filled; `purge` removes the rows.

    Raises:
        NotFoundError: there is no such index.
    """
    if connection.execute(update(INDEXES).where(INDEXES.c.name == name).values(name=None)).rowcount == 0:
        raise _missing(connection, name)


def purge(database: Database) -> None:
    """Removes the rows of dropped indexes, also of those whose purge was interrupted, in small transactions."""
    with database.read() as connection:
        dropped = connection.execute(select(INDEXES.c.id).where(INDEXES.c.name.is_(None))).scalars().all()
    for index_id in dropped:
        while _purge_products(database, index_id):
            database.give_way()
        with database.write() as connection:
            if not _is_dropped(connection, index_id):
                continue
            for table in (GENERATIONS, ATTRIBUTES):
                connection.execute(delete(table).where(table.c.index_id == index_id))
            connection.execute(delete(INDEXES).where(INDEXES.c.id == index_id))


def _missing(connection: Connection, name: str) -> NotFoundError:
    names = [record.name for record in find_all(connection)]
    there = f"there are: {', '.join(names)}" if names else "there are none yet"
    return NotFoundError(f"index {name!r} does not exist; {there}")


def _purge_products(database: Database, index_id: int) -> bool:
    batch = select(PRODUCTS.c.id).where(PRODUCTS.c.index_id == index_id).limit(MAX_BATCH)
    with database.write() as connection:
        if not _is_dropped(connection, index_id):
            return False
        result = connection.execute(
            delete(PRODUCTS).where(PRODUCTS.c.index_id == index_id, PRODUCTS.c.id.in_(batch.scalar_subquery()))
        )
        return result.rowcount == MAX_BATCH


def _is_dropped(connection: Connection, index_id: int) -> bool:
    """Whether its rows are still to be removed; no other process is at it until the transaction ends."""
    query = select(INDEXES.c.id).where(INDEXES.c.id == index_id, INDEXES.c.name.is_(None))
    return connection.execute(query.with_for_update()).one_or_none() is not None
