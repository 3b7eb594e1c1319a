"""The tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from indexer.store.types import code_points

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates every table of the catalogue."""
    op.create_table(
        "indexes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", code_points(255), unique=True),
        sa.Column("ready", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("settings_version", sa.Integer, nullable=False),
        sa.Column("change_number", sa.BigInteger, nullable=False),
        sa.Column("product_count", sa.BigInteger, nullable=False),
        sa.Column("generation_number", sa.Integer, nullable=False),
        sa.Column("sync", sa.BigInteger),
    )
    op.create_table(
        "products",
        sa.Column("index_id", sa.Integer, sa.ForeignKey("indexes.id"), primary_key=True),
        sa.Column("id", code_points(512), primary_key=True),
        sa.Column("change_number", sa.BigInteger, nullable=False),
        sa.Column("content_hash", sa.LargeBinary(16)),
        sa.Column("text_hash", sa.LargeBinary(16)),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.LargeBinary),
    )
    op.create_index("products_by_change", "products", ["index_id", "change_number"], unique=True)
    op.create_table(
        "seen",
        sa.Column("sync", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("id", code_points(512), primary_key=True),
    )
    op.create_table(
        "generations",
        sa.Column("index_id", sa.Integer, sa.ForeignKey("indexes.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", code_points(16), nullable=False),
        sa.Column("spec", sa.JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change_number", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "attributes",
        sa.Column("index_id", sa.Integer, sa.ForeignKey("indexes.id"), primary_key=True),
        sa.Column("name", code_points(), primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("types", sa.JSON, nullable=False),
    )
    op.create_table(
        "embeddings",
        sa.Column("encoder_version", code_points(255), primary_key=True),
        sa.Column("text_hash", sa.LargeBinary(16), primary_key=True),
        sa.Column("vector", sa.LargeBinary, nullable=False),
    )
