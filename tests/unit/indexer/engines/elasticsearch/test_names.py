"""Names in Elasticsearch: another one for each index, and such as it takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engines.elasticsearch.fields import key_path
from indexer.engines.elasticsearch.names import Names, encoded
from indexer.engines.elasticsearch.settings import ElasticsearchSettings
from indexer.errors import ConfigurationError

NAMES = Names("shelfwise-")


@pytest.mark.parametrize(
    ("index", "name"),
    [
        ("products", "shelfwise-products@7"),
        ("de-shop_2.0", "shelfwise-de-shop_2.0@7"),
        ("Möbel", "shelfwise-=4d=c3=b6bel@7"),
        ("a@3", "shelfwise-a=403@7"),
        ("a b/c*", "shelfwise-a=20b=2fc=2a@7"),
    ],
)
def test_ordinary_names_stay_readable(index: str, name: str) -> None:
    assert NAMES.generation(index, 7) == name
    assert NAMES.number(index, name) == 7


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_two_indexes_have_one_name(one: str, other: str) -> None:
    assert (encoded(one) == encoded(other)) == (one == other)


@given(st.text(min_size=1), st.integers(1, 10**9))
def test_elasticsearch_takes_every_name(index: str, number: int) -> None:
    name = NAMES.generation(index, number)
    assert name == name.lower()
    assert len(name.encode()) <= 255
    assert not set(name) & set('\\/*?"<>| ,#:')
    assert NAMES.number(index, name) == number


def test_long_names_that_differ_at_the_end_stay_apart() -> None:
    assert encoded("Ü" * 190 + "a") != encoded("Ü" * 190 + "b")


@pytest.mark.parametrize("other", ["shelfwise-products", "shelfwise-products@x", "shelfwise-products@07", "my@1"])
def test_what_is_no_generation_of_an_index_has_no_number(other: str) -> None:
    assert NAMES.number("products", other) is None


@given(st.text(), st.text())
def test_fields_of_different_names_stay_apart_and_have_no_dots(one: str, other: str) -> None:
    assert (key_path(one) == key_path(other)) == (one == other)
    assert not set(key_path(one)) & set(".*")
    assert key_path(one).strip() == key_path(one) != ""


@pytest.mark.parametrize("prefix", ["", "Shop-", "-shop", "a*", "x" * 41])
def test_a_prefix_that_elasticsearch_would_not_take_is_refused(prefix: str) -> None:
    with pytest.raises(ConfigurationError, match="prefix"):
        ElasticsearchSettings(prefix=prefix)


def test_secrets_are_not_shown() -> None:
    shown = repr(ElasticsearchSettings(api_key="hush", user="me", password="hush"))
    assert "hush" not in shown
    assert "me" in shown
