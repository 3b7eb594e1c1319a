"""Products as the page shows them. Their texts are anybody's: nothing is HTML, and only web addresses are links."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from indexer.fields import PATH_SEPARATOR
from indexer.product import text_in
from search.api.page.why import Why, why
from search.highlight import CLOSE, OPEN
from search.response import ResultHit

_TINTS = 6
_DESCRIPTION_CHARS = 150
_MARKED = re.compile(f"{OPEN}(.*?){CLOSE}", re.DOTALL)
_AVAILABILITY = {
    "in_stock": ("In stock", "good"),
    "out_of_stock": ("Sold out", "gone"),
    "preorder": ("Pre-order", "later"),
    "backorder": ("On back-order", "later"),
}
Parts = tuple[tuple[str, bool], ...]
"""A text in parts, each with whether it is marked."""


@dataclass(frozen=True, slots=True)
class Card:
    """One product.

    Args:
        title: in parts, "(no title)" where it has none.
        url: of its own page, "" where it has none that is an address of the web.
        image: the address of its picture, "" as with `url`.
        initial: stands in the place of a picture, on one of a few tints.
        list_price: what it was before, "" where it is no higher.
        availability, state: the words and their kind ("good", "gone" or "later"), "" where nothing is said.
    """

    id: str
    place: int
    title: Parts
    description: Parts
    brand: str
    category: str
    url: str
    image: str
    initial: str
    tint: int
    price: str
    list_price: str
    availability: str
    state: str
    rating: str
    why: Why | None

    @property
    def name(self) -> str:
        """The title as one text."""
        return "".join(text for text, _ in self.title)


def card(hit: ResultHit, place: int, language: str, sort: str = "") -> Card:
    """A hit as a card.

    Args:
        place: in the whole result, from 1.
        language: of the texts that are shown, where a product has several.
        sort: the order of the page, "" for relevance.
    """
    document = hit.document
    title = text_in(document.get("title", ""), language, language)
    description = text_in(document.get("description", ""), language, language)
    paths = document.get("categories") or [[]]
    price, before = document.get("price"), document.get("list_price")
    was = bool(price and before and before["amount"] > price["amount"])
    availability, state = _AVAILABILITY.get(document.get("availability", ""), ("", ""))
    return Card(
        id=hit.id,
        place=place,
        title=_parts(hit.highlights.get("title", "")) or ((title or "(no title)", False),),
        description=_parts(hit.highlights.get("description", "")) or ((_shortened(description), False),),
        brand=str(document.get("brand", "")),
        category=PATH_SEPARATOR.join(paths[0]),
        url=web_address(document.get("url", "")),
        image=next(filter(None, map(web_address, document.get("images", ()))), ""),
        initial=_initial(title),
        tint=zlib.crc32("".join(paths[0]).encode()) % _TINTS,
        price=price["text"] if price else "",
        list_price=before["text"] if was and before else "",
        availability=availability,
        state=state,
        rating=_rating(document),
        why=None if hit.explain is None else why(hit, sort),
    )


def web_address(text: object) -> str:
    """An address that may stand in a link or a picture: http or https, whole; "" for all others."""
    address = str(text).strip()
    if address.startswith("//"):
        address = "https:" + address
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return address if is_web and address.isprintable() else ""


def _parts(html: str) -> Parts:
    """A highlight in parts, out of HTML again."""
    pieces = _MARKED.split(html)
    return tuple((unescape(text), bool(number % 2)) for number, text in enumerate(pieces) if text)


def _shortened(text: str) -> str:
    if len(text) <= _DESCRIPTION_CHARS:
        return text
    return text[:_DESCRIPTION_CHARS].rsplit(" ", 1)[0] + "…"


def _initial(title: str) -> str:
    return next((char.upper() for char in title if char.isalnum()), "·")[:1]


def _rating(document: Mapping[str, Any]) -> str:
    rating, count = document.get("rating"), document.get("rating_count")
    if rating is None:
        return ""
    return f"{rating:.1f}" + (f" from {count:,} rating{'s' * (count != 1)}" if count else "")
