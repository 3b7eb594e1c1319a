"""Catalogue in, searchable generations out: products, feeds, stores, encoders, analysis and engines."""
