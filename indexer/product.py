"""The product record: one document per product, as the catalogue keeps it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson

Text = str | Mapping[str, str]
"""A text in the index's default language, or a map from language code to text."""

Scalar = str | int | float | bool
Value = Scalar | tuple[Scalar, ...]
"""The value of an attribute. Dates are ISO 8601 strings in UTC; the declared type says that they are dates."""

DEFAULT_CHANNEL = "default"
UNKNOWN_CURRENCY = "XXX"
"""ISO 4217's own code for "no currency"."""

MAX_ID_BYTES = 512


class Availability(StrEnum):
    """Whether a shopper can buy it now."""

    IN_STOCK = "in_stock"
    PREORDER = "preorder"
    BACKORDER = "backorder"
    OUT_OF_STOCK = "out_of_stock"

    @property
    def buyable(self) -> bool:
        return self is not Availability.OUT_OF_STOCK


@dataclass(frozen=True, slots=True)
class Offer:
    """What one sales channel asks for a product or variant.

    Args:
        price: integer in the currency's minor unit (1299 is 12.99 EUR), None when unknown.
        currency: ISO 4217 code.
        list_price: the crossed-out price, same unit.
        availability: whether it can be bought.
    """

    price: int | None = None
    currency: str = UNKNOWN_CURRENCY
    list_price: int | None = None
    availability: Availability = Availability.IN_STOCK


@dataclass(frozen=True, slots=True)
class Variant:
    """One buyable form of a product: a size, a colour."""

    sku: str
    gtins: tuple[str, ...] = ()
    attributes: Mapping[str, Value] = field(default_factory=dict)
    offers: Mapping[str, Offer] = field(default_factory=dict)
    image: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """A product as the catalogue keeps it.

    Args:
        id: the shop's own id, any text of 1 to 512 bytes in UTF-8, slashes included.
        categories: paths from the root, each a tuple of names.
        rating: mean rating on the shop's own scale.
        popularity: any number the shop likes to order by, higher is more popular.
        released_at: ISO 8601 in UTC, "" when unknown.
        offers: by sales channel.
        attributes: everything else, by the name in the feed.
    """

    id: str
    title: Text = ""
    description: Text = ""
    brand: str = ""
    categories: tuple[tuple[str, ...], ...] = ()
    sku: str = ""
    mpn: str = ""
    gtins: tuple[str, ...] = ()
    url: str = ""
    images: tuple[str, ...] = ()
    rating: float | None = None
    rating_count: int | None = None
    popularity: float | None = None
    released_at: str = ""
    offers: Mapping[str, Offer] = field(default_factory=dict)
    attributes: Mapping[str, Value] = field(default_factory=dict)
    variants: tuple[Variant, ...] = ()


def text_in(text: Text, language: str, default_language: str) -> str:
    """The text in `language`, else in the default language, else in any, else ""."""
    if isinstance(text, str):
        return text
    return text.get(language) or text.get(default_language) or next(iter(text.values()), "")


def to_document(product: Product) -> dict[str, Any]:
    """The product as plain JSON types; fields that say nothing are left out."""
    document: dict[str, Any] = {"id": product.id}
    for name in ("title", "description", "brand", "sku", "mpn", "url", "released_at"):
        value = getattr(product, name)
        if value:
            document[name] = dict(value) if isinstance(value, Mapping) else value
    for name in ("rating", "rating_count", "popularity"):
        value = getattr(product, name)
        if value is not None:
            document[name] = value
    if product.categories:
        document["categories"] = [list(path) for path in product.categories]
    if product.gtins:
        document["gtins"] = list(product.gtins)
    if product.images:
        document["images"] = list(product.images)
    if product.offers:
        document["offers"] = _offers_to_json(product.offers)
    if product.attributes:
        document["attributes"] = _attributes_to_json(product.attributes)
    if product.variants:
        document["variants"] = [_variant_to_json(variant) for variant in product.variants]
    return document


def from_document(document: Mapping[str, Any]) -> Product:
    """The inverse of `to_document`; trusts its input, which came out of the catalogue."""
    return Product(
        id=document["id"],
        title=document.get("title", ""),
        description=document.get("description", ""),
        brand=document.get("brand", ""),
        categories=tuple(tuple(path) for path in document.get("categories", ())),
        sku=document.get("sku", ""),
        mpn=document.get("mpn", ""),
        gtins=tuple(document.get("gtins", ())),
        url=document.get("url", ""),
        images=tuple(document.get("images", ())),
        rating=document.get("rating"),
        rating_count=document.get("rating_count"),
        popularity=document.get("popularity"),
        released_at=document.get("released_at", ""),
        offers=_offers_from_json(document.get("offers", {})),
        attributes=_attributes_from_json(document.get("attributes", {})),
        variants=tuple(_variant_from_json(variant) for variant in document.get("variants", ())),
    )


def encode_document(product: Product) -> bytes:
    """The canonical JSON of a product (sorted keys), as stored and hashed."""
    return orjson.dumps(to_document(product), option=orjson.OPT_SORT_KEYS)


def content_hash(encoded: bytes) -> bytes:
    """16 bytes that change when anything of the product changes."""
    return hashlib.blake2b(encoded, digest_size=16).digest()


def text_hash(text: str) -> bytes:
    """16 bytes that name exactly the text that a model read."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _offers_to_json(offers: Mapping[str, Offer]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for channel, offer in offers.items():
        entry: dict[str, Any] = {"currency": offer.currency, "availability": offer.availability.value}
        if offer.price is not None:
            entry["price"] = offer.price
        if offer.list_price is not None:
            entry["list_price"] = offer.list_price
        result[channel] = entry
    return result


def _offers_from_json(offers: Mapping[str, Any]) -> dict[str, Offer]:
    return {
        channel: Offer(
            price=offer.get("price"),
            currency=offer.get("currency", UNKNOWN_CURRENCY),
            list_price=offer.get("list_price"),
            availability=Availability(offer.get("availability", "in_stock")),
        )
        for channel, offer in offers.items()
    }


def _attributes_to_json(attributes: Mapping[str, Value]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in attributes.items()}


def _attributes_from_json(attributes: Mapping[str, Any]) -> dict[str, Value]:
    """A null says nothing, in a list too; feeds are rid of it, but not what other programs wrote to the catalogue."""
    return {
        name: tuple(one for one in value if one is not None) if isinstance(value, list) else value
        for name, value in attributes.items()
        if value is not None
    }


def _variant_to_json(variant: Variant) -> dict[str, Any]:
    result: dict[str, Any] = {"sku": variant.sku}
    if variant.gtins:
        result["gtins"] = list(variant.gtins)
    if variant.attributes:
        result["attributes"] = _attributes_to_json(variant.attributes)
    if variant.offers:
        result["offers"] = _offers_to_json(variant.offers)
    if variant.image:
        result["image"] = variant.image
    return result


def _variant_from_json(variant: Mapping[str, Any]) -> Variant:
    return Variant(
        sku=variant["sku"],
        gtins=tuple(variant.get("gtins", ())),
        attributes=_attributes_from_json(variant.get("attributes", {})),
        offers=_offers_from_json(variant.get("offers", {})),
        image=variant.get("image", ""),
    )
