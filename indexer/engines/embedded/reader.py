"""Reading a generation: see `EngineReader`."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tantivy
from numpy.typing import NDArray

from indexer.engines.embedded.codes import read_codes
from indexer.engines.embedded.facets import count_facets
from indexer.engines.embedded.fields import TextSchema
from indexer.engines.embedded.layout import GenerationFiles, load_manifest
from indexer.engines.embedded.order import sorted_rows
from indexer.engines.embedded.snapshot import Snapshot, next_snapshot, open_snapshot
from indexer.engines.embedded.state import open_text, searcher_state
from indexer.engines.embedded.vocabulary import EmbeddedVocabulary, read_lexicon
from indexer.engines.embedded.window import NOTHING, Window, all_in_scope, by_score, in_explicit_order
from indexer.engines.protocol import GenerationSpec
from indexer.engines.query import Hit, Scope, SearchQuery, SearchResult, Words
from indexer.errors import CorruptionError

_NO_ROWS = np.empty(0, np.int64)
_NO_COSINES = np.empty(0, np.float32)


class EmbeddedReader:
    """Thread-safe: each call takes the present snapshot and keeps to it."""

    def __init__(self, files: GenerationFiles, threads: int = 1) -> None:
        self._files = files
        # The two sides of a search know nothing of one another, and neither needs the interpreter.
        self._beside = ThreadPoolExecutor(threads, thread_name_prefix="vector-side")
        self._spec, fitted = load_manifest(files)
        self._min_cosine = float(fitted.get("min_cosine", -1.0))
        self._schema = TextSchema(self._spec.schema)
        self._index = open_text(files, self._schema)
        self._refreshing = threading.Lock()
        self._snapshot = open_snapshot(files, self._schema, self._index, self._spec.dim)

    @property
    def spec(self) -> GenerationSpec:
        return self._spec

    @property
    def change_number(self) -> int:
        return self._snapshot.state.change_number

    @property
    def min_cosine(self) -> float:
        return self._min_cosine

    def refresh(self) -> bool:
        with self._refreshing:
            self._index.reload()
            before = self._snapshot
            if searcher_state(self._index.searcher(), self._schema.native, self._files) == before.state:
                return False
            self._snapshot = next_snapshot(before, self._index, self._spec.dim)
            return True

    def document_count(self) -> int:
        return int(self._snapshot.rows.live.sum())

    def count(self, words: Words | None, scope: Scope) -> int:
        snapshot = self._snapshot
        if words is None or not words.groups:
            return int(snapshot.in_scope(scope).sum())
        query = snapshot.compiler.scoped(snapshot.compiler.words(words), scope)
        return snapshot.count_of(query)

    def matching(self, words: Words | None, scope: Scope, ids: Sequence[str]) -> frozenset[str]:
        snapshot = self._snapshot
        query = snapshot.compiler.scoped(snapshot.compiler.words(words), scope)
        both = tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, query), (tantivy.Occur.Must, snapshot.compiler.ids(ids))]
        )
        return frozenset(snapshot.rows.ids(snapshot.rows_of(both, max(1, len(ids)))))

    def sources(self, ids: Sequence[str]) -> list[bytes | None]:
        snapshot = self._snapshot
        result: list[bytes | None] = []
        for row in _rows_by_id(snapshot, ids):
            if row < 0:
                result.append(None)
            else:
                result.append(snapshot.sources.read(row))
        return result

    def vectors(self, ids: Sequence[str]) -> list[NDArray[np.float32] | None]:
        snapshot = self._snapshot
        if snapshot.vector_fault:
            raise CorruptionError(snapshot.vector_fault)
        codes = read_codes(self._files.vectors, self._spec.dim, 0, snapshot.rows.count)
        return [
            None if row < 0 or not snapshot.rows.has_vector[row] else codes[row].astype(np.float32)
            for row in _rows_by_id(snapshot, ids)
        ]

    def vocabulary(self, enforced: Scope) -> EmbeddedVocabulary:
        snapshot = self._snapshot
        lexicon = snapshot.kept("lexicon", lambda: read_lexicon(snapshot.searcher))
        return EmbeddedVocabulary(snapshot, lexicon, enforced)

    def damage(self) -> list[str]:
        snapshot = self._snapshot
        result = [snapshot.vector_fault] if snapshot.vector_fault else []
        damaged = snapshot.sources.damaged()
        if damaged:
            result.append(
                f"{self._files.sources} fails its checksums at {len(damaged)} of {self.document_count()} products, at "
                f"{snapshot.rows.ids(damaged[:1])[0]!r} first: rebuild the index from the catalogue with "
                "`shelfwise indexes rebuild`"
            )
        return result

    def close(self) -> None:
        self._beside.shutdown(wait=False, cancel_futures=True)

    def search(self, query: SearchQuery) -> SearchResult:
        snapshot = self._snapshot
        timings: dict[str, float] = {}
        degraded: list[tuple[str, str]] = []
        asks = query.vector is not None and snapshot.vectors is not None
        near = self._beside.submit(_nearest, snapshot, query, timings) if asks else None
        if query.vector is not None and snapshot.vectors is None:
            degraded.append(("vector", snapshot.vector_fault or "this generation has no vectors"))
        start = time.perf_counter()
        vector_only = query.words is None and query.vector is not None
        words = tantivy.Query.empty_query() if vector_only else snapshot.compiler.words(query.words)
        refined = query.scope.narrowed(query.refine[key] for key in sorted(query.refine))
        scoped = snapshot.compiler.scoped(words, refined)
        browsing = query.words is None and query.vector is None
        if browsing:
            window = all_in_scope(snapshot, query, refined)
        elif vector_only:
            window = NOTHING
        elif query.sort:
            window = in_explicit_order(snapshot, query, scoped)
        else:
            window = by_score(snapshot, query, scoped)
        # Looked up while the neighbours are still awaited.
        ids = dict(zip(window.rows.tolist(), snapshot.rows.ids(window.rows), strict=True))
        timings["lexical"] = _ms_since(start)

        near_rows, cosines = (_NO_ROWS, _NO_COSINES) if near is None else near.result()
        start = time.perf_counter()
        # Membership is asked without the refinements: facets need the neighbours from before them.
        is_match = np.isin(near_rows, window.rows)
        if not vector_only and (query.refine or len(window.rows) < window.total):  # the list has not all of them
            unknown = near_rows[~is_match]
            is_match[~is_match] = _members(snapshot, snapshot.compiler.scoped(words, query.scope), unknown)
        alone = near_rows[~is_match]
        kept = np.ones(len(near_rows), np.bool_)
        if query.refine and refined.filter is not None:
            kept &= snapshot.mask(refined.filter)[near_rows]
        timings["members"] = _ms_since(start)

        start = time.perf_counter()
        facets = count_facets(snapshot, query, words, alone) if query.facets else ()
        timings["facets"] = _ms_since(start)
        total = window.total + int((kept & ~is_match).sum())
        near_rows, cosines, is_match = near_rows[kept], cosines[kept], is_match[kept]
        lexical, neighbours, order = _hits(snapshot, query, window, ids, near_rows, cosines)
        return SearchResult(
            lexical=lexical,
            neighbours=neighbours,
            neighbour_matches=tuple(bool(is_match[i]) for i in order),
            total=total,
            lexical_total=window.total,
            facets=facets,
            change_number=snapshot.state.change_number,
            degraded=tuple(degraded),
            timings_ms=timings,
        )


def _nearest(
    snapshot: Snapshot, query: SearchQuery, timings: dict[str, float]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """(rows, cosines) of the neighbours within scope, nearest first."""
    allowed, count = snapshot.allowed(query.scope)
    vector = query.vector if query.vector is None or isinstance(query.vector, np.ndarray) else query.vector.result()
    if vector is None or snapshot.vectors is None:
        return _NO_ROWS, _NO_COSINES
    start = time.perf_counter()
    found = snapshot.vectors.nearest(vector, query.vector_k, query.min_cosine, allowed, count)
    timings["vector"] = _ms_since(start)
    return found.rows, found.cosines


def _members(snapshot: Snapshot, scoped: tantivy.Query, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """bool (n,): which rows match lexically."""
    if not len(rows):
        return np.zeros(0, np.bool_)
    both = tantivy.Query.boolean_query(
        [
            (tantivy.Occur.Must, tantivy.Query.const_score_query(scoped, 0.0)),
            (tantivy.Occur.Must, snapshot.compiler.rows(rows.tolist())),
        ]
    )
    return np.isin(rows, snapshot.rows_of(both, len(rows)))


def _hits(
    snapshot: Snapshot,
    query: SearchQuery,
    window: Window,
    ids: dict[int, str],
    near_rows: NDArray[np.int64],
    cosines: NDArray[np.float32],
) -> tuple[tuple[Hit, ...], tuple[Hit, ...], list[int]]:
    """The hits of both sides with their places among all, and the order of the neighbours.

    Args:
        ids: of the window's rows; gets those of the neighbours.
    """
    alone = [row for row in near_rows.tolist() if row not in ids]
    ids.update(zip(alone, snapshot.rows.ids(alone), strict=True))
    everything = np.fromiter(ids, np.int64, len(ids))
    keys = (*query.sort, *query.tie_break)
    snapshot.remember(ids)
    ordered = sorted_rows(everything, keys, snapshot.column, lambda group: [ids[row] for row in group.tolist()])
    places = {row: place for place, row in enumerate(ordered.tolist())}
    lexical = [
        Hit(ids[row], score, places[row])
        for row, score in zip(window.rows.tolist(), window.scores.tolist(), strict=True)
    ]
    if not query.sort:
        lexical.sort(key=lambda hit: (-hit.score, hit.order))
    near = [Hit(ids[row], score, places[row]) for row, score in zip(near_rows.tolist(), cosines.tolist(), strict=True)]
    if query.sort:
        order = sorted(range(len(near)), key=lambda i: near[i].order)
    else:
        order = sorted(range(len(near)), key=lambda i: (-near[i].score, near[i].order))
    return tuple(lexical), tuple(near[i] for i in order), order


def _rows_by_id(snapshot: Snapshot, ids: Sequence[str]) -> list[int]:
    """The row of each id, -1 where there is none."""
    rows = [snapshot.remembered(id_) for id_ in ids]
    unknown = [id_ for id_, row in zip(ids, rows, strict=True) if row < 0]
    if unknown:
        found = snapshot.rows_of(snapshot.compiler.ids(unknown), len(unknown))
        by_id = dict(zip(snapshot.rows.ids(found), found.tolist(), strict=True))
        rows = [row if row >= 0 else by_id.get(id_, -1) for id_, row in zip(ids, rows, strict=True)]
    return rows


def _ms_since(start: float) -> float:
    return (time.perf_counter() - start) * 1000
