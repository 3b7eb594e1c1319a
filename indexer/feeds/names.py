"""The usual names of columns: of Google Merchant, Shopify, WooCommerce, Magento, schema.org and marketplaces' exports.

Case, spaces and punctuation do not count, nor does a `product`, `item` or `article` before a name. Earlier names go
before later ones. A dot stands between the names of nested objects.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import TypeVar

ID = "id"
TITLE = "title"

T = TypeVar("T")

NAMES: dict[str, str] = {
    "title": "title, name, display name, title rendered, headline",
    "description": "description, long description, full description, body html, description html, html description, "
    "details, short description, description short, summary, subtitle, excerpt",
    "brand": "brand, brand name, brand label, manufacturer, manufacturer name, vendor, vendor name, maker, make, "
    "supplier, supplier name",
    "category": "category path, category paths, categories, category, categories name, categories path, "
    "category name, category full path, product category, breadcrumbs, breadcrumb, category tree, product type, "
    "google product category, department, taxonomy",
    "sku": "sku, article number, item number, stock keeping unit, merchant sku, seller sku",
    "mpn": "mpn, manufacturer part number, part number, model number, manufacturer sku, vendor part number",
    "gtin": "gtin, gtin8, gtin12, gtin13, gtin14, ean, eans, ean code, ean13, upc, upc code, barcode, barcodes, gtins, "
    "isbn, isbn10, isbn13, jan, gtin upc ean or isbn, global trade item number",
    "url": "link, url, product link, permalink, page url, canonical url, canonical link, deep link, deeplink",
    "image": "image link, image url, image src, image, main image, main image url, primary image, base image, "
    "featured image, picture url, picture, photo, images, images src, images url, image urls, pictures, photos, "
    "additional image link, additional image links, additional images, additional image urls, gallery, "
    "gallery images, thumbnail, thumbnail url, small image",
    "rating": "rating, average rating, avg rating, rating value, rating average, review rating, stars, star rating, "
    "aggregate rating rating value, rating rate, average review rating, mean rating",
    "rating_count": "rating count, ratings count, review count, reviews count, number of reviews, number of ratings, "
    "num reviews, num ratings, ratings total, total reviews, aggregate rating review count, "
    "aggregate rating rating count, rating number, no of ratings",
    "popularity": "popularity, popularity score, units sold, sold count, sales count, total sales, sales volume, "
    "bestseller score, popularity index",
    "released_at": "release date, date released, released at, released, launch date, publication date, published at, "
    "date published, created at, date created, creation date, date added, date first available",
    "price": "price, current price, selling price, final price, price amount, price value, offers price, offer price, "
    "unit price, gross price, price gross, retail price, regular price, offers low price, low price, price min",
    "sale_price": "sale price, special price, discounted price, discount price, promo price, promotional price, "
    "price sale, deal price",
    "list_price": "list price, compare at price, original price, was price, old price, strike price, msrp, rrp, uvp, "
    "mrp, recommended retail price, suggested retail price, price before discount",
    "currency": "currency, price currency, currency code, price currency code, offers price currency, iso currency",
    "availability": "availability, availability status, stock status, offers availability, in stock, is in stock, "
    "in stock flag, available, is available, stock, stock quantity, inventory, inventory quantity, inventory qty, "
    "stock level, qty, quantity, stock qty",
}
"""By target; `--map` takes these targets and `id`."""

IDS = (
    "id, product id, item id, article id, unique id, uniq id, uid, identifier, id product, sku, asin, article number, "
    "item number, product number, product code, item code, article code, handle, reference, code, "
    "product key, merchant sku"
)
"""What may name a product, where `--map` does not say it."""

OFFERS = "offers"
"""The column whose object of objects is the offers by sales channel, as the catalogue writes them."""

VARIANTS = ("variants", "variations", "skus")
"""Columns whose lists of objects are the variants of a product."""

LISTS = frozenset({"tags", "keywords", "labels"})
"""Columns that hold several words with commas between them, where a format knows nothing but texts."""

IN_VARIANTS = frozenset(
    {"sku", "gtin", "price", "sale_price", "list_price", "currency", "availability", "image", OFFERS}
)
"""The targets that a variant has; all else of it is an attribute."""

_PREFIX = re.compile(r"^(?:product|item|article)s?(?=.)")


def name_key(name: str) -> str:
    """What is left of a name when case, spaces, punctuation and the `g:` of Google's namespace go."""
    text = unicodedata.normalize("NFKC", name).casefold().removeprefix("g:")
    return re.sub(r"[\W_]+", "", text)


def find_name(table: Mapping[str, T], name: str) -> T | None:
    """What a table made by `_table` says of a name, None where it is not there."""
    key = name_key(name)
    if key in table:
        return table[key]
    return table.get(_PREFIX.sub("", key, count=1))


def _table(names: Mapping[str, str]) -> dict[str, tuple[str, int]]:
    """(target, rank) by the key of each name, the earlier the lower."""
    found: dict[str, tuple[str, int]] = {}
    for target, listed in names.items():
        for rank, name in enumerate(listed.split(",")):
            found.setdefault(name_key(name), (target, rank))
    return found


TARGETS: tuple[str, ...] = (ID, *NAMES)
TARGET_TABLE = {**_table(NAMES), OFFERS: (OFFERS, 0)}
ID_TABLE = _table({ID: IDS})
