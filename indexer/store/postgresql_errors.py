"""What PostgreSQL and the way to it may say, as errors of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from indexer.errors import (
    ConfigurationError,
    ConflictError,
    CorruptionError,
    IndexerError,
    InputError,
    StorageError,
)

_LOST = (
    "the connection broke; what was acknowledged is kept, and what was under way may or may not be: try again, a new "
    "connection is made by itself"
)
_AWAY = "the server cannot be reached: start it, or look at host, port and network; it is asked again by itself"

_KINDS: dict[str, tuple[type[IndexerError], str]] = {
    # By SQLSTATE, else by its class of two characters.
    "08": (StorageError, _LOST),
    "57P": (StorageError, _LOST),
    "57P03": (StorageError, "the server is starting or stopping; it is asked again by itself"),
    "25P03": (StorageError, "the process hung within a transaction, which was undone: try again"),
    "57014": (ConflictError, "the statement was cancelled, by hand or by a limit of the server's; try again"),
    "55P03": (ConflictError, "another process holds it for too long; try again, and look for one that hangs"),
    "40P01": (ConflictError, "two processes waited for one another; try again"),
    "40001": (ConflictError, "another process changed the same; try again"),
    "53300": (StorageError, "the server has no connection left: raise max_connections, or run fewer processes"),
    "53": (StorageError, "the server has no room; nothing acknowledged is lost: make room and try again"),
    "58": (StorageError, "the server's disk refused to read or write; look at its space and health, then try again"),
    "25006": (StorageError, "it is read-only, as a standby is; name the server that can be written"),
    "0A000": (StorageError, "a standby cannot be written, and tables that were just upgraded are read anew: try again"),
    "28": (ConfigurationError, "look at user and password (SHELFWISE_DATABASE_URL) and at the server's pg_hba.conf"),
    "3D": (ConfigurationError, "make the database with `createdb`, or name another one in SHELFWISE_DATABASE_URL"),
    "3F": (ConfigurationError, "make the schema, or mend search_path"),
    "42501": (ConfigurationError, "let the user own the database, or GRANT it all on the schema"),
    "22": (InputError, "leave it out, or shorten it"),
    "54": (InputError, "it is too long for this database; shorten it"),
    "XX001": (CorruptionError, "the database is damaged; restore it from a backup"),
    "XX002": (CorruptionError, "an index of the database is damaged; REINDEX it, or restore a backup"),
}

_REFUSALS = ("authentication failed", "does not exist", "no pg_hba.conf entry", "no password supplied", "not permitted")
"""What a server says that refuses a connection for good; it comes without a SQLSTATE."""

_UNREACHED = ("connection failed", "connection to server", "timeout", "failed to resolve host")
"""What is said where no connection was made."""


@contextmanager
def translating(thing: str) -> Iterator[None]:
    """Turns what the server, its disk and the network may say into our errors; mistakes of our own come through."""
    try:
        yield
    except PoolTimeoutError as error:
        raise ConflictError(f"{thing}: all connections of this process are in use for too long; try again") from error
    except (DBAPIError, psycopg.Error) as error:
        original = error.orig if isinstance(error, DBAPIError) else error
        kind, remedy = _kind_of(original)
        if kind is None:
            raise
        said = " ".join(str(original).split())
        raise kind(f"{thing}: {said}: {remedy}") from error


def is_lost(error: BaseException) -> bool:
    """Whether an error means that the connection is gone, and with it all that its session held."""
    original = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(original, "sqlstate", None) or ""
    return state.startswith(("08", "57P", "25P03")) or (not state and isinstance(original, psycopg.OperationalError))


def _kind_of(error: BaseException | None) -> tuple[type[IndexerError] | None, str]:
    state = getattr(error, "sqlstate", None) or ""
    for code in (state, state[:3], state[:2]):
        if code and code in _KINDS:
            return _KINDS[code]
    if state:
        return None, ""
    if isinstance(error, psycopg.DataError):
        return _KINDS["22"]
    if isinstance(error, psycopg.OperationalError):
        said = str(error)
        if any(refusal in said for refusal in _REFUSALS):
            return _KINDS["28" if "does not exist" not in said or "role" in said else "3D"]
        return (StorageError, _AWAY if any(words in said for words in _UNREACHED) else _LOST)
    if isinstance(error, psycopg.InterfaceError):
        return StorageError, _LOST
    return None, ""
