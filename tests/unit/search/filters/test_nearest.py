import pytest

from search.filters import nearest


@pytest.mark.parametrize(
    ("name", "known", "wanted"),
    [
        ("colr", ["size", "colour"], ("colour",)),
        ("pric", ["list_price", "price"], ("price", "list_price")),
        ("Screen_Size", ["screen size", "size"], ("screen size",)),
        ("zzz", ["brand", "price"], ()),
        ("x", ["explain", "explain_id"], ()),
        ("k", ["sku", "in_stock"], ()),
        ("gclid", ["id", "user_id"], ()),
        ("query", ["q", "page"], ("q",)),
        ("Cat", ["category", "brand"], ("category",)),
        ("a1", ["a2", "a3", "a4", "a5"], ()),
        ("abc1", ["abc2", "abc3", "abc4", "abc5"], ("abc2", "abc3", "abc4")),
    ],
)
def test_the_likeliest_come_first(name: str, known: list[str], wanted: tuple[str, ...]) -> None:
    assert nearest(name, known) == wanted
