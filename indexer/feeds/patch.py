"""A change of a product, merged into it as RFC 7396 has it (JSON Merge Patch)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indexer.errors import NoVariantError, RowError
from indexer.feeds.availability import read_availability
from indexer.feeds.canonical import CanonicalBuilder
from indexer.feeds.currency import find_currency
from indexer.feeds.money import read_amount, to_minor
from indexer.feeds.records import shown
from indexer.merge_patch import merged
from indexer.product import DEFAULT_CHANNEL, UNKNOWN_CURRENCY, Product

_FIELDS = frozenset(
    ("title", "description", "brand", "categories", "sku", "mpn", "gtins", "url", "images", "rating", "rating_count",
     "popularity", "released_at", "offers", "attributes", "variants")
)  # fmt: skip
_OF_VARIANT = frozenset(("gtins", "attributes", "offers", "image"))
_OF_OFFER = ("currency", "price", "list_price", "availability")
_BUILDER = CanonicalBuilder()


def patched_product(document: Mapping[str, Any], patch: Mapping[str, Any], currency: str) -> Product:
    """A product after a change.

    A member is a field of the catalogue's own form, or one of `price`, `list_price` (in major units), `currency` and
    `availability`, which speak of the default channel; any other is an attribute. null removes.

    Args:
        document: the product as it is, in the catalogue's own form.
        patch: the change; an "id" in it says which product, and changes nothing.
        currency: of a price where neither the change nor the product names one.

    Raises:
        RowError: the product would not be one.
    """
    changes = {name: value for name, value in patch.items() if name != "id"}
    product = _BUILDER.build(merged(document, _own_form(document, changes, currency, _FIELDS)))
    texts = (product.title,) if isinstance(product.title, str) else product.title.values()
    if "title" in changes and not any(text.strip() for text in texts):
        raise RowError("title", shown(changes["title"]), "a product has a title: change it, or leave it as it is")
    return product


def patched_variant(document: Mapping[str, Any], sku: str, patch: Mapping[str, Any], currency: str) -> Product:
    """A product after a change of one of its variants, whose members are as in `patched_product`.

    Raises:
        NoVariantError: it has no such variant.
        RowError: it would not be a product.
    """
    variants = list(document.get("variants", ()))
    place = next((place for place, variant in enumerate(variants) if variant["sku"] == sku), None)
    if place is None:
        known = ", ".join(variant["sku"] for variant in variants[:10]) or "it has no variants"
        raise NoVariantError("sku", shown(sku), f"the product has no variant of this sku; known: {known}")
    changes = {name: value for name, value in patch.items() if name != "sku"}
    variants[place] = merged(variants[place], _own_form(variants[place], changes, currency, _OF_VARIANT))
    return _BUILDER.build({**document, "variants": variants})


def _own_form(
    document: Mapping[str, Any], changes: Mapping[str, Any], currency: str, fields: frozenset[str]
) -> dict[str, Any]:
    """The changes in the catalogue's own form."""
    own = {name: value for name, value in changes.items() if name in fields}
    offer = {name: changes[name] for name in _OF_OFFER if name in changes}
    if offer:
        change = _offer(document.get("offers", {}).get(DEFAULT_CHANNEL, {}), offer, currency)
        offers = _object("offers", own.get("offers"))
        # Not merged, which would lose what is to be removed.
        own["offers"] = {**offers, DEFAULT_CHANNEL: {**_object("offers", offers.get(DEFAULT_CHANNEL)), **change}}
    attributes = {name: value for name, value in changes.items() if name not in fields and name not in _OF_OFFER}
    if attributes:
        own["attributes"] = {**_object("attributes", own.get("attributes")), **attributes}
    return own


def _object(name: str, value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise RowError(name, shown(value), "an object is wanted")
    return value


def _offer(offer: Mapping[str, Any], changes: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """The changed members of an offer, with what an offer cannot be without."""
    result: dict[str, Any] = {}
    known = offer.get("currency", UNKNOWN_CURRENCY)
    if known == UNKNOWN_CURRENCY:
        known = currency
    if changes.get("currency") is not None:
        named = find_currency(str(changes["currency"]), known)
        if named is None:
            raise RowError("currency", shown(changes["currency"]), "no currency; use ISO 4217 codes such as EUR")
        known = named
    for name in ("price", "list_price"):
        if name not in changes:
            continue
        if changes[name] is None:
            result[name] = None
            continue
        amount = read_amount(name, changes[name], known)
        known = amount.currency or known
        result[name] = to_minor(amount.value, known)
    result["currency"] = known
    if changes.get("availability") is not None:
        result["availability"] = _availability(changes["availability"])
    elif "availability" not in offer:
        result["availability"] = "in_stock"
    return result


def _availability(value: Any) -> str:
    found = read_availability(value)
    if found is None:
        raise RowError(
            "availability", shown(value), "wanted is in_stock, preorder, backorder, out_of_stock, or how many there are"
        )
    return found.value
