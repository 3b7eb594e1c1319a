"""Rows into products: the product of a row whose columns were recognised."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

from indexer.errors import RowError
from indexer.feeds.canonical import read_variant
from indexer.feeds.categories import Path, read_breadcrumbs, read_categories
from indexer.feeds.columns import Columns, VariantColumns
from indexer.feeds.flatten import expand
from indexer.feeds.gather import Gathered
from indexer.feeds.ids import read_id
from indexer.feeds.names import ID, VARIANTS, name_key
from indexer.feeds.offers import currency_within, read_offers
from indexer.feeds.recognise import recognise
from indexer.feeds.records import shown
from indexer.feeds.sample import ColumnStats
from indexer.feeds.scalars import read_count, read_date, read_gtins, read_number
from indexer.feeds.text import clean
from indexer.feeds.texts import read_description, read_title, read_word
from indexer.product import Product, Variant

_URL = re.compile(r"(?:https?:)?//|\S+\.(?:jpe?g|png|webp|gif|avif)$", re.IGNORECASE)
_BETWEEN_URLS = re.compile(r"[,|;]\s*+(?=(?:https?:/)?/)")


class Builder(Protocol):
    """Makes products of rows."""

    def build(self, values: Mapping[str, Any]) -> Product:
        """The product of a row; a RowError where it cannot be one."""
        ...

    def id_of(self, values: Mapping[str, Any]) -> str:
        """The id of a row that may be broken, "" where it cannot be read."""
        ...


class RowBuilder:
    """Makes products of the rows of any shop.

    Args:
        columns: what each column is.
        stats: of the columns in the sample.
        default_currency: of prices that name none.
        default_language: of a text that names none beside others that do.
        textual: the format knows nothing but texts.
    """

    def __init__(
        self,
        columns: Columns,
        stats: Mapping[str, ColumnStats],
        default_currency: str,
        default_language: str,
        *,
        textual: bool,
    ) -> None:
        self._columns = columns
        self._variant_columns = VariantColumns(stats)
        self._default_currency = default_currency
        self._default_language = default_language
        self._textual = textual
        self._id_is_sku = recognise(columns.id).target == "sku"

    def build(self, values: Mapping[str, Any]) -> Product:
        """The product of a row.

        Raises:
            RowError: it has no id or no title, or a value that cannot be read.
        """
        values, variants = _take_variants(values)
        gathered = Gathered(values, self._columns, textual=self._textual)
        product_id = gathered.first(ID, read_id, lists=True) or read_id(self._columns.id, None)
        title = read_title(gathered, self._default_language)
        if not title:
            raise RowError(self._columns.title, "", "the row has no title")
        offers = read_offers(gathered, self._default_currency)
        currency = currency_within(gathered, offers, self._default_currency)
        return Product(
            id=product_id,
            title=title,
            description=read_description(gathered, self._default_language),
            brand=gathered.first("brand", read_word) or "",
            categories=gathered.first("category", _read_paths, lists=True) or (),
            sku=gathered.first("sku", read_word) or (product_id if self._id_is_sku else ""),
            mpn=gathered.first("mpn", read_word) or "",
            gtins=_all_gtins(gathered),
            url=gathered.first("url", read_word) or "",
            images=_all_images(gathered),
            rating=gathered.first("rating", lambda _, value: read_number(value)),
            rating_count=gathered.first("rating_count", lambda _, value: read_count(value)),
            popularity=gathered.first("popularity", lambda _, value: read_number(value)),
            released_at=gathered.first("released_at", lambda _, value: read_date(value)) or "",
            offers=offers,
            variants=tuple(self._variant(number, variant, currency) for number, variant in enumerate(variants)),
            attributes=gathered.attributes,
        )

    def id_of(self, values: Mapping[str, Any]) -> str:
        """The id of a row that may be broken, "" where it cannot be read."""
        name = self._columns.id
        try:
            if name not in values and "." in name:
                top = name.partition(".")[0]
                return read_id(name, dict(expand(top, values.get(top))).get(name))
            return read_id(name, values.get(name))
        except RowError:
            return ""

    def _variant(self, number: int, values: Mapping[str, Any], currency: str) -> Variant:
        if own := read_variant(values):
            return own
        try:
            gathered = Gathered(values, self._variant_columns, textual=self._textual)
            attributes = gathered.attributes
            sku = gathered.first("sku", read_word)
            if sku is None:
                # Without a sku the variant's own id or title tells it from the others.
                key = next((key for key in ("id", "title") if key in attributes), "sku")
                sku = read_id(key, attributes.pop(key, None))
            offers = read_offers(gathered, currency)
            image, *more_images = _all_images(gathered) or ("",)
            if more_images:
                attributes["images"] = tuple(more_images)
            return Variant(
                sku=sku,
                gtins=_all_gtins(gathered),
                offers=offers,
                image=image,
                attributes=attributes,
            )
        except RowError as error:
            raise RowError(f"variants[{number}].{error.field}", error.value, error.reason) from error


def _take_variants(values: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """The row without its variants, and these.

    Raises:
        RowError: some of them are objects, and some are not.
    """
    for name in VARIANTS:
        found = values.get(name)
        if isinstance(found, list) and any(isinstance(variant, dict) for variant in found):
            for number, variant in enumerate(found):
                if not isinstance(variant, dict):
                    raise RowError(f"{name}[{number}]", shown(variant), "a variant is an object, as the others are")
            return {key: value for key, value in values.items() if key != name}, found
    return values, []


def _read_paths(field: str, value: Any) -> tuple[Path, ...] | None:
    """Category paths; None of a bare number, which is one of somebody's taxonomy."""
    if isinstance(value, str) and value.strip().isdigit():
        return None
    read = read_breadcrumbs if name_key(field).startswith("breadcrumb") else read_categories
    return read(field, value) or None


def _all_gtins(gathered: Gathered) -> tuple[str, ...]:
    found: list[str] = []
    for claim in gathered.claims("gtin"):
        found.extend(clean(claim.column.name, number) for number in read_gtins(claim.value))
    return tuple(dict.fromkeys(found))


def _all_images(gathered: Gathered) -> tuple[str, ...]:
    """The addresses in all columns of images, the best column's first."""
    found: list[str] = []
    for claim in gathered.claims("image"):
        entries = claim.value if isinstance(claim.value, list) else [claim.value]
        texts = [clean(claim.column.name, entry) for entry in entries if isinstance(entry, str)]
        if len(texts) < len(entries) or (claim.column.meaning.only_urls and not all(map(_URL.match, texts))):
            gathered.leave(claim)
            continue
        found.extend(url.strip() for text in texts for url in _BETWEEN_URLS.split(text) if url)
    return tuple(dict.fromkeys(found))
