"""One commit of a generation as readers see it; everything of an answer comes from one snapshot."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar, cast

import numpy as np
import tantivy
from numpy.typing import NDArray

from indexer.engines.embedded.columns import Column, Columns
from indexer.engines.embedded.fields import ROW, TextSchema
from indexer.engines.embedded.layout import GenerationFiles
from indexer.engines.embedded.lexical import Compiler
from indexer.engines.embedded.masks import Filters, Variants
from indexer.engines.embedded.rowlog import read_chunks
from indexer.engines.embedded.rows import Rows
from indexer.engines.embedded.sources import Sources
from indexer.engines.embedded.state import Committed, searcher_state
from indexer.engines.embedded.vectors import VectorSide
from indexer.engines.query import Filter, Scope
from indexer.errors import CorruptionError

_log = logging.getLogger(__name__)

_KEPT_MASKS = 64
_REMEMBERED_IDS = 10_000
_T = TypeVar("_T")


class Snapshot:
    """Immutable but for its caches."""

    def __init__(
        self,
        files: GenerationFiles,
        schema: TextSchema,
        searcher: tantivy.Searcher,
        state: Committed,
        rows: Rows,
        columns: Columns,
        vectors: VectorSide | None,
        vector_fault: str,
    ) -> None:
        self.files = files
        self.schema = schema
        self.searcher = searcher
        self.state = state
        self.rows = rows
        self.columns = columns
        self.vectors = vectors
        self.vector_fault = vector_fault
        self.compiler = Compiler(schema, self.violators)
        self._filters = Filters(rows.count, self.column, self.is_variant, self.variants)
        self._recent: dict[str, int] = {}
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()
        self.sources = Sources(files.sources, state.source_bytes, rows)

    def column(self, key: str) -> Column:
        return self.columns.column(key, not self.schema.is_numeric(key))

    def mask(self, condition: Filter) -> NDArray[np.bool_]:
        """bool (rows,): rows that satisfy a filter, dead ones included."""
        return self.kept(("mask", condition), lambda: self._filters.rows(condition))

    def variant_mask(self, condition: Filter) -> NDArray[np.bool_]:
        """bool (variants,): variants that satisfy a filter, numbered as in `variants`."""
        return self.kept(("variants", condition), lambda: self._filters.variants(condition))

    def variants(self) -> Variants:
        """The variants of all rows."""
        keys = [key for key in self.schema.declared.columns if self.is_variant(key)]
        return self.kept("all variants", lambda: Variants(self.rows.count, [self.column(key) for key in keys]))

    def allowed(self, scope: Scope) -> tuple[NDArray[np.bool_], int]:
        """(bool (rows,), how many): live rows with a vector that lie within scope."""
        return self.kept(("allowed", scope), lambda: self._allowed(scope))

    def in_scope(self, scope: Scope) -> NDArray[np.bool_]:
        """bool (rows,): live rows within scope."""
        return self.kept(("scope", scope), lambda: self._in_scope(scope))

    def count_of(self, query: tantivy.Query) -> int:
        """How many products match."""
        # Without scores it takes half the time.
        return matches(self.searcher.search(tantivy.Query.const_score_query(query, 0.0), 1, True))

    def rows_of(self, query: tantivy.Query, limit: int = 0) -> NDArray[np.int64]:
        """int64: the rows of all products that match, in no particular order."""
        found = self.searcher.search(query, limit or max(1, self.searcher.num_docs), False, order_by_field=ROW).hits
        return np.fromiter((row for row, _ in found), np.int64, len(found))

    def violators(self, condition: Filter) -> Sequence[int]:
        """Rows that satisfy a condition only when each of its parts is met by another variant."""
        return self.kept(("violators", condition), lambda: self._violators(condition))

    def is_variant(self, key: str) -> bool:
        return self.schema.declared.columns[key].variant

    def remember(self, ids: Mapping[int, str]) -> None:
        """Keeps the rows of live products that a search gave: what follows it asks for them by id."""
        if len(self._recent) > _REMEMBERED_IDS:
            self._recent = {}
        self._recent.update((id_, row) for row, id_ in ids.items())

    def remembered(self, id_: str) -> int:
        """The row of a product that was found lately, -1 where it was not."""
        return self._recent.get(id_, -1)

    def kept(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """A small cache of what is derived from a filter."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast("_T", self._kept[key])
        value = make()
        with self._lock:
            self._kept[key] = value
            while len(self._kept) > _KEPT_MASKS:
                self._kept.popitem(last=False)
        return value

    def _in_scope(self, scope: Scope) -> NDArray[np.bool_]:
        result = self.rows.live.copy()
        for condition in (scope.filter, scope.enforced):
            if condition is not None:
                result &= self.mask(condition)
        if scope.phrases or scope.excluded or scope.excluded_phrases:
            words_only = Scope(None, None, scope.phrases, scope.excluded, scope.excluded_phrases)
            matching = np.zeros(self.rows.count, np.bool_)
            matching[self.rows_of(self.compiler.scoped(self.compiler.products(), words_only))] = True
            result &= matching
        return result

    def _allowed(self, scope: Scope) -> tuple[NDArray[np.bool_], int]:
        result = self.in_scope(scope) & self.rows.has_vector
        return result, int(result.sum())

    def _violators(self, condition: Filter) -> list[int]:
        apart = self._filters.apart(condition)
        return np.flatnonzero(apart & ~self.mask(condition) & self.rows.live).tolist()


def matches(found: tantivy.SearchResult) -> int:
    """How many documents a tantivy search counted; its type stubs do not know the attribute."""
    return int(found.count or 0)  # type: ignore[attr-defined]


def open_snapshot(files: GenerationFiles, schema: TextSchema, index: tantivy.Index, dim: int) -> Snapshot:
    """The newest commit, read from nothing."""
    searcher = index.searcher()
    state = searcher_state(searcher, schema.native, files)
    chunks = tuple(read_chunks(files.rows, 0, state.log_bytes))
    rows = Rows.empty().extended(chunks)
    vectors, fault = _vectors(lambda: VectorSide.open(files, dim, state.rows, chunks) if dim else None)
    return Snapshot(files, schema, searcher, state, rows, Columns(chunks), vectors, fault)


def next_snapshot(before: Snapshot, index: tantivy.Index, dim: int) -> Snapshot:
    """The newest commit, sharing with an earlier one what has not changed."""
    files = before.files
    searcher = index.searcher()
    state = searcher_state(searcher, before.schema.native, files)
    chunks = tuple(read_chunks(files.rows, before.state.log_bytes, state.log_bytes))
    side = before.vectors
    vectors, fault = _vectors(lambda: None if side is None else side.extended(files, dim, state.rows, chunks))
    return Snapshot(
        files,
        before.schema,
        searcher,
        state,
        before.rows.extended(chunks),
        before.columns.extended(chunks),
        vectors,
        fault or before.vector_fault,
    )


def _vectors(read: Callable[[], VectorSide | None]) -> tuple[VectorSide | None, str]:
    """The vector side, or why it cannot be had: the lexical side answers without it."""
    try:
        return read(), ""
    except (CorruptionError, OSError, RuntimeError) as error:
        _log.error("the vector side cannot be opened: %s", error)
        return None, str(error)
