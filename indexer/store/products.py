"""The rows of `products`: every write takes a change number in the transaction that makes it.

The functions run in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, select, update

from indexer.errors import InputError
from indexer.product import MAX_ID_BYTES
from indexer.store import indexes
from indexer.store.database import Database
from indexer.store.protocol import ProductChange
from indexer.store.records import (
    MAX_BATCH,
    Change,
    DeleteReport,
    Outcome,
    ProductRecord,
    StoredProduct,
    UpsertReport,
)
from indexer.store.tables import PRODUCTS


def upsert(database: Database, connection: Connection, index: str, batch: Sequence[StoredProduct]) -> UpsertReport:
    """Writes what differs from what is there, in order; the last of equal ids wins."""
    _check_batch(len(batch))
    for product in batch:
        _check_id(product.id)
    row = indexes.find(connection, index, lock=True)
    hashes = _content_hashes(connection, row.id, [product.id for product in batch])
    outcomes: list[Outcome] = []
    changed: list[StoredProduct] = []
    for product in batch:
        known = hashes.get(product.id)
        if known == product.content_hash:
            outcomes.append(Outcome.UNCHANGED)
            continue
        outcomes.append(Outcome.CREATED if known is None else Outcome.UPDATED)
        hashes[product.id] = product.content_hash
        changed.append(product)
    if not changed:
        return UpsertReport(tuple(outcomes), row.change_number)
    last = indexes.advance(connection, row.id, changes=len(changed), products=outcomes.count(Outcome.CREATED))
    now = datetime.now(UTC)
    put(
        database,
        connection,
        [
            {
                "index_id": row.id,
                "id": product.id,
                "change_number": number,
                "content_hash": product.content_hash,
                "text_hash": product.text_hash,
                "updated_at": now,
                "document": product.document,
            }
            for number, product in enumerate(changed, start=last - len(changed) + 1)
        ],
    )
    return UpsertReport(tuple(outcomes), last)


def modify(
    database: Database, connection: Connection, index: str, ids: Sequence[str], change: ProductChange
) -> UpsertReport:
    """Writes what `change` makes of products that nobody else can change meanwhile."""
    _check_batch(len(ids))
    indexes.find(connection, index, lock=True)
    return upsert(database, connection, index, change(get(connection, index, ids)))


def is_id(text: str) -> bool:
    """Whether a product can have this id."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return False
    return 1 <= size <= MAX_ID_BYTES and "\0" not in text


def put(database: Database, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows of `products`, or replaces those of the same index and id."""
    statement = database.insert(PRODUCTS)
    replaced = {column.name: statement.excluded[column.name] for column in PRODUCTS.c if not column.primary_key}
    connection.execute(
        statement.on_conflict_do_update(index_elements=list(PRODUCTS.primary_key), set_=replaced),
        list(rows),
    )


def delete(connection: Connection, index: str, ids: Sequence[str]) -> DeleteReport:
    """Turns products into tombstones; ids that are not there, or not any more, change nothing."""
    _check_batch(len(ids))
    row = indexes.find(connection, index, lock=True)
    present = _content_hashes(connection, row.id, list(filter(is_id, ids)))
    deleted = tuple(product_id for product_id in dict.fromkeys(ids) if present.get(product_id) is not None)
    if not deleted:
        return DeleteReport((), row.change_number)
    last = indexes.advance(connection, row.id, changes=len(deleted), products=-len(deleted))
    connection.execute(
        update(PRODUCTS)
        .where(PRODUCTS.c.index_id == row.id, PRODUCTS.c.id == bindparam("product_id"))
        .values(
            change_number=bindparam("number"),
            content_hash=None,
            text_hash=None,
            document=None,
            updated_at=datetime.now(UTC),
        ),
        [
            {"product_id": product_id, "number": number}
            for number, product_id in enumerate(deleted, start=last - len(deleted) + 1)
        ],
    )
    return DeleteReport(deleted, last)


def set_text_hashes(connection: Connection, index: str, hashes: Mapping[str, bytes]) -> None:
    """Records which text is embedded of products that have not changed; takes no change number."""
    _check_batch(len(hashes))
    row = indexes.find(connection, index, lock=True)
    if not hashes:
        return
    connection.execute(
        update(PRODUCTS)
        .where(
            PRODUCTS.c.index_id == row.id, PRODUCTS.c.id == bindparam("product_id"), PRODUCTS.c.document.is_not(None)
        )
        .values(text_hash=bindparam("digest")),
        [{"product_id": product_id, "digest": digest} for product_id, digest in hashes.items()],
    )


def changes(connection: Connection, index: str, after: int, limit: int) -> list[Change]:
    """The products whose latest change is newer than `after`, by change number."""
    row = indexes.find(connection, index)
    rows = connection.execute(
        select(PRODUCTS.c.id, PRODUCTS.c.change_number, PRODUCTS.c.document, PRODUCTS.c.text_hash)
        .where(PRODUCTS.c.index_id == row.id, PRODUCTS.c.change_number > after)
        .order_by(PRODUCTS.c.change_number)
        .limit(limit)
    )
    return [Change(*values) for values in rows]


def get(connection: Connection, index: str, ids: Sequence[str]) -> dict[str, ProductRecord]:
    """Those of `ids` that are there, by id."""
    row = indexes.find(connection, index)
    found: dict[str, ProductRecord] = {}
    for start in range(0, len(ids), MAX_BATCH):
        batch = filter(is_id, ids[start : start + MAX_BATCH])
        rows = connection.execute(select(*_RECORD).where(*_present(row.id), PRODUCTS.c.id.in_(list(batch))))
        found.update((values.id, ProductRecord(*values)) for values in rows)
    return found


def ids_after(connection: Connection, index: str, after_id: str, limit: int) -> list[str]:
    """The next ids in order."""
    row = indexes.find(connection, index)
    query = (
        select(PRODUCTS.c.id).where(*_present(row.id), PRODUCTS.c.id > after_id).order_by(PRODUCTS.c.id).limit(limit)
    )
    return list(connection.execute(query).scalars())


def scan(connection: Connection, index: str, after_id: str, limit: int) -> list[ProductRecord]:
    """The next products in the order of their ids."""
    row = indexes.find(connection, index)
    query = select(*_RECORD).where(*_present(row.id), PRODUCTS.c.id > after_id).order_by(PRODUCTS.c.id).limit(limit)
    return [ProductRecord(*values) for values in connection.execute(query)]


_RECORD = (
    PRODUCTS.c.id,
    PRODUCTS.c.document,
    PRODUCTS.c.content_hash,
    PRODUCTS.c.text_hash,
    PRODUCTS.c.change_number,
    PRODUCTS.c.updated_at,
)
"""The columns of a `ProductRecord`, in its order."""


def _present(index_id: int) -> tuple[ColumnElement[bool], ...]:
    return PRODUCTS.c.index_id == index_id, PRODUCTS.c.document.is_not(None)


def _content_hashes(connection: Connection, index_id: int, ids: Sequence[str]) -> dict[str, bytes | None]:
    rows = connection.execute(
        select(PRODUCTS.c.id, PRODUCTS.c.content_hash).where(PRODUCTS.c.index_id == index_id, PRODUCTS.c.id.in_(ids))
    )
    return dict(rows.all())


def _check_batch(size: int) -> None:
    if size > MAX_BATCH:
        raise InputError(f"a batch of {size} products is too long; wanted: at most {MAX_BATCH} in one call")


def _check_id(product_id: str) -> None:
    if not is_id(product_id):
        raise InputError(
            f"product id {product_id[:40]!r} cannot be stored; wanted: Unicode text of 1 to {MAX_ID_BYTES} bytes in "
            f"UTF-8, without NUL"
        )
