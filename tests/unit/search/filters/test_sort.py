import pytest

from indexer.engines.query import SortKey
from indexer.fields import Field, FieldType, Schema
from search.errors import RequestError
from search.filters import parse_sort


def test_keys_become_columns_and_directions(schema: Schema) -> None:
    keys = parse_sort(["price:desc", "screen size:asc", "brand"], schema, "jp")
    assert keys == (SortKey("price@jp", True), SortKey("screen size", False), SortKey("brand", False))
    assert parse_sort([], schema) == ()


def test_a_name_may_stand_in_backticks(schema: Schema) -> None:
    size = "screen size"
    keys = parse_sort([f"`{size}`:desc", "`brand`"], schema)
    assert keys == (SortKey(size, True), SortKey("brand", False))
    odd = Schema(attributes=(Field("a`:b", FieldType.NUMBER, "a`:b"),))
    assert parse_sort([r"`a\`:b`"], odd) == (SortKey("a`:b", False),)
    assert parse_sort(["a`:b:desc"], odd) == (SortKey("a`:b", True),)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["pric:asc"], 'no field is called "pric"; did you mean "price"'),
        (["price:up"], "field:asc or field:desc"),
        (["category"], "is a path field and has no order"),
        (["notes:asc"], "searched by q"),
        (["price:asc", "price:desc"], "is a key twice"),
        (["price", "brand", "rating", "mpn"], "at most 3"),
    ],
)
def test_errors(keys: list[str], words: str, schema: Schema) -> None:
    with pytest.raises(RequestError) as caught:
        parse_sort(keys, schema)
    assert caught.value.parameter == "sort"
    assert words in str(caught.value)
