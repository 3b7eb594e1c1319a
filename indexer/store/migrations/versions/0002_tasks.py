"""The tables of tasks and leases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from indexer.store.types import code_points

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Creates both; what was there before is left as it is."""
    op.create_table(
        "tasks",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("id", code_points(32), nullable=False, unique=True),
        sa.Column("kind", code_points(64), nullable=False),
        sa.Column("index_name", code_points(255), nullable=False),
        sa.Column("lane", code_points(16), nullable=False),
        sa.Column("state", code_points(16), nullable=False),
        sa.Column("parent", code_points(32)),
        sa.Column("exclusive", code_points(255), nullable=False),
        sa.Column("holds", code_points(255), unique=True),
        sa.Column("coalesce_key", code_points(255), nullable=False),
        sa.Column("idempotency_key", code_points(255), unique=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("max_attempts", sa.Integer, nullable=False),
        sa.Column("worker", code_points(255), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("token", sa.BigInteger, nullable=False),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("stage", code_points(255), nullable=False),
        sa.Column("stage_at", sa.DateTime(timezone=True)),
        sa.Column("stage_done", sa.BigInteger, nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True)),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger),
        sa.Column("errors", sa.BigInteger, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("checkpoint", sa.JSON(none_as_null=True)),
        sa.Column("result", sa.JSON(none_as_null=True)),
    )
    op.create_index("tasks_by_state", "tasks", ["state", "lane", "number"])
    op.create_index("tasks_by_index", "tasks", ["index_name", "number"])
    op.create_index("tasks_by_parent", "tasks", ["parent"])
    op.create_table(
        "leases",
        sa.Column("resource", code_points(255), primary_key=True),
        sa.Column("holder", code_points(255), nullable=False),
        sa.Column("token", sa.BigInteger, nullable=False),
        sa.Column("acquired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
    )
