"""Products for the contract of the catalogue store, small enough to check by eye."""

from __future__ import annotations

import hashlib

from indexer.store.protocol import CatalogueStore
from indexer.store.records import Change, StoredProduct


def digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def product(product_id: str, text: str = "one") -> StoredProduct:
    return StoredProduct(product_id, f"{product_id}={text}".encode(), digest(f"{product_id}={text}"), digest(text))


def batch(*ids: str, text: str = "one") -> list[StoredProduct]:
    return [product(product_id, text) for product_id in ids]


def numbered(changes: list[Change]) -> list[tuple[str, int]]:
    return [(change.id, change.change_number) for change in changes]


def mirror_of(store: CatalogueStore, index: str) -> dict[str, bytes]:
    return {change.id: change.document for change in store.changes(index, 0, 100_000) if change.document is not None}
