"""Embeddings that are already computed, by encoder version and the hash of the exact text."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, delete, or_, select

from indexer.errors import InputError
from indexer.store.database import Database
from indexer.store.records import MAX_BATCH
from indexer.store.tables import EMBEDDINGS, PRODUCTS

_STORED = np.dtype("<f2")


class SqlEmbeddings:
    """Vectors in half precision, shared by all indexes: a rebuild computes only what is new."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, encoder_version: str, hashes: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """The vectors that are known, by text hash.

        Returns:
            float32 (dim,) each, rounded to half precision: components are off by at most 0.05 %.
        """
        found: dict[bytes, NDArray[np.float32]] = {}
        with self._database.read() as connection:
            for start in range(0, len(hashes), MAX_BATCH):
                rows = connection.execute(
                    select(EMBEDDINGS.c.text_hash, EMBEDDINGS.c.vector).where(
                        EMBEDDINGS.c.encoder_version == encoder_version,
                        EMBEDDINGS.c.text_hash.in_(hashes[start : start + MAX_BATCH]),
                    )
                )
                found.update((digest, np.frombuffer(vector, _STORED).astype(np.float32)) for digest, vector in rows)
        return found

    def put(self, encoder_version: str, hashes: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Keeps vectors; one that is known already stays as it is.

        Args:
            hashes: n text hashes.
            vectors: float32 (n, dim).

        Raises:
            InputError: the two differ in length, or a vector is not finite.
        """
        if vectors.ndim != 2 or len(hashes) != len(vectors):
            raise InputError(f"{len(hashes)} text hashes came with vectors of shape {vectors.shape}; wanted: (n, dim)")
        if not np.isfinite(vectors).all():
            raise InputError(f"a vector of encoder {encoder_version!r} holds NaN or infinity; wanted: finite numbers")
        rows = [
            {"encoder_version": encoder_version, "text_hash": digest, "vector": vector.tobytes()}
            # In an order that all have: two processes that keep the same texts would else wait for one another.
            for digest, vector in sorted(zip(hashes, vectors.astype(_STORED)), key=lambda pair: pair[0])
        ]
        statement = self._database.insert(EMBEDDINGS).on_conflict_do_nothing()
        for start in range(0, len(rows), MAX_BATCH):
            with self._database.write() as connection:
                connection.execute(statement, rows[start : start + MAX_BATCH])

    def prune(self, keep: Collection[str]) -> int:
        """Forgets the vectors of encoder versions other than `keep`, and of texts that no product has any more.

        Returns:
            How many went.
        """
        # A join, which every database does in one pass; NOT IN is one for SQLite alone.
        wanted = select(PRODUCTS.c.text_hash).where(PRODUCTS.c.text_hash.is_not(None)).distinct().subquery()
        stale = (
            select(EMBEDDINGS.c.encoder_version, EMBEDDINGS.c.text_hash)
            .outerjoin(wanted, EMBEDDINGS.c.text_hash == wanted.c.text_hash)
            .where(or_(EMBEDDINGS.c.encoder_version.not_in(keep), wanted.c.text_hash.is_(None)))
        )
        removed = 0
        # The keys stream out of one snapshot while small transactions of another connection remove them.
        with self._database.read() as reading:
            for keys in reading.execution_options(yield_per=MAX_BATCH).execute(stale).partitions():
                self._database.give_way()
                with self._database.write() as writing:
                    for version in {row.encoder_version for row in keys}:
                        hashes = [row.text_hash for row in keys if row.encoder_version == version]
                        result = writing.execute(
                            delete(EMBEDDINGS).where(
                                and_(EMBEDDINGS.c.encoder_version == version, EMBEDDINGS.c.text_hash.in_(hashes))
                            )
                        )
                        removed += result.rowcount
        return removed
