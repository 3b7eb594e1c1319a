"""Presentation: a stored product as a response shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from indexer.product import UNKNOWN_CURRENCY
from search.money import major, money_text


def present(stored: Mapping[str, Any], fields: Sequence[str] | None, channel: str, language: str) -> dict[str, Any]:
    """The product's fields that were asked for, with money in amounts people read.

    Args:
        stored: the product's canonical JSON.
        fields: names of fields or attributes, None for all; "price", "list_price" and "availability" are the
            channel's.
    """
    shown = dict(stored)
    offers = stored.get("offers")
    if offers:
        shown["offers"] = {name: _offer(offer, language) for name, offer in offers.items()}
        offer = shown["offers"].get(channel)
        if offer is not None:
            shown.update({key: offer[key] for key in ("price", "list_price", "availability") if key in offer})
    if "variants" in stored:
        shown["variants"] = [_variant(variant, language) for variant in stored["variants"]]
    if fields is None:
        return shown
    attributes = stored.get("attributes", {})
    chosen = {name: shown[name] for name in fields if name in shown}
    picked = {name: attributes[name] for name in fields if name not in shown and name in attributes}
    if picked:
        chosen["attributes"] = picked
    return chosen


def _variant(variant: Mapping[str, Any], language: str) -> dict[str, Any]:
    if "offers" not in variant:
        return dict(variant)
    return {**variant, "offers": {name: _offer(offer, language) for name, offer in variant["offers"].items()}}


def _offer(offer: Mapping[str, Any], language: str) -> dict[str, Any]:
    currency = offer.get("currency", UNKNOWN_CURRENCY)
    result = dict(offer)
    for key in ("price", "list_price"):
        if key in offer:
            amount = offer[key]
            result[key] = {
                "amount": major(amount, currency),
                "currency": currency,
                "text": money_text(amount, currency, language),
            }
    return result
