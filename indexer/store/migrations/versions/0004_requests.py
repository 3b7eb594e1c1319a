"""The table of answers to requests that may come again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from indexer.store.types import code_points

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Creates it; what was there before is left as it is."""
    op.create_table(
        "requests",
        sa.Column("key", code_points(255), primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary(16), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("requests_by_time", "requests", ["created_at"])
