"""Scoring of (query, items): models, their training, and how every kind of ranking is measured."""
