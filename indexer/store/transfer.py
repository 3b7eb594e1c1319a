"""All rows of a catalogue from one database into another, which has the same tables and no rows."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import Connection, insert, select

from indexer.store.tables import METADATA

BATCH = 500
"""Rows in memory at a time: a product may have a megabyte."""

_log = logging.getLogger(__name__)


def copy_rows(reading: Connection, writing: Connection) -> None:
    """Copies every table, each in the order of its primary key.

    Text may hold the character NUL in one database and not in the other: it becomes U+FFFD, and a warning tells of it.
    """
    for table in METADATA.sorted_tables:
        query = select(table).order_by(*table.primary_key)
        result = reading.execute(query, execution_options={"yield_per": BATCH})
        mended = 0
        for rows in result.mappings().partitions():
            values = [_without_nul(dict(row)) for row in rows]
            mended += sum(row != dict(original) for row, original in zip(values, rows))
            writing.execute(insert(table), values)
        if mended:
            _log.warning("%s: %d rows held the character NUL in a text, which is U+FFFD now", table.name, mended)


def _without_nul(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.replace("\0", "\ufffd") if isinstance(value, str) and "\0" in value else value
        for name, value in row.items()
    }
