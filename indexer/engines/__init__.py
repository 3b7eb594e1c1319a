"""Engines: caches of the catalogue that answer typed queries."""
