"""The tables of the catalogue as the newest migration leaves them; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from indexer.store.types import UtcTime, code_points

METADATA = MetaData()

# name: NULL once it is deleted, until its rows are purged. ready: false while a copy is being filled.
# change_number, product_count, generation_number: counters, moved in the transaction that writes what they count.
# sync: the token of the latest sync; an older one is refused.
INDEXES = Table(
    "indexes",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", code_points(255), unique=True),
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
    Column("id", code_points(512), primary_key=True),
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
    Column("id", code_points(512), primary_key=True),
)

GENERATIONS = Table(
    "generations",
    METADATA,
    Column("index_id", Integer, ForeignKey("indexes.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", code_points(16), nullable=False),
    Column("spec", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("change_number", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
)

ATTRIBUTES = Table(
    "attributes",
    METADATA,
    Column("index_id", Integer, ForeignKey("indexes.id"), primary_key=True),
    Column("name", code_points(), primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("types", JSON, nullable=False),
)

EMBEDDINGS = Table(
    "embeddings",
    METADATA,
    Column("encoder_version", code_points(255), primary_key=True),
    Column("text_hash", LargeBinary(16), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)

# number: the order in which tasks came, and the cursor of lists. parent: no foreign key, it may be pruned earlier.
# exclusive, coalesce_key: "" for none. holds: the exclusive key while the task runs, so that the database itself
# refuses a second one. idempotency_key: NULL for none.
# stage_at, stage_done: when and from where the present worker began the stage; from these the rate is computed.
TASKS = Table(
    "tasks",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("id", code_points(32), nullable=False, unique=True),
    Column("kind", code_points(64), nullable=False),
    Column("index_name", code_points(255), nullable=False),
    Column("lane", code_points(16), nullable=False),
    Column("state", code_points(16), nullable=False),
    Column("parent", code_points(32)),
    Column("exclusive", code_points(255), nullable=False),
    Column("holds", code_points(255), unique=True),
    Column("coalesce_key", code_points(255), nullable=False),
    Column("idempotency_key", code_points(255), unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("not_before", UtcTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("worker", code_points(255), nullable=False),
    Column("lease_until", UtcTime),
    Column("token", BigInteger, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("stage", code_points(255), nullable=False),
    Column("stage_at", UtcTime),
    Column("stage_done", BigInteger, nullable=False),
    Column("reported_at", UtcTime),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("errors", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("checkpoint", JSON(none_as_null=True)),
    Column("result", JSON(none_as_null=True)),
    Index("tasks_by_state", "state", "lane", "number"),
    Index("tasks_by_index", "index_name", "number"),
    Index("tasks_by_parent", "parent"),
)

# A row stays when its lease is released, with holder "": the next token is larger still.
LEASES = Table(
    "leases",
    METADATA,
    Column("resource", code_points(255), primary_key=True),
    Column("holder", code_points(255), nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("acquired_at", UtcTime, nullable=False),
    Column("lease_until", UtcTime, nullable=False),
)

# index_name: no foreign key, what shoppers did stays when the index is deleted and made anew. query_id, user_id,
# session_id, currency: "" for none. value: in the currency's minor unit.
EVENTS = Table(
    "events",
    METADATA,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),  # SQLite counts up only INTEGER
    Column("index_name", code_points(255), nullable=False),
    Column("id", code_points(255), nullable=False),
    Column("type", code_points(32), nullable=False),
    Column("product_id", code_points(512), nullable=False),
    Column("time", UtcTime, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("query_id", code_points(64), nullable=False),
    Column("user_id", code_points(255), nullable=False),
    Column("session_id", code_points(255), nullable=False),
    Column("quantity", Integer),
    Column("value", BigInteger),
    Column("currency", code_points(3), nullable=False),
    UniqueConstraint("index_name", "id", name="events_once"),
    Index("events_by_user", "user_id"),
    Index("events_by_session", "session_id"),
    Index("events_by_query", "query_id"),
)

# key: of the caller and what they sent. fingerprint: of the request.
REQUESTS = Table(
    "requests",
    METADATA,
    Column("key", code_points(255), primary_key=True),
    Column("fingerprint", LargeBinary(16), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index("requests_by_time", "created_at"),
)
