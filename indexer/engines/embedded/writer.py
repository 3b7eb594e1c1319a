"""The one writer of a generation.

A commit appends rows, JSON and vectors to their files, fsyncs them, and then commits tantivy, whose commit carries the
lengths of the files. Whatever the files hold behind those lengths was never committed: the next writer cuts it off.
"""

from __future__ import annotations

import os
import zlib
from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
import orjson
import tantivy
from numpy.typing import NDArray

from indexer.engines.embedded.cells import load_cells, make_cells, save_cells
from indexer.engines.embedded.codes import read_codes
from indexer.engines.embedded.fields import CHANGE, COMMIT, ID, KIND, META, ROW, TextSchema
from indexer.engines.embedded.layout import GenerationFiles, check_length, load_manifest, save_manifest
from indexer.engines.embedded.masks import as_text
from indexer.engines.embedded.rowlog import Chunk, ColumnPart, read_chunks, write_chunk
from indexer.engines.embedded.state import Committed, committed_state, open_text, text_errors
from indexer.engines.embedded.vectors import CELLS_FROM
from indexer.engines.protocol import IndexDocument, WriteReport
from indexer.errors import StorageError
from indexer.files import disk_errors, sync_directory

_HEAP_BYTES = 64_000_000


class _PendingColumn:
    """Values of a column since the last commit."""

    def __init__(self) -> None:
        self.rows = array("I")
        self.units = array("H")
        self.numbers = array("d")
        self.codes = array("i")
        self.strings: list[str] = []


class EmbeddedWriter:
    """See `EngineWriter`. Opening it cuts off what a crashed writer left behind its last commit."""

    def __init__(self, files: GenerationFiles, threads: int) -> None:
        self._files = files
        self._threads = threads
        self._spec, self._fitted = load_manifest(files)
        self._schema = TextSchema(self._spec.schema)
        self._index = open_text(files, self._schema)
        try:
            self._writer = self._index.writer(_HEAP_BYTES, 1)
        except ValueError as error:
            raise StorageError(f"{files.text} is being written by another process, or not writable: {error}") from error
        # Only now, with tantivy's lock held, nobody commits any more, and what lies behind the commit is nobody's.
        self._index.reload()
        self._state = committed_state(self._index, files)
        ends = {
            files.rows: self._state.log_bytes,
            files.sources: self._state.source_bytes,
            files.vectors: self._state.rows * self._spec.dim * 2,
        }
        for path, end in ends.items():
            check_length(path, end)
        self._codes: dict[str, dict[str, int]] = {}
        self._tombstones: dict[str, int] = {}
        for chunk in read_chunks(files.rows, 0, self._state.log_bytes):
            self._tombstones.update(chunk.deleted)
            for key, part in chunk.columns.items():
                if part.strings:
                    known = self._codes.setdefault(key, {})
                    for text in part.strings:
                        known[text] = len(known)
        with disk_errors(files.root):
            self._rows_file, self._sources_file, self._vectors_file = (_open_at(*each) for each in ends.items())
            # They may be new, and a commit syncs only what is in them.
            sync_directory(files.root)
        self._searcher = self._index.searcher()
        self._rows = self._state.rows
        self._source_bytes = self._state.source_bytes
        self._reset()

    def _reset(self) -> None:
        self._first_row = self._rows
        self._changes = array("q")
        self._replaces = array("q")
        self._ids: list[bytes] = []
        self._source_ends = array("q")
        self._source_sums = array("I")
        self._vector_sum = 0
        self._has_vector = array("b")
        self._ended = array("q")
        self._deleted: dict[str, int] = {}
        self._columns: dict[str, _PendingColumn] = {}
        self._pending_rows: dict[str, tuple[int, int]] = {}

    @property
    def change_number(self) -> int:
        return self._state.change_number

    @property
    def rows(self) -> int:
        """Rows that are committed, those that were replaced included."""
        return self._state.rows

    def write(self, documents: Sequence[IndexDocument]) -> WriteReport:
        current = self._current_rows([document.id for document in documents])
        written = skipped = 0
        with disk_errors(self._files.root):
            for document in documents:
                row, change = self._pending_rows.get(document.id) or current.get(document.id, (-1, -1))
                if max(change, self._tombstones.get(document.id, -1)) >= document.change_number:
                    skipped += 1
                    continue
                self._append(document, row)
                written += 1
        return WriteReport(written, skipped)

    def delete(self, ids: Mapping[str, int]) -> WriteReport:
        current = self._current_rows(list(ids))
        written = skipped = 0
        for id_, number in ids.items():
            row, change = self._pending_rows.get(id_) or current.get(id_, (-1, -1))
            if max(change, self._tombstones.get(id_, -1)) >= number:
                skipped += 1
                continue
            if row >= 0:
                with text_errors(self._files.text):
                    self._writer.delete_documents_by_term(ID, id_)
                self._ended.append(row)
            self._deleted[id_] = self._tombstones[id_] = number
            self._pending_rows[id_] = (-1, number)
            written += 1
        return WriteReport(written, skipped)

    def commit(self, change_number: int) -> Mapping[str, str]:
        number = max(change_number, self._state.change_number)
        if not self._changes and not self._deleted and number == self._state.change_number:
            return {}
        with disk_errors(self._files.root):
            log_bytes = self._state.log_bytes + write_chunk(self._rows_file, self._chunk())
            for file in (self._sources_file, self._vectors_file, self._rows_file):
                file.flush()
                os.fsync(file.fileno())
        state = Committed(self._rows, log_bytes, self._source_bytes, number)
        self._commit_text(state)
        self._state = state
        self._index.reload()
        self._searcher = self._index.searcher()
        self._reset()
        return {}

    def finish(self, min_cosine: float | None = None, queries: NDArray[np.float32] | None = None) -> None:
        """Cuts the vectors into cells, where there are enough of them."""
        rows, dim = self._state.rows, self._spec.dim
        if not dim:
            return
        if min_cosine is not None:
            self._fitted["min_cosine"] = min_cosine
            save_manifest(self._files, self._spec, self._fitted)
        cells = load_cells(self._files, dim, rows)
        if rows >= CELLS_FROM and (cells is None or cells.rows < 0.8 * rows):
            save_cells(self._files, make_cells(read_codes(self._files.vectors, dim, 0, rows), queries, self._threads))

    def close(self) -> None:
        """Drops what was not committed and lets the merges end."""
        for file in (self._rows_file, self._sources_file, self._vectors_file):
            # What is still buffered was not committed: the next writer cuts it off, so a full disk is no matter here.
            with suppress(OSError):
                file.close()
        self._writer.rollback()
        self._writer.wait_merging_threads()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _current_rows(self, ids: list[str]) -> dict[str, tuple[int, int]]:
        """id → (row, change number) of what is committed."""
        if not self._state.rows or not ids:
            return {}
        native = self._schema.native
        result: dict[str, tuple[int, int]] = {}
        for id_ in dict.fromkeys(ids):
            hits = self._searcher.search(tantivy.Query.term_query(native, ID, id_), 1, False).hits
            if hits:
                row = self._searcher.fast_field_values(ROW, [hits[0][1]])[0]
                change = self._searcher.fast_field_values(CHANGE, [hits[0][1]])[0]
                result[id_] = (int(row or 0), int(change or 0))
        return result

    def _append(self, document: IndexDocument, replaced: int) -> None:
        row = self._rows
        columns = self._add_values(document, row)
        native = self._schema.document(document, row, columns)
        with text_errors(self._files.text):
            if replaced >= 0:
                self._writer.delete_documents_by_term(ID, document.id)
            self._writer.add_document(native)
        vector = np.zeros(self._spec.dim, np.float16) if document.vector is None else document.vector.astype(np.float16)
        codes = vector.tobytes()
        self._vectors_file.write(codes)
        self._vector_sum = zlib.crc32(codes, self._vector_sum)
        self._sources_file.write(document.source)
        self._source_bytes += len(document.source)
        self._changes.append(document.change_number)
        self._replaces.append(replaced)
        self._ids.append(document.id.encode())
        self._source_ends.append(self._source_bytes)
        self._source_sums.append(zlib.crc32(document.source))
        self._has_vector.append(document.vector is not None)
        self._pending_rows[document.id] = (row, document.change_number)
        self._rows += 1

    def _add_values(self, document: IndexDocument, row: int) -> dict[str, tuple[str | float, ...]]:
        """Adds the values to the pending columns; returns the distinct values of each column."""
        distinct: dict[str, tuple[str | float, ...]] = {}
        columns = self._spec.schema.columns
        # A product has few of the declared columns.
        said = dict.fromkeys((*document.values, *(key for variant in document.variants for key in variant)))
        for key in said:
            field = columns[key]
            if field.variant and document.variants:
                units = [variant.get(key, ()) for variant in document.variants]
            else:
                units = [document.values.get(key, ())]
            if not any(units):
                continue
            pending = self._columns.setdefault(key, _PendingColumn())
            numeric = self._schema.is_numeric(key)
            seen: dict[str | float, None] = {}
            for unit, values in enumerate(units):
                for value in dict.fromkeys(values):
                    stored = float(value) if numeric else as_text(value)
                    if not field.variant and stored in seen:
                        continue
                    seen[stored] = None
                    pending.rows.append(row)
                    if field.variant:
                        pending.units.append(min(unit, 65_535))
                    if isinstance(stored, float):
                        pending.numbers.append(stored)
                    else:
                        pending.codes.append(self._code(key, pending, stored))
            distinct[key] = tuple(seen)
        return distinct

    def _code(self, key: str, pending: _PendingColumn, text: str) -> int:
        known = self._codes.setdefault(key, {})
        code = known.get(text)
        if code is None:
            code = known[text] = len(known)
            pending.strings.append(text)
        return code

    def _chunk(self) -> Chunk:
        columns = {
            key: ColumnPart(
                rows=np.array(pending.rows, np.uint32),
                values=np.array(pending.numbers, np.float64)
                if self._schema.is_numeric(key)
                else np.array(pending.codes, np.int32),
                units=np.array(pending.units, np.uint16),
                strings=tuple(pending.strings),
            )
            for key, pending in self._columns.items()
        }
        return Chunk(
            first_row=self._first_row,
            changes=np.array(self._changes, np.int64),
            replaces=np.array(self._replaces, np.int64),
            id_bytes=b"".join(self._ids),
            id_ends=np.cumsum([len(id_) for id_ in self._ids], dtype=np.int64),
            source_ends=np.array(self._source_ends, np.int64),
            source_sums=np.array(self._source_sums, np.uint32),
            has_vector=np.array(self._has_vector, np.bool_),
            vector_sum=self._vector_sum,
            ended=np.array(self._ended, np.int64),
            deleted=self._deleted,
            columns=columns,
        )

    def _commit_text(self, state: Committed) -> None:
        meta = tantivy.Document()
        meta.add_text(KIND, COMMIT)
        meta.add_text(META, orjson.dumps(state.to_json()).decode())
        with text_errors(self._files.text):
            self._writer.delete_documents_by_term(KIND, COMMIT)
            self._writer.add_document(meta)
            self._writer.commit()
        # tantivy syncs its folder before it puts the new meta.json in its place, but not always after it.
        with disk_errors(self._files.text):
            sync_directory(self._files.text)


def _open_at(path: Path, length: int) -> BinaryIO:
    """Opens for appending after the first `length` bytes, which it has; what lies behind them was never committed."""
    file = open(path, "r+b" if path.exists() else "w+b")  # noqa: SIM115
    file.truncate(length)
    file.seek(length)
    return file
