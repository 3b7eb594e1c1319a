"""The generations of an index, and which of them is live."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from indexer.errors import ConflictError, NotFoundError
from indexer.store import indexes
from indexer.store.characters import storable
from indexer.store.database import Database
from indexer.store.records import GenerationRecord, GenerationState
from indexer.store.tables import GENERATIONS, INDEXES


class SqlGenerations:
    """What is known of each generation; its data are the engine's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, index: str, spec: Mapping[str, Any], note: str = "") -> GenerationRecord:
        """Records a generation that is about to be built, under the next number."""
        with self._database.write() as connection:
            row = indexes.find(connection, index, lock=True)
            number = connection.execute(
                update(INDEXES)
                .where(INDEXES.c.id == row.id)
                .values(generation_number=INDEXES.c.generation_number + 1)
                .returning(INDEXES.c.generation_number)
            ).scalar_one()
            connection.execute(
                insert(GENERATIONS).values(
                    index_id=row.id,
                    number=number,
                    state=GenerationState.BUILDING.value,
                    spec=dict(spec),
                    created_at=datetime.now(UTC),
                    change_number=0,
                    note=storable(note),
                )
            )
            return _find(connection, row, number)

    def get(self, index: str, number: int) -> GenerationRecord:
        """One generation.

        Raises:
            NotFoundError: there is no such index or generation.
        """
        with self._database.read() as connection:
            return _find(connection, indexes.find(connection, index), number)

    def list_all(self, index: str) -> list[GenerationRecord]:
        """All generations, oldest first."""
        with self._database.read() as connection:
            return _find_all(connection, indexes.find(connection, index))

    def live(self, index: str) -> GenerationRecord | None:
        """The generation that answers searches; None before the first is ready."""
        return next((record for record in self.list_all(index) if record.state is GenerationState.LIVE), None)

    def advance(self, index: str, number: int, change_number: int) -> None:
        """Records that the engine has committed every change up to `change_number`; an older one is ignored."""
        with self._database.write() as connection:
            record, mine = _find_locked(connection, index, number)
            if change_number > record.change_number:
                connection.execute(update(GENERATIONS).where(*mine).values(change_number=change_number))

    def mark_ready(self, index: str, number: int) -> None:
        """Records that a build is done and checked."""
        self._mark(index, number, GenerationState.READY, {})

    def mark_failed(self, index: str, number: int, note: str) -> None:
        """Records that a build was given up, and why."""
        self._mark(index, number, GenerationState.FAILED, {"note": storable(note)})

    def switch(self, index: str, number: int) -> None:
        """Makes a generation live, the live one previous and the previous one retired, in one transaction.

        Raises:
            ConflictError: it is neither ready nor previous; a live one stays live.
        """
        with self._database.write() as connection:
            record, mine = _find_locked(connection, index, number)
            if record.state is GenerationState.LIVE:
                return
            if record.state not in (GenerationState.READY, GenerationState.PREVIOUS):
                raise ConflictError(
                    f"generation {index}@{number} is {record.state}; wanted: ready or previous; build it again"
                )
            for before, after in (
                (GenerationState.PREVIOUS, GenerationState.RETIRED),
                (GenerationState.LIVE, GenerationState.PREVIOUS),
            ):
                connection.execute(
                    update(GENERATIONS).where(mine[0], GENERATIONS.c.state == before.value).values(state=after.value)
                )
            connection.execute(update(GENERATIONS).where(*mine).values(state=GenerationState.LIVE.value))

    def delete(self, index: str, number: int) -> None:
        """Forgets a generation that the engine has dropped.

        Raises:
            ConflictError: it is live.
        """
        with self._database.write() as connection:
            record, mine = _find_locked(connection, index, number)
            if record.state is GenerationState.LIVE:
                raise ConflictError(f"generation {index}@{number} is live; switch to another one before it is deleted")
            connection.execute(delete(GENERATIONS).where(*mine))

    def _mark(self, index: str, number: int, state: GenerationState, values: Mapping[str, Any]) -> None:
        with self._database.write() as connection:
            record, mine = _find_locked(connection, index, number)
            if record.state not in (GenerationState.BUILDING, GenerationState.READY):
                raise ConflictError(
                    f"generation {index}@{number} is {record.state}, so that it cannot become {state}; "
                    f"wanted: building or ready"
                )
            connection.execute(update(GENERATIONS).where(*mine).values(state=state.value, **values))


def _find_all(connection: Connection, index: Row[Any]) -> list[GenerationRecord]:
    """The generations of an index, oldest first."""
    rows = connection.execute(
        select(GENERATIONS).where(GENERATIONS.c.index_id == index.id).order_by(GENERATIONS.c.number)
    )
    return [
        GenerationRecord(
            index=index.name,
            number=row.number,
            state=GenerationState(row.state),
            spec=row.spec,
            created_at=row.created_at,
            change_number=row.change_number,
            note=row.note,
        )
        for row in rows
    ]


def _find(connection: Connection, index: Row[Any], number: int) -> GenerationRecord:
    records = _find_all(connection, index)
    for record in records:
        if record.number == number:
            return record
    there = f"there are: {', '.join(str(record.number) for record in records)}" if records else "there are none yet"
    raise NotFoundError(f"generation {index.name}@{number} does not exist; {there}")


def _find_locked(
    connection: Connection, index: str, number: int
) -> tuple[GenerationRecord, tuple[ColumnElement[bool], ColumnElement[bool]]]:
    """A generation with the conditions that find its row; no other writer gets at the index meanwhile."""
    row = indexes.find(connection, index, lock=True)
    return _find(connection, row, number), (GENERATIONS.c.index_id == row.id, GENERATIONS.c.number == number)
