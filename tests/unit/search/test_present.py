from __future__ import annotations

from indexer.product import Offer, Product, Variant, to_document
from search.present import present

STORED = to_document(
    Product(
        "p1",
        "Lamp",
        brand="Alma",
        offers={"default": Offer(1299, "EUR", 1999), "japan": Offer(1500, "JPY")},
        attributes={"watts": 5, "colour": ("red", "blue")},
        variants=(Variant("v1", offers={"default": Offer(1099, "EUR")}), Variant("v2")),
    )
)


def test_prices_are_shown_in_major_units_everywhere() -> None:
    shown = present(STORED, None, "japan", "en")
    assert shown["offers"]["default"]["price"] == {"amount": 12.99, "currency": "EUR", "text": "€12.99"}
    assert shown["offers"]["default"]["list_price"]["amount"] == 19.99
    assert shown["variants"][0]["offers"]["default"]["price"]["amount"] == 10.99
    assert shown["variants"][1] == {"sku": "v2"}
    # The channel's own offer stands beside the title.
    assert shown["price"] == {"amount": 1500.0, "currency": "JPY", "text": "¥1,500"}
    assert shown["availability"] == "in_stock"
    assert "list_price" not in shown


def test_the_stored_product_is_left_alone() -> None:
    before = to_document(Product("p1", offers={"default": Offer(1299, "EUR")}))
    present(before, None, "default", "en")
    assert before["offers"]["default"]["price"] == 1299


def test_fields_are_picked_from_the_product_and_then_from_its_attributes() -> None:
    assert present(STORED, ("title", "colour", "nothing"), "default", "en") == {
        "title": "Lamp",
        "attributes": {"colour": ["red", "blue"]},
    }
    assert present(STORED, ("id", "attributes"), "default", "en") == {
        "id": "p1",
        "attributes": {"watts": 5, "colour": ["red", "blue"]},
    }
    assert present(STORED, (), "default", "en") == {}
    assert "price" not in present(STORED, None, "web", "en")
