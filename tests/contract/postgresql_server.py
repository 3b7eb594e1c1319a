"""Databases of the tests' own on a PostgreSQL server: new, and sorted as a language wants it, not by code point."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import make_url

from tests.conftest import unavailable

SERVER = os.environ.get("SHELFWISE_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test")


SORTED = "ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"


@contextmanager
def empty_database(server: str = SERVER, options: str = SORTED) -> Iterator[str]:
    """The URL of an empty database, which is dropped afterwards.

    Args:
        server: the URL of any database of the server.
        options: of CREATE DATABASE.
    """
    name = f"shelfwise_test_{secrets.token_hex(6)}"
    with administering(server) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 {options}")
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with administering(server) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def administering(server: str = SERVER) -> Iterator[psycopg.Connection]:
    """A connection that commits each statement."""
    try:
        connection = psycopg.connect(server, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as error:
        unavailable(
            f"PostgreSQL does not answer at {make_url(server).render_as_string()} ({' '.join(str(error).split())}): "
            "start it, or set SHELFWISE_TEST_POSTGRES_URL."
        )
    with connection:
        yield connection
