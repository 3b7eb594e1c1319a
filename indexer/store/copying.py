"""Copies an index within the catalogue, in small transactions, while others write to it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from indexer.errors import ConflictError
from indexer.store import indexes, products
from indexer.store.database import Database
from indexer.store.records import MAX_BATCH, IndexRecord
from indexer.store.tables import ATTRIBUTES, INDEXES, PRODUCTS


def copy_index(database: Database, name: str, new: str) -> IndexRecord:
    """Follows the change numbers of one index into another, which is seen only when it has all of them."""
    with database.write() as connection:
        indexes.find(connection, name)
        _drop_unfinished(connection, new)
        target_id = indexes.add(database, connection, new, {}, ready=False)
    indexes.purge(database)
    after = 0
    while True:
        database.give_way()
        with database.write() as connection:
            source = indexes.find(connection, name, lock=True)
            _check_target(connection, new, target_id)
            rows = connection.execute(
                select(PRODUCTS)
                .where(PRODUCTS.c.index_id == source.id, PRODUCTS.c.change_number > after)
                .order_by(PRODUCTS.c.change_number)
                .limit(MAX_BATCH)
            ).all()
            if rows:
                products.put(database, connection, [{**row._mapping, "index_id": target_id} for row in rows])
                after = rows[-1].change_number
            # In the transaction of the last rows: whoever writes without a pause would else always be ahead.
            if len(rows) < MAX_BATCH:
                return _finish(connection, source, target_id)


def _finish(connection: Connection, source: Row[Any], target_id: int) -> IndexRecord:
    counts = connection.execute(select(ATTRIBUTES).where(ATTRIBUTES.c.index_id == source.id)).all()
    if counts:
        connection.execute(insert(ATTRIBUTES), [{**row._mapping, "index_id": target_id} for row in counts])
    row = connection.execute(
        update(INDEXES)
        .where(INDEXES.c.id == target_id)
        .values(
            ready=True,
            settings=source.settings,
            change_number=source.change_number,
            product_count=source.product_count,
        )
        .returning(*INDEXES.c)
    ).one()
    return indexes.to_record(row)


def _drop_unfinished(connection: Connection, name: str) -> None:
    """A copy that was killed gives up its name; one that is still at it finds out, and stops."""
    row = connection.execute(select(INDEXES.c.ready).where(INDEXES.c.name == name).with_for_update()).one_or_none()
    if row is not None and not row.ready:
        indexes.drop(connection, name)


def _check_target(connection: Connection, name: str, target_id: int) -> None:
    row = connection.execute(
        select(INDEXES.c.id).where(INDEXES.c.name == name, INDEXES.c.id == target_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise ConflictError(f"index {name!r} was deleted or copied anew while it was being filled; try again")
