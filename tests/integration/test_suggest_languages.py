"""Suggestions in languages that have accents."""

from __future__ import annotations

import pytest
from shops import Shop

from indexer.engines.query import In
from indexer.fields import Schema
from indexer.product import Product
from search.request import parse_request, resolve
from search.searcher import IndexSearcher
from search.suggest.suggesting import Suggestions, suggest

PRODUCTS = (
    *(Product(f"g{number}", f"Grüne Lampe {number}", brand="Müller") for number in range(12)),
    Product("s", "Große Straßenlaterne", brand="Müller", categories=(("Café", "Außen"),)),
    Product("h", "Grunz Schwein", brand="Hidden"),
    Product("m", {"de": "Kühlschrank", "en": "Fridge"}, brand="Müller"),
)


@pytest.fixture
def searcher(shop: Shop) -> IndexSearcher:
    return shop(*PRODUCTS, schema=Schema(language="de", languages=("en",)))


def asked(searcher: IndexSearcher, q: str, enforced: In | None = None) -> Suggestions:
    resolved = resolve(parse_request({"q": q}, "body"), searcher.schema)
    return suggest(searcher, resolved, q.endswith(" "), 5, enforced)


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("gr", ["grüne", "große", "grunz"]),
        ("grun", ["grüne", "grunz"]),
        ("GRÜ", ["grüne", "grunz"]),
        ("grüne la", ["grüne lampe"]),
        ("grune la", ["grune lampe"]),
        ("grünee la", ["grüne lampe"]),
        ("strass", ["straßenlaterne"]),
        ("straßn", ["straßenlaterne"]),
        ("muller", ["müller"]),
        ("mueler", ["müller"]),
        ("caf", ["café"]),
        ("auss", ["außen"]),
        ("kuhl", ["kühlschrank"]),
        ("lampe gr", ["lampe grüne"]),
        ("grünee ", ["grüne"]),
    ],
)
def test_words_are_suggested_as_products_write_them(searcher: IndexSearcher, q: str, expected: list[str]) -> None:
    assert [completion.text for completion in asked(searcher, q).completions] == expected


def test_a_correction_is_written_so_too(searcher: IndexSearcher) -> None:
    answer = asked(searcher, "grünee lam")
    assert answer.query == "grüne lampe"
    assert answer.corrected == {"grunee": "grüne"}
    assert answer.total == 12


def test_how_a_hidden_product_writes_a_word_is_not_told(shop: Shop) -> None:
    searcher = shop(
        Product("a", "Cafe Tisch aus Holz und Glas", brand="Seen"),
        Product("b", "Café", brand="Hidden"),
        schema=Schema(language="de"),
    )
    assert [one.text for one in asked(searcher, "caf").completions] == ["café"]
    assert [one.text for one in asked(searcher, "caf", In("brand", ("Seen",))).completions] == ["cafe"]
