"""Products: as the catalogue keeps them, as an answer shows them, and as they are sent."""

from __future__ import annotations

from collections.abc import Mapping

from indexer.product import Availability
from search.api.openapi.json_schema import (
    COUNT,
    NUMBER,
    TEXT,
    described,
    either,
    list_of,
    map_of,
    nullable,
    one_of_texts,
    record,
    ref,
)
from search.api.openapi.operation import JsonSchema
from search.api.openapi.parameters import PRODUCT_ID

_AVAILABILITY = one_of_texts([state.value for state in Availability])
_VALUE: JsonSchema = {"type": ["string", "number", "boolean"]}
_ATTRIBUTES = map_of(either(_VALUE, list_of(_VALUE)), "Everything else, by name.")
_TEXTS = either(TEXT, map_of(TEXT, "By language."))
_MINOR = described(COUNT, "In the currency's minor unit: 1299 is 12.99 EUR.")

_SENT_EXAMPLE = {
    "id": "lamp/21",
    "title": "Desk lamp, red",
    "brand": "Alma",
    "category": "Home > Lamps",
    "price": 12.99,
    "currency": "EUR",
    "colour": "red",
}
SENT_EXAMPLE = [_SENT_EXAMPLE]
STORED_EXAMPLE = {
    "id": "lamp/21",
    "title": "Desk lamp, red",
    "brand": "Alma",
    "categories": [["Home", "Lamps"]],
    "offers": {"default": {"price": 1299, "currency": "EUR", "availability": "in_stock"}},
    "attributes": {"colour": "red"},
}
_MONEY_EXAMPLE = {"amount": 12.99, "currency": "EUR", "text": "€12.99"}
SHOWN_EXAMPLE = {
    **STORED_EXAMPLE,
    "offers": {"default": {"price": _MONEY_EXAMPLE, "currency": "EUR", "availability": "in_stock"}},
    "price": _MONEY_EXAMPLE,
    "availability": "in_stock",
}


def _offer(money: JsonSchema) -> JsonSchema:
    return record({"currency": TEXT, "availability": _AVAILABILITY}, {"price": money, "list_price": money})


def _variant(offer: str) -> JsonSchema:
    return record(
        {"sku": TEXT},
        {"gtins": list_of(TEXT), "attributes": _ATTRIBUTES, "offers": map_of(ref(offer)), "image": TEXT},
    )


def _parts(offer: str, variant: str) -> dict[str, JsonSchema]:
    return {
        "title": _TEXTS,
        "description": _TEXTS,
        "brand": TEXT,
        "categories": described(list_of(list_of(TEXT)), "Paths, each a list of names from the root."),
        "sku": TEXT,
        "mpn": TEXT,
        "gtins": list_of(TEXT),
        "url": TEXT,
        "images": list_of(TEXT),
        "rating": NUMBER,
        "rating_count": COUNT,
        "popularity": NUMBER,
        "released_at": TEXT,
        "offers": map_of(ref(offer), "By sales channel."),
        "attributes": _ATTRIBUTES,
        "variants": list_of(ref(variant)),
    }


_SENT_PARTS: Mapping[str, JsonSchema] = {
    "title": {"type": ["string", "object"]},
    "description": {"type": ["string", "object"]},
    "brand": TEXT,
    "category": described({"type": ["string", "array"]}, "Such as `Home > Lamps`."),
    "price": described({"type": ["number", "string"]}, "In major units, such as 12.99 or `12.99 EUR`."),
    "list_price": {"type": ["number", "string"]},
    "currency": described(TEXT, "A code of ISO 4217; without it that of the index."),
    "availability": {"type": ["string", "boolean", "number"]},
    "variants": list_of({"type": "object"}),
}

SCHEMAS: Mapping[str, JsonSchema] = {
    "Money": record(
        {
            "amount": described(NUMBER, "In major units."),
            "currency": TEXT,
            "text": described(TEXT, "As people read it."),
        }
    ),
    "StoredOffer": _offer(_MINOR),
    "ShownOffer": _offer(ref("Money")),
    "StoredVariant": _variant("StoredOffer"),
    "ShownVariant": _variant("ShownOffer"),
    "StoredProduct": record(
        {"id": PRODUCT_ID},
        _parts("StoredOffer", "StoredVariant"),
        description="A product as the catalogue keeps it; parts that say nothing are left out.",
    ),
    "ShownProduct": record(
        {},
        {
            "id": PRODUCT_ID,
            **_parts("ShownOffer", "ShownVariant"),
            "price": described(ref("Money"), "Of the request's channel, as the two that follow."),
            "list_price": ref("Money"),
            "availability": _AVAILABILITY,
        },
        description="A product as an answer shows it: all of it, or the parts that `fields` names.",
    ),
    "SentProduct": record(
        {"id": described({"type": ["string", "integer"]}, "The shop's own id, 1 to 512 bytes in UTF-8.")},
        _SENT_PARTS,
        description="A product with the columns that a feed may have: what is not recognised becomes an attribute. The "
        "form in which the catalogue keeps products is taken too.",
    ),
    "ProductChange": record(
        {},
        {
            "price": described({"type": ["number", "string", "null"]}, "In major units, of the default channel."),
            "list_price": {"type": ["number", "string", "null"]},
            "currency": nullable(TEXT),
            "availability": {"type": ["string", "boolean", "number", "null"]},
        },
        description="A change as RFC 7396 has it: parts as the catalogue keeps them, prices, and attributes by name; "
        "null removes.",
    ),
}
