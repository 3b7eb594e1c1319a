"""The tables of the catalogue as the newest migration leaves them; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class UtcTime(TypeDecorator[datetime]):
    """A time in UTC. SQLite drops the zone, so that it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.replace(tzinfo=UTC)


METADATA = MetaData()

# name: NULL once it is deleted, until its rows are purged. ready: false while a copy is being filled.
# change_number, product_count, generation_number: counters, moved in the transaction that writes what they count.
# sync: the token of the latest sync; an older one is refused.
INDEXES = Table(
    "indexes",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String(255), unique=True),
    Column("ready", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("settings", JSON, nullable=False),
    Column("settings_version", Integer, nullable=False),
    Column("change_number", BigInteger, nullable=False),
    Column("product_count", BigInteger, nullable=False),
    Column("generation_number", Integer, nullable=False),
    Column("sync", BigInteger),
)

# A row without a document is a tombstone. The document stands last, so that reading the rest of a row leaves it alone.
PRODUCTS = Table(
    "products",
    METADATA,
    Column("index_id", Integer, ForeignKey("indexes.id"), primary_key=True),
    Column("id", String(512), primary_key=True),
    Column("change_number", BigInteger, nullable=False),
    Column("content_hash", LargeBinary(16)),
    Column("text_hash", LargeBinary(16)),
    Column("updated_at", UtcTime, nullable=False),
    Column("document", LargeBinary),
    Index("products_by_change", "index_id", "change_number", unique=True),
)

SEEN = Table(
    "seen",
    METADATA,
    Column("sync", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(512), primary_key=True),
)

GENERATIONS = Table(
    "generations",
    METADATA,
    Column("index_id", Integer, ForeignKey("indexes.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),
    Column("spec", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("change_number", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
)

ATTRIBUTES = Table(
    "attributes",
    METADATA,
    Column("index_id", Integer, ForeignKey("indexes.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("types", JSON, nullable=False),
)

EMBEDDINGS = Table(
    "embeddings",
    METADATA,
    Column("encoder_version", String(255), primary_key=True),
    Column("text_hash", LargeBinary(16), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)
