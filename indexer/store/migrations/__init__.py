"""Alembic migrations of the catalogue; run by `indexer.store.upgrade`, never by hand."""
