"""The URL of a database: which kind it names, and the password that comes from elsewhere."""

from __future__ import annotations

from urllib.parse import quote, urlsplit, urlunsplit

from indexer.errors import InputError

_SERVERS = ("postgresql", "postgres")


def is_server(url: str) -> bool:
    """Whether it names a database that several machines can share."""
    return url.partition(":")[0].partition("+")[0] in _SERVERS


def with_password(url: str, password: str) -> str:
    """The URL with a password in it.

    Raises:
        InputError: it names no user of a server, or has a password already. The message shows no part of either.
    """
    parts = urlsplit(url)
    user, found, host = parts.netloc.rpartition("@")
    if not is_server(url) or not found or not user:
        raise InputError("database_url names no user that it could be of; wanted: postgresql://USER@HOST/DATABASE")
    if ":" in user:
        raise InputError("database_url has a password already; leave it out there")
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))
