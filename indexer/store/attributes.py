"""How often each attribute of an index occurs, and with what types: from this the first fields are declared."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from indexer.store import indexes
from indexer.store.characters import storable
from indexer.store.database import Database
from indexer.store.records import AttributeCount
from indexer.store.tables import ATTRIBUTES

MAX_NAME_BYTES = 2_000
"""Of an attribute's name that is counted: a database cannot index longer texts, and nobody declares such a field."""


class SqlAttributes:
    """The counts as of the last time that somebody took them; the store itself reads no document."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, index: str, counts: Sequence[AttributeCount]) -> None:
        """Puts these counts in the place of all that there were."""
        with self._database.write() as connection:
            row = indexes.find(connection, index, lock=True)
            connection.execute(delete(ATTRIBUTES).where(ATTRIBUTES.c.index_id == row.id))
            rows = [
                {"index_id": row.id, "name": each.name, "count": each.count, "types": dict(each.types)}
                for each in counts
                if _is_storable(each.name)
            ]
            if rows:
                connection.execute(insert(ATTRIBUTES), rows)

    def list_all(self, index: str) -> list[AttributeCount]:
        """All counts, most frequent first, then by name."""
        with self._database.read() as connection:
            row = indexes.find(connection, index)
            rows = connection.execute(
                select(ATTRIBUTES.c.name, ATTRIBUTES.c.count, ATTRIBUTES.c.types)
                .where(ATTRIBUTES.c.index_id == row.id)
                .order_by(ATTRIBUTES.c.count.desc(), ATTRIBUTES.c.name)
            )
            return [AttributeCount(*values) for values in rows]


def _is_storable(name: str) -> bool:
    return storable(name) == name and len(name.encode()) <= MAX_NAME_BYTES
