"""Rows of the feed, under the names that shops usually give their columns."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from typing import Any

from .item import Item

Row = dict[str, Any]

CURRENCY = "EUR"
ENDINGS = (0.99, 0.95, 0.90, 0.50, 0.00)
"""What prices end in."""
REDUCED = 0.12
"""Share of the products that have a sale price."""
UNKNOWN = 0.08
"""Share of the attributes that the shop does not know of a product."""
FIRST_DAY = date(2019, 1, 1)


def row(item: Item, seed: int) -> Row:
    """The feed's row of a product, without flaws."""
    rng = random.Random(f"{seed}/row/{item.id}")
    price = _price(item, rng)
    sale_price = round(price * rng.choice((0.5, 0.7, 0.8, 0.9)), 2) if rng.random() < REDUCED else None
    stock = [_availability(rng) for _ in item.options]
    result: Row = {
        "id": item.id,
        "title": _text(item.title),
        "description": _text(item.description),
        "brand": item.brand,
        "category": item.kind.path,
        "price": price,
        "sale_price": sale_price,
        "currency": CURRENCY,
        "availability": "in_stock" if "in_stock" in stock else stock[0],
        "gtin": item.gtin,
        "mpn": item.model,
        "image": f"images/{item.id}.jpg",
        "url": f"products/{item.id}",
        "popularity": int(math.exp(rng.gauss(3, 1.5))),
        "release_date": (FIRST_DAY + timedelta(days=rng.randrange(2400))).isoformat(),
    }
    if rng.random() < 0.7:
        result["rating"] = round(min(5.0, rng.gauss(4.1, 0.5)), 1)
        result["rating_count"] = int(math.exp(rng.gauss(3, 1.2))) + 1
    result.update(
        (name, value)
        for name, value in item.values.items()
        if name in item.kind.has and not name.startswith("_") and rng.random() >= UNKNOWN
    )
    if len(item.options) > 1:
        result["variants"] = _variants(item, price, sale_price, stock)
    return {name: value for name, value in result.items() if value not in ("", None, {})}


def _text(texts: Any) -> Any:
    """English alone as a plain string; anything else as a map from language to text."""
    return texts["en"] if list(texts) == ["en"] else dict(texts)


def _price(item: Item, rng: random.Random) -> float:
    low, high = item.kind.price
    amount = math.exp(rng.uniform(math.log(low), math.log(high)))
    return max(0.5, math.floor(amount) + rng.choice(ENDINGS))


def _availability(rng: random.Random) -> str:
    return rng.choices(("in_stock", "out_of_stock", "preorder", "backorder"), (84, 11, 2, 3))[0]


def _variants(item: Item, price: float, sale_price: float | None, stock: list[str]) -> list[Row]:
    return [
        {
            "sku": f"{item.id}-{number:02d}",
            "gtin": item.option_gtin(number),
            **({"colour": option.shade} if option.shade else {}),
            **({"size": option.size} if option.size else {}),
            "price": price,
            **({} if sale_price is None else {"sale_price": sale_price}),
            "currency": CURRENCY,
            "availability": availability,
        }
        for number, (option, availability) in enumerate(zip(item.options, stock, strict=True), start=1)
    ]
