"""The leases of named resources in SQL: who alone may write to an index."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from indexer.errors import LostLeaseError
from indexer.store.clock import Clock, utc_now
from indexer.store.database import Database
from indexer.store.tables import LEASES
from indexer.store.task_records import Lease
from indexer.store.task_rows import check_text


class SqlLeases:
    """A `LeaseStore`; see there for what each method does."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def acquire(self, resource: str, holder: str, lease_s: float) -> Lease | None:
        check_text("the name of a resource", resource)
        check_text(f"the holder of {resource!r}", holder)
        with self._database.write() as connection:
            row = _find(connection, resource, lock=True)
            now = self._clock()
            if row is not None and row.lease_until > now:
                return None
            token = 1 if row is None else row.token + 1
            lease = Lease(resource, holder, token, acquired_at=now, lease_until=now + timedelta(seconds=lease_s))
            values = asdict(lease)
            if row is not None:
                connection.execute(update(LEASES).where(LEASES.c.resource == resource).values(values))
                return lease
            # There was no row to lock: of two that come first at the same moment, one finds the other's.
            first = self._database.insert(LEASES).values(values).on_conflict_do_nothing().returning(LEASES.c.token)
            return None if connection.execute(first).one_or_none() is None else lease

    def renew(self, lease: Lease, lease_s: float) -> None:
        self._write(lease, lease_s=lease_s)

    def release(self, lease: Lease) -> None:
        self._write(lease, lease_s=0, holder="")

    def holder(self, resource: str) -> Lease | None:
        with self._database.read() as connection:
            row = _find(connection, resource)
            return None if row is None or row.lease_until <= self._clock() else Lease(**row._mapping)

    def check(self, lease: Lease) -> None:
        with self._database.read() as connection:
            if _find_held(connection, lease).lease_until <= self._clock():
                raise LostLeaseError(
                    f"lease {lease.token} of {lease.holder!r} on {lease.resource!r} has run out; stop the work, and "
                    f"acquire it anew"
                )

    def _write(self, lease: Lease, *, lease_s: float, **values: str) -> None:
        with self._database.write() as connection:
            _find_held(connection, lease, lock=True)
            until = self._clock() + timedelta(seconds=lease_s)
            connection.execute(
                update(LEASES).where(LEASES.c.resource == lease.resource).values(lease_until=until, **values)
            )


def _find(connection: Connection, resource: str, *, lock: bool = False) -> Row[Any] | None:
    query = select(LEASES).where(LEASES.c.resource == resource)
    return connection.execute(query.with_for_update() if lock else query).one_or_none()


def _find_held(connection: Connection, lease: Lease, *, lock: bool = False) -> Row[Any]:
    row = _find(connection, lease.resource, lock=lock)
    if row is None or row.token != lease.token or not row.holder:
        now = "nobody holds it" if row is None or not row.holder else f"{row.holder!r} got it, as lease {row.token}"
        raise LostLeaseError(
            f"lease {lease.token} of {lease.holder!r} on {lease.resource!r} is over: {now}; stop the work, and acquire "
            f"it anew"
        )
    return row
