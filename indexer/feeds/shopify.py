"""Shopify's product export: a row for each variant and picture, folded into one record a product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from indexer.errors import FeedError, RowError
from indexer.feeds.records import Record, too_long

HANDLE = "Handle"
COLUMNS_OF_SHOPIFY = {"id": HANDLE, "title": "Title"}
"""Column by target, since a sku, where a product has but one, would be an id as well."""

_TELLING = frozenset({HANDLE, "Title", "Variant Price"})
_VARIANT = "Variant "
_OPTIONS = ("Option1", "Option2", "Option3")
_PICTURES = ("Image Src", "Image Alt Text")
_POSITION = "Image Position"  # that of the row within the product, in whose order the pictures come


def is_shopify(header: Sequence[str]) -> bool:
    """Whether it is the header of a product export."""
    return {name.strip() for name in header} >= _TELLING


def fold_shopify(rows: Iterator[Record], max_row_bytes: int) -> Iterator[Record]:
    """The rows of each handle, which follow one another, as one record with variants.

    A product is taken whole or not at all: where one of its rows is at fault it is rejected.

    Args:
        rows: of the export.
        max_row_bytes: so long are all rows of one product at most.

    Raises:
        FeedError: what `rows` raises, after the product at hand was given.
    """
    product: _Product | None = None
    try:
        for row in rows:
            handle = str(row.values.get(HANDLE, "")).strip()
            if product is not None and handle == product.handle:
                product.add(row)
                continue
            if product is not None:
                yield product.record()
            product = _Product(handle, row, max_row_bytes) if handle else None
            if product is None:
                yield row
    except FeedError:
        if product is not None:
            product.reject(RowError("", product.handle, "the feed breaks off within the rows of this product"))
            yield product.record()
        raise
    if product is not None:
        yield product.record()


class _Product:
    """The rows of one handle."""

    def __init__(self, handle: str, row: Record, max_row_bytes: int) -> None:
        self.handle = handle
        self._last = self._first = row
        self._fault: Record | None = None
        self._values: dict[str, Any] = {}
        self._options: dict[str, str] = {}
        self._variants: list[dict[str, Any]] = []
        self._pictures: dict[str, list[str]] = {}
        self._size = 0
        self._max_row_bytes = max_row_bytes
        self.add(row)

    def add(self, row: Record) -> None:
        """Adds the next row."""
        self._last = row
        if self._fault is not None:
            return
        self._size += sum(map(len, row.values.values()))
        if row.fault is not None:
            self.reject(row.fault)
        elif self._size > self._max_row_bytes:
            self.reject(too_long(self.handle.encode(), self._max_row_bytes))
        else:
            self._add_values(row.values)

    def reject(self, fault: RowError) -> None:
        """Makes the product a rejected one, at the row added last."""
        self._fault = Record(self._last.line, self._last.offset_bytes, {HANDLE: self.handle}, fault)

    def record(self) -> Record:
        """The product as one record."""
        if self._fault is not None:
            return self._fault
        values: dict[str, Any] = self._values | self._pictures
        if list(self._options.values()) == ["Title"] and len(self._variants) == 1:
            # How Shopify writes a product without variants.
            values |= {name: value for name, value in self._variants[0].items() if name != "Title"}
        elif self._variants:
            values["variants"] = self._variants
        return Record(self._first.line, self._first.offset_bytes, values)

    def _add_values(self, values: Mapping[str, Any]) -> None:
        if variant := self._variant(values):
            self._variants.append(variant)
        for name, value in values.items():
            if name in _PICTURES:
                self._pictures.setdefault(name, []).append(value)
            elif not name.startswith((_VARIANT, *_OPTIONS, _POSITION)):
                self._values.setdefault("Product Type" if name == "Type" else name, value)

    def _variant(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The variant in a row, nothing in a row that only adds a picture."""
        variant = {name.removeprefix(_VARIANT): value for name, value in values.items() if name.startswith(_VARIANT)}
        chosen: list[str] = []
        for option in _OPTIONS:
            # Only the first row of a product names its options.
            name = self._options.setdefault(option, values.get(f"{option} Name", ""))
            if value := values.get(f"{option} Value"):
                variant[name or option] = value
                chosen.append(value)
            if not name:
                del self._options[option]
        if not chosen and "Price" not in variant and "SKU" not in variant:
            return {}
        variant.setdefault("SKU", "/".join((self.handle, *chosen)))
        variant["Availability"] = _availability(variant)
        return variant


def _availability(variant: Mapping[str, str]) -> str:
    """What tracker, stock and policy say together."""
    if not variant.get("Inventory Tracker"):
        return "in stock"
    stock = variant.get("Inventory Qty", "0").strip()
    if stock.lstrip("-").isdigit() and int(stock) > 0:
        return "in stock"
    return "backorder" if variant.get("Inventory Policy") == "continue" else "out of stock"
