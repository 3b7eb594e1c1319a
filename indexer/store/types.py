"""Types of columns that mean the same in every database."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, String, Text, TypeDecorator
from sqlalchemy.types import TypeEngine


class UtcTime(TypeDecorator[datetime]):
    """A time in UTC, whatever zone it comes in. SQLite drops the zone, so that it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def code_points(length: int | None = None) -> TypeEngine[str]:
    """A text that is compared and sorted by code point, as SQLite does it by default.

    Args:
        length: in characters; None for any.
    """
    # A locale's order would tell other texts apart, and page through ids in another order than the engine's.
    by_code_point = Text(collation="C") if length is None else String(length, collation="C")
    return (Text() if length is None else String(length)).with_variant(by_code_point, "postgresql")
