"""The table of events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from indexer.store.types import code_points

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Creates it; what was there before is left as it is."""
    op.create_table(
        "events",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("index_name", code_points(255), nullable=False),
        sa.Column("id", code_points(255), nullable=False),
        sa.Column("type", code_points(32), nullable=False),
        sa.Column("product_id", code_points(512), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("query_id", code_points(64), nullable=False),
        sa.Column("user_id", code_points(255), nullable=False),
        sa.Column("session_id", code_points(255), nullable=False),
        sa.Column("quantity", sa.Integer),
        sa.Column("value", sa.BigInteger),
        sa.Column("currency", code_points(3), nullable=False),
        sa.UniqueConstraint("index_name", "id", name="events_once"),
    )
    op.create_index("events_by_user", "events", ["user_id"])
    op.create_index("events_by_session", "events", ["session_id"])
    op.create_index("events_by_query", "events", ["query_id"])
