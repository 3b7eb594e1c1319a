"""A sync: what a whole feed holds is marked as seen, what is left over goes."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, select, update

from indexer.errors import ConflictError
from indexer.store import indexes, products
from indexer.store.database import Database
from indexer.store.records import MAX_BATCH, DeleteReport
from indexer.store.tables import INDEXES, PRODUCTS, SEEN

_PURGE_BATCH = 10_000


class SqlSync:
    """The sync of one index. Beginning another one ends it: its calls are then refused.

    Marks are rows of the database, so that a feed of any length is synced in constant memory.
    """

    def __init__(self, database: Database, index: str) -> None:
        self._database = database
        self._index = index
        self._token = secrets.randbits(62)
        self._last_id = ""
        with database.write() as connection:
            row = indexes.find(connection, index, lock=True)
            connection.execute(update(INDEXES).where(INDEXES.c.id == row.id).values(sync=self._token))
        # What others write while the feed is read cannot be in it: it stays until the next sync.
        self._begun_at = row.change_number
        _purge(database)

    def mark_seen(self, ids: Iterable[str]) -> None:
        """Keeps these products; ids that are not in the catalogue do no harm."""
        rows = [{"sync": self._token, "id": product_id} for product_id in filter(products.is_id, ids)]
        with self._database.write() as connection:
            self._own_row(connection, lock=True)
            if rows:
                connection.execute(self._database.insert(SEEN).on_conflict_do_nothing(), rows)

    def unseen_count(self) -> int:
        """How many products `delete_unseen` has yet to delete."""
        with self._database.read() as connection:
            row = self._own_row(connection, lock=False)
            return connection.execute(select(func.count()).select_from(PRODUCTS).where(*self._unseen(row))).scalar_one()

    def delete_unseen(self, limit: int = MAX_BATCH) -> DeleteReport:
        """Deletes the next products that were not seen, at most `limit`; none are left when it deletes none."""
        with self._database.write() as connection:
            row = self._own_row(connection, lock=True)
            query = select(PRODUCTS.c.id).where(*self._unseen(row), PRODUCTS.c.id > self._last_id)
            unseen = connection.execute(query.order_by(PRODUCTS.c.id).limit(limit)).scalars().all()
            report = products.delete(connection, self._index, unseen)
        if report.deleted:
            self._last_id = report.deleted[-1]
        return report

    def end(self) -> None:
        """Forgets the marks. A sync that was killed leaves them to the next one."""
        with self._database.write() as connection:
            connection.execute(update(INDEXES).where(INDEXES.c.sync == self._token).values(sync=None))
        _purge(self._database)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def _own_row(self, connection: Connection, *, lock: bool) -> Row[Any]:
        row = indexes.find(connection, self._index, lock=lock)
        if row.sync != self._token:
            raise ConflictError(
                f"another sync of index {self._index!r} has begun, so that this one was given up; "
                f"run one at a time, and start it again"
            )
        return row

    def _unseen(self, row: Row[Any]) -> tuple[ColumnElement[bool], ...]:
        return (
            PRODUCTS.c.index_id == row.id,
            PRODUCTS.c.document.is_not(None),
            PRODUCTS.c.change_number <= self._begun_at,
            ~exists().where(SEEN.c.sync == self._token, SEEN.c.id == PRODUCTS.c.id),
        )


def _purge(database: Database) -> None:
    """Removes the marks of syncs that have ended, also of those that were killed, in small transactions."""
    running = select(INDEXES.c.sync).where(INDEXES.c.sync.is_not(None))
    with database.read() as connection:
        ended = connection.execute(select(SEEN.c.sync).distinct().where(SEEN.c.sync.not_in(running))).scalars().all()
    for token in ended:
        marks = select(SEEN.c.id).where(SEEN.c.sync == token).limit(_PURGE_BATCH)
        # Another process may be at the same.
        batch = marks.with_for_update(skip_locked=True).scalar_subquery()
        removed = _PURGE_BATCH
        while removed == _PURGE_BATCH:
            database.give_way()
            with database.write() as connection:
                removed = connection.execute(delete(SEEN).where(SEEN.c.sync == token, SEEN.c.id.in_(batch))).rowcount
