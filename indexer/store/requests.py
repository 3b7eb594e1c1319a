"""Answers to requests that may come again, by the key that their callers gave them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from indexer.errors import ConflictError
from indexer.store.clock import Clock, utc_now
from indexer.store.database import Database
from indexer.store.records import KeptAnswer
from indexer.store.tables import REQUESTS


class SqlRequests:
    """A `RequestStore`; see there for what each method does."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def find(self, key: str) -> KeptAnswer | None:
        query = select(REQUESTS.c.fingerprint, REQUESTS.c.status, REQUESTS.c.body).where(REQUESTS.c.key == key)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else KeptAnswer(*row)

    def keep(self, key: str, answer: KeptAnswer) -> None:
        values = {
            "key": key,
            "fingerprint": answer.fingerprint,
            "status": answer.status,
            "body": answer.body,
            "created_at": self._clock(),
        }
        with self._database.write() as connection:
            statement = self._database.insert(REQUESTS).values(**values).on_conflict_do_nothing()
            if connection.execute(statement.returning(REQUESTS.c.key)).one_or_none() is None:
                raise ConflictError(f"request {key[:40]!r} was answered already, by another process")

    def prune(self, older_than: datetime) -> int:
        with self._database.write() as connection:
            return connection.execute(delete(REQUESTS).where(REQUESTS.c.created_at < older_than)).rowcount
