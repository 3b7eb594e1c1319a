"""Alembic's environment: runs the migrations in the transaction that `indexer.store.upgrade` opened."""

from __future__ import annotations

from alembic import context

from indexer.store.upgrade import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    version_table=VERSION_TABLE,
    # SQLite can roll back DDL, though Alembic does not count on it: an upgrade that was killed leaves nothing behind.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
