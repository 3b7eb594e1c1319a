from __future__ import annotations

import pytest
from sqlalchemy import make_url

from indexer.errors import InputError
from indexer.store.urls import is_server, with_password


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("postgresql://db/shop", True),
        ("postgresql+psycopg://db/shop", True),
        ("postgres://db/shop", True),
        ("sqlite:///postgresql.db", False),
        ("", False),
    ],
)
def test_a_url_says_whether_machines_can_share_the_database(url: str, is_one: bool) -> None:
    assert is_server(url) is is_one


@pytest.mark.parametrize("password", ["plain", "a very/secret@word:%41 ü", "#?&="])
def test_a_password_of_any_characters_is_the_same_in_the_url(password: str) -> None:
    parsed = make_url(with_password("postgresql://shop@db.example:5433/sh%20op?sslmode=require", password))
    assert (parsed.username, parsed.password, parsed.host, parsed.port) == ("shop", password, "db.example", 5433)
    assert (parsed.database, parsed.query) == ("sh op", {"sslmode": "require"})


@pytest.mark.parametrize("url", ["", "sqlite:///a.db", "postgresql://db/shop", "postgresql://@db/shop"])
def test_a_password_needs_a_user(url: str) -> None:
    with pytest.raises(InputError, match="database_url names no user that it could be of"):
        with_password(url, "secret")


def test_two_passwords_are_refused_and_neither_is_shown() -> None:
    with pytest.raises(InputError, match="has a password already; leave it out there") as caught:
        with_password("postgresql://shop:first@db/shop", "second")
    assert "first" not in str(caught.value)
    assert "second" not in str(caught.value)
