"""What becomes of a product's texts and addresses on the page."""

from __future__ import annotations

import pytest

from search.api.page.cards import card, web_address
from search.response import ResultHit


@pytest.mark.parametrize(
    "text",
    ["", "products/1", "/p/1", "javascript:alert(1)", "javascript://a.example/%0aalert(1)", "data:text/html,x",
     "vbscript:x", "ftp://a.example/", "http://", "http:///x", "https://a.example/\x00", "http://[", 7, None],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_none(text: object) -> None:
    assert web_address(text) == ""


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://a.example/1?x=y", "https://a.example/1?x=y"),
        (" HTTP://a.example/1 ", "HTTP://a.example/1"),
        ("//a.example/1.jpg", "https://a.example/1.jpg"),
        ("https://ä.example/ö.jpg", "https://ä.example/ö.jpg"),
    ],
)
def test_addresses_of_the_web_stay(text: str, address: str) -> None:
    assert web_address(text) == address


def test_marks_are_parts_and_all_else_is_text_again() -> None:
    hit = ResultHit("1", 1.0, {"id": "1"}, {"title": "a &lt;em&gt; <em>b&amp;</em><em>c</em> d"})
    shown = card(hit, 1, "en")
    assert shown.title == (("a <em> ", False), ("b&", True), ("c", True), (" d", False))
    assert shown.name == "a <em> b&c d"


def test_a_product_without_anything() -> None:
    shown = card(ResultHit("1", 0.0, {"id": "1"}), 3, "en")
    assert (shown.name, shown.initial, shown.price, shown.availability, shown.rating) == ("(no title)", "·", "", "", "")
    assert shown.why is None


def test_a_list_price_that_is_no_higher_is_not_shown() -> None:
    money = {"amount": 5.0, "currency": "EUR", "text": "€5.00"}
    assert card(ResultHit("1", 0.0, {"id": "1", "price": money, "list_price": money}), 1, "en").list_price == ""
