from __future__ import annotations

import numpy as np

from indexer.documents import embedded_text, to_index_document, variant_values
from indexer.fields import Field, FieldType, Schema
from indexer.product import Availability, Offer, Product, Variant

SCHEMA = Schema(
    attributes=(
        Field("watts", FieldType.NUMBER, "watts"),
        Field("colour", FieldType.KEYWORD, "colour", variant=True),
        Field("made", FieldType.DATE, "made"),
        Field("dimmable", FieldType.BOOLEAN, "dimmable"),
        Field("shelf", FieldType.PATH, "shelf"),
    ),
    languages=("de",),
    currencies={"default": "EUR", "us": "USD"},
    text_template="{title} | {brand} | {category} | {colour}",
    max_text_chars=40,
)
LAMP = Product(
    "a/1",
    {"en": "Lamp", "de": "Lampe", "fr": ""},
    "Bright",
    "Alma",
    categories=(("Home", "Lamps"), ("Home", "Gifts")),
    sku="S1",
    gtins=("4006381333931",),
    offers={
        "default": Offer(1299, "EUR", None, Availability.PREORDER), "us": Offer(999, "CAD"), "web": Offer(1, "EUR"),
    },
    attributes={
        "watts": ("many", 5, True, 7.5), "colour": ("red", 5.0),
        "made": ("2020-01-31", "soon", "1970-01-01T01:00:00+01:00"),
        "dimmable": True, "foldable": False, "shelf": ("A > 1", "B"), "height": 12.0,
    },
    released_at="1970-01-02",
    variants=(Variant("V1", ("5901234123457",), {"colour": "blue"}, {"us": Offer(5, "USD")}), Variant("V2")),
)  # fmt: skip
DOCUMENT = to_index_document(LAMP, SCHEMA, 7, np.ones(2, np.float32), b"{}")


def test_texts_stand_by_field_and_language() -> None:
    assert DOCUMENT.texts["title"] == {"en": "Lamp", "de": "Lampe"}
    assert DOCUMENT.texts["description"] == {"en": "Bright"}
    assert DOCUMENT.texts["category"] == {"en": "Home Lamps Gifts"}
    assert DOCUMENT.texts["codes"] == {"en": "a/1 S1 4006381333931 V1 5901234123457 V2"}
    # Of a boolean its name, where it is true; numbers as people write them; nothing twice.
    assert DOCUMENT.texts["attributes"]["en"].split() == (
        [
            "many",
            "5",
            "watts",
            "7.5",
            "red",
            "2020-01-31",
            "soon",
            "1970-01-01T01:00:00+01:00",
            "dimmable",
            "A",
            ">",
            "1",
            "B",
            "12",
            "blue",
        ]
    )
    assert to_index_document(Product("x"), SCHEMA, 1, None, b"").texts == {"codes": {"en": "x"}}


def test_values_have_the_type_of_their_column_and_strays_are_left_out() -> None:
    values = DOCUMENT.values
    assert values["watts"] == (5.0, 7.5)
    assert values["colour"] == ("red", "5")
    assert values["made"] == (1580428800, 0)
    assert values["dimmable"] == (True,)
    assert values["shelf"] == ("A", "A > 1", "B")
    assert values["category"] == ("Home", "Home > Lamps", "Home > Gifts")
    assert values["released_at"] == (86400,)
    assert "rating" not in values


def test_an_offer_in_another_currency_has_a_stock_but_no_price() -> None:
    values = DOCUMENT.values
    assert values["price@default"] == (1299,)
    assert (values["availability@default"], values["in_stock@default"]) == (("preorder",), (True,))
    assert "price@us" not in values
    assert values["in_stock@us"] == (True,)
    assert "price@web" not in values


def test_a_variant_has_from_its_product_what_it_does_not_say() -> None:
    first, second = DOCUMENT.variants
    assert (first["sku"], first["gtin"], first["colour"]) == (("V1",), ("5901234123457",), ("blue",))
    assert (first["price@default"], first["price@us"]) == ((1299,), (5,))
    assert (second["sku"], second["colour"]) == (("V2",), ("red", "5"))
    assert "gtin" not in second
    assert "watts" not in first
    assert variant_values(LAMP.variants[0], LAMP, SCHEMA) == first


def test_the_embedded_text_fills_the_template_and_is_cut() -> None:
    assert embedded_text(LAMP, SCHEMA) == "Lamp | Alma | Home > Lamps, Home > Gifts | red, 5.0"[:40]
    assert embedded_text(Product("x"), Schema()) == ""
    assert embedded_text(Product("x", "A {brand}", brand="B"), Schema(text_template="{title}{nothing}")) == "A {brand}"
