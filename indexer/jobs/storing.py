"""Storing: single products into the catalogue, changes and deletions, each with its outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from indexer.documents import embedded_text
from indexer.errors import NoVariantError, RowError
from indexer.feeds.patch import patched_product, patched_variant
from indexer.fields import Schema
from indexer.product import UNKNOWN_CURRENCY, Product, content_hash, encode_document, text_hash
from indexer.store.protocol import CatalogueStore
from indexer.store.records import MAX_BATCH, Outcome, ProductRecord, StoredProduct, UpsertReport


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one product of several was not written.

    Args:
        place: among those that were given, from 0.
        id: "" where it cannot be read.
        field, value: what is at fault, and what was seen; "" where it is the whole.
        unknown: there is no such product, or no such variant of it.
    """

    place: int
    id: str
    field: str
    value: str
    reason: str
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """What a write has done.

    Args:
        ranges: (first, last) change numbers, one for each transaction that changed anything.
        change_number: of the catalogue after it.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    faults: tuple[Fault, ...] = ()
    ranges: tuple[tuple[int, int], ...] = ()
    change_number: int = 0


@dataclass
class _Count:
    outcomes: list[Outcome] = field(default_factory=list)
    ranges: list[tuple[int, int]] = field(default_factory=list)
    change_number: int = 0

    def add(self, report: UpsertReport) -> None:
        self.outcomes += report.outcomes
        self.written(len(report.outcomes) - report.count(Outcome.UNCHANGED), report.change_number)

    def written(self, changes: int, last: int) -> None:
        if changes:
            self.ranges.append((last - changes + 1, last))
        self.change_number = last

    def stored(self, faults: Sequence[Fault] = (), deleted: int = 0) -> Stored:
        counts = {outcome: self.outcomes.count(outcome) for outcome in Outcome}
        return Stored(
            counts[Outcome.CREATED],
            counts[Outcome.UPDATED],
            counts[Outcome.UNCHANGED],
            deleted,
            tuple(faults),
            tuple(self.ranges),
            self.change_number,
        )


def to_stored(product: Product, schema: Schema) -> StoredProduct:
    """A product as the catalogue takes it; the schema says what text of it is embedded."""
    document = encode_document(product)
    text = embedded_text(product, schema)
    return StoredProduct(product.id, document, content_hash(document), text_hash(text))


def store_products(catalogue: CatalogueStore, index: str, products: Sequence[Product], schema: Schema) -> Stored:
    """Creates or replaces products, 500 in a transaction."""
    count = _Count(change_number=catalogue.get_index(index).change_number)
    for start in range(0, len(products), MAX_BATCH):
        batch = [to_stored(product, schema) for product in products[start : start + MAX_BATCH]]
        count.add(catalogue.upsert(index, batch))
    return count.stored()


def patch_products(
    catalogue: CatalogueStore, index: str, patches: Sequence[tuple[str, Mapping[str, Any]]], schema: Schema
) -> Stored:
    """Merges changes into products, in order; one that would not be a product any more is refused by itself.

    Args:
        patches: (id, change), see `patched_product`.
    """

    def change(document: Mapping[str, Any], patch: Mapping[str, Any]) -> Product:
        return patched_product(document, patch, _currency(schema))

    return _change(catalogue, index, patches, schema, change)


def patch_variant(
    catalogue: CatalogueStore, index: str, id_: str, sku: str, patch: Mapping[str, Any], schema: Schema
) -> Stored:
    """Merges a change into one variant of a product."""

    def change(document: Mapping[str, Any], patch: Mapping[str, Any]) -> Product:
        return patched_variant(document, sku, patch, _currency(schema))

    return _change(catalogue, index, [(id_, patch)], schema, change)


def delete_products(catalogue: CatalogueStore, index: str, ids: Sequence[str]) -> Stored:
    """Deletes products, 500 in a transaction; those that are not there are named."""
    count = _Count(change_number=catalogue.get_index(index).change_number)
    deleted: set[str] = set()
    for start in range(0, len(ids), MAX_BATCH):
        report = catalogue.delete(index, ids[start : start + MAX_BATCH])
        count.written(len(report.deleted), report.change_number)
        deleted.update(report.deleted)
    faults = [_unknown(place, id_, index) for place, id_ in enumerate(ids) if id_ not in deleted]
    return count.stored(faults, len(deleted))


_Change = Callable[[Mapping[str, Any], Mapping[str, Any]], Product]


def _change(
    catalogue: CatalogueStore,
    index: str,
    patches: Sequence[tuple[str, Mapping[str, Any]]],
    schema: Schema,
    change: _Change,
) -> Stored:
    count = _Count(change_number=catalogue.get_index(index).change_number)
    faults: list[Fault] = []
    for start in range(0, len(patches), MAX_BATCH):
        batch = patches[start : start + MAX_BATCH]
        found: list[Fault] = []

        def write(
            present: Mapping[str, ProductRecord],
            batch: Sequence[tuple[str, Mapping[str, Any]]] = batch,
            start: int = start,
            found: list[Fault] = found,
        ) -> list[StoredProduct]:
            found.clear()
            documents = {id_: orjson.loads(record.document) for id_, record in present.items()}
            written = []
            for place, (id_, patch) in enumerate(batch, start):
                if id_ not in documents:
                    found.append(_unknown(place, id_, index))
                    continue
                try:
                    stored = to_stored(change(documents[id_], patch), schema)
                except RowError as error:
                    unknown = isinstance(error, NoVariantError)
                    found.append(Fault(place, id_, error.field, error.value, error.reason, unknown))
                    continue
                documents[id_] = orjson.loads(stored.document)
                written.append(stored)
            return written

        count.add(catalogue.modify(index, list(dict.fromkeys(id_ for id_, _ in batch)), write))
        faults += found
    return count.stored(faults)


def _unknown(place: int, id_: str, index: str) -> Fault:
    return Fault(place, id_, "id", id_, f"there is no such product in index {index!r}", unknown=True)


def _currency(schema: Schema) -> str:
    return schema.currencies.get(schema.channel, UNKNOWN_CURRENCY)
