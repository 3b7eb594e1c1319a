"""Reading a generation: see `EngineReader`."""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.engines.elasticsearch.bodies import LEXICAL, NEAR, Bodies
from indexer.engines.elasticsearch.checks import generation_problems
from indexer.engines.elasticsearch.cluster import Cluster, LateError
from indexer.engines.elasticsearch.commits import Commits, Committed
from indexer.engines.elasticsearch.conditions import Body
from indexer.engines.elasticsearch.described import Described, describe
from indexer.engines.elasticsearch.documents import vector_sum
from indexer.engines.elasticsearch.failures import told
from indexer.engines.elasticsearch.fields import SOURCE, SOURCE_SUM, VECTOR, VECTOR_SUM, Fields
from indexer.engines.elasticsearch.ordering import places
from indexer.engines.elasticsearch.snapshot import LostSnapshotError, Snapshot, sound
from indexer.engines.elasticsearch.vocabulary import ElasticsearchVocabulary, Lexicons
from indexer.engines.protocol import GenerationSpec
from indexer.engines.query import FacetCounts, Hit, Scope, SearchQuery, SearchResult, Words
from indexer.errors import CorruptionError

_AT_ONCE = 1_000
_WALKED_AT_ONCE = 500
_KEPT_COUNTS = 2_000
Answer = dict[str, Any]
_T = TypeVar("_T")


class ElasticsearchReader:
    """Thread-safe: each call takes the present snapshot and keeps to it.

    Args:
        described: what Elasticsearch says of the generation's index.
    """

    def __init__(self, cluster: Cluster, commits: Commits, described: Described) -> None:
        self._cluster = cluster
        self._commits = commits
        self._described = described
        self._fields = Fields(described.spec.schema)
        self._bodies = Bodies(self._fields, described.shards, described.vectors, described.fitted.candidates)
        self._lexicons = Lexicons(self._bodies)
        self._refreshing = threading.Lock()
        self._counts: dict[str, int] = {}
        self._snapshot = self._open(self._committed())

    @property
    def spec(self) -> GenerationSpec:
        return self._described.spec

    @property
    def change_number(self) -> int:
        return self._snapshot.committed.change_number

    @property
    def min_cosine(self) -> float:
        return self._described.fitted.min_cosine

    def refresh(self) -> bool:
        with self._refreshing:
            committed = self._committed()
            before = self._snapshot
            if committed == before.committed and not before.lenient:
                return False
            self._move_to(self._open(committed))
            return committed != before.committed

    def document_count(self) -> int:
        return self.count(None, Scope())

    def count(self, words: Words | None, scope: Scope) -> int:
        kept, key = self._counts, repr((words, scope))
        if key in kept:
            return kept[key]
        found = _total(self._one(self._bodies.count(words, scope)))
        if len(kept) < _KEPT_COUNTS:
            kept[key] = found
        return found

    def matching(self, words: Words | None, scope: Scope, ids: Sequence[str]) -> frozenset[str]:
        asked = list(dict.fromkeys(ids))
        if not asked:
            return frozenset()
        return frozenset(map(_id_of, _hits(self._one(self._bodies.matching(words, scope, asked)))))

    def sources(self, ids: Sequence[str]) -> list[bytes | None]:
        found = self._stored(ids, self._bodies.sources)
        return [None if id_ not in found else self._sound_source(id_, found[id_]) for id_ in ids]

    def vectors(self, ids: Sequence[str]) -> list[NDArray[np.float32] | None]:
        found = self._stored(ids, self._bodies.vectors) if self.spec.dim else {}
        return [None if VECTOR not in found.get(id_, ()) else self._sound_vector(id_, found[id_]) for id_ in ids]

    def vocabulary(self, enforced: Scope) -> ElasticsearchVocabulary:
        lexicon = self._lexicons.at(self._snapshot.committed.commits, self._one)
        return ElasticsearchVocabulary(self._bodies, self._one, lexicon, enforced)

    def damage(self) -> list[str]:
        result = generation_problems(self._cluster, describe(self._cluster, self._described.name))
        faults = {id_: fault for id_, source in self._walk() if (fault := self._fault(source))}
        if faults:
            first = next(iter(faults))
            result.append(
                f"{self._described.name} in Elasticsearch fails its checksums at {len(faults)} of "
                f"{self.document_count()} products, at {first!r} first ({faults[first]}): rebuild the index from the "
                "catalogue with `shelfwise indexes rebuild`"
            )
        return result

    def close(self) -> None:
        self._snapshot.retire()

    def search(self, query: SearchQuery) -> SearchResult:
        return self._on_snapshot(lambda snapshot: self._search(snapshot, query))

    def _search(self, snapshot: Snapshot, query: SearchQuery) -> SearchResult:
        start = time.perf_counter()
        degraded: list[tuple[str, str]] = []
        timings: dict[str, float] = {}
        lexical: Answer | None = None
        hybrid: Answer | None = None
        vector_only = query.words is None and query.vector is not None
        vector: NDArray[np.float32] | None = None
        if query.vector is not None and not self.spec.dim:
            degraded.append(("vector", "this generation has no vectors"))
        elif isinstance(query.vector, np.ndarray):
            vector = query.vector
        elif query.vector is not None:
            if not vector_only:
                # Looked for while the vector is still awaited.
                lexical = snapshot.one(self._bodies.lexical_list(query, with_facets=False))
                timings["lexical"] = _ms_since(start)
            vector = query.vector.result()
        if vector is not None:
            start = time.perf_counter()
            lexical, hybrid, reason = self._both(snapshot, query, vector, lexical, with_words=not vector_only)
            timings["vector"] = _ms_since(start)
            if hybrid is None:
                degraded.append(("vector", reason))
        counted = hybrid
        if hybrid is None and not vector_only and (lexical is None or query.facets):
            start = time.perf_counter()
            counted = lexical = snapshot.one(self._bodies.lexical_list(query, with_facets=True))
            timings["lexical"] = timings.get("lexical", 0.0) + _ms_since(start)
        facets = self._bodies.facets.read(query, counted["aggregations"]) if counted and query.facets else ()
        return self._result(snapshot, query, lexical, hybrid, facets, degraded, timings)

    # --- asking --------------------------------------------------------------------------------------------------

    def _both(
        self,
        snapshot: Snapshot,
        query: SearchQuery,
        vector: NDArray[np.float32],
        lexical: Answer | None,
        *,
        with_words: bool,
    ) -> tuple[Answer | None, Answer | None, str]:
        """(lexical answer, answer of both sides or None, why it is None).

        Args:
            lexical: where it is known already.
        """
        bodies = [self._bodies.hybrid(query, vector, with_words=with_words)]
        if with_words and lexical is None:
            bodies.append(self._bodies.lexical_list(query, with_facets=False))
        try:
            answers = snapshot.search(bodies, self._cluster.settings.vector_s)
        except LateError as error:
            # Words alone may still be quick enough.
            return lexical, None, str(error)
        if len(answers) > 1 and "error" not in answers[1]:
            lexical = sound(answers[1], self._described.name)
        hybrid = answers[0]
        if "error" in hybrid:
            return lexical, None, ": ".join(filter(None, told(hybrid)))
        if hybrid["timed_out"]:
            return lexical, None, "it took too long"
        return lexical, hybrid, ""

    def _one(self, body: Body) -> Answer:
        return self._on_snapshot(lambda snapshot: snapshot.one(body))

    def _on_snapshot(self, work: Callable[[Snapshot], _T]) -> _T:
        """Works on the present snapshot; where the server does not keep it any more, once more on a new one."""
        present = self._snapshot
        try:
            with present.used():
                return work(present)
        except LostSnapshotError:
            with self._refreshing:
                if self._snapshot is present:
                    self._move_to(self._open(self._committed(), lenient=True))
            present = self._snapshot
            with present.used():
                return work(present)

    def _committed(self) -> Committed:
        return self._commits.read(self._described.name, self._described.uuid)

    def _open(self, committed: Committed, *, lenient: bool = False) -> Snapshot:
        spread = self._described.shards > 1
        return Snapshot(self._cluster, self._described.name, committed, spread=spread, lenient=lenient)

    def _move_to(self, snapshot: Snapshot) -> None:
        before, self._snapshot = self._snapshot, snapshot
        self._counts = {}
        before.retire()

    # --- answers -------------------------------------------------------------------------------------------------

    def _result(
        self,
        snapshot: Snapshot,
        query: SearchQuery,
        lexical: Answer | None,
        hybrid: Answer | None,
        facets: tuple[FacetCounts, ...],
        degraded: list[tuple[str, str]],
        timings: dict[str, float],
    ) -> SearchResult:
        keys = (*query.sort, *query.tie_break)
        scored = lexical is not None and not (query.sort or query.words is None)
        listed = [] if lexical is None else _hits(lexical)
        near = [] if hybrid is None else [hit for hit in _hits(hybrid) if NEAR in hit.get("matched_queries", ())]
        values = {_id_of(hit): hit["sort"][int(scored) :] for hit in listed}
        values.update({_id_of(hit): hit["sort"][1:] for hit in near})
        place = places(values, keys)
        hits = [
            Hit(id_, float(hit["sort"][0]) if scored else 0.0, place[id_])
            for hit, id_ in zip(listed, map(_id_of, listed), strict=True)
        ]
        neighbours = [
            (Hit(id_, 2 * hit["sort"][0] - 1, place[id_]), LEXICAL in hit["matched_queries"])
            for hit, id_ in zip(near, map(_id_of, near), strict=True)
        ]
        neighbours.sort(key=lambda entry: entry[0].order if query.sort else (-entry[0].score, entry[0].order))
        answers = [answer for answer in (lexical, hybrid) if answer is not None]
        partial = next(filter(None, map(_missing_shards, answers)), "")
        if partial:
            degraded.append(("totals", partial))
        lexical_total = 0 if lexical is None else _total(lexical)
        timings["took"] = float(max((answer["took"] for answer in answers), default=0))
        return SearchResult(
            lexical=tuple(hits),
            neighbours=tuple(hit for hit, _ in neighbours),
            neighbour_matches=tuple(matches for _, matches in neighbours),
            total=lexical_total if hybrid is None else _total(hybrid),
            lexical_total=lexical_total,
            facets=facets,
            change_number=snapshot.committed.change_number,
            degraded=tuple(degraded),
            timings_ms=timings,
        )

    def _stored(self, ids: Sequence[str], body: Any) -> dict[str, Mapping[str, Any]]:
        """By id, what is stored of each that there is."""
        asked = list(dict.fromkeys(ids))
        result: dict[str, Mapping[str, Any]] = {}
        for start in range(0, len(asked), _AT_ONCE):
            for hit in _hits(self._one(body(asked[start : start + _AT_ONCE]))):
                result[hit["_source"]["id"]] = hit["_source"]
        return result

    def _walk(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """All products, with what is stored of each."""
        after = None
        while True:
            body = self._bodies.all_stored(after, _WALKED_AT_ONCE, with_vectors=bool(self.spec.dim))
            hits = _hits(self._one(body))
            for hit in hits:
                yield hit["_source"]["id"], hit["_source"]
            if not hits:
                return
            after = hits[-1]["sort"]

    def _sound_source(self, id_: str, stored: Mapping[str, Any]) -> bytes:
        source = str(stored.get(SOURCE, "")).encode()
        if zlib.crc32(source) != stored.get(SOURCE_SUM):
            raise CorruptionError(self._damaged(id_, "product"))
        return source

    def _sound_vector(self, id_: str, stored: Mapping[str, Any]) -> NDArray[np.float32]:
        vector = np.array(stored[VECTOR], np.float32)
        if vector_sum(vector) != stored.get(VECTOR_SUM):
            raise CorruptionError(self._damaged(id_, "vector of the product"))
        return vector

    def _fault(self, stored: Mapping[str, Any]) -> str:
        if zlib.crc32(str(stored.get(SOURCE, "")).encode()) != stored.get(SOURCE_SUM):
            return "its JSON"
        if VECTOR in stored and vector_sum(np.array(stored[VECTOR], np.float32)) != stored.get(VECTOR_SUM):
            return "its vector"
        return ""

    def _damaged(self, id_: str, what: str) -> str:
        return (
            f"{self._described.name} in Elasticsearch fails its checksum at the {what} {id_!r}: rebuild the index from "
            "the catalogue with `shelfwise indexes rebuild`"
        )


def _missing_shards(answer: Answer) -> str:
    shards = answer["_shards"]
    if not shards["failed"] and not answer["timed_out"]:
        return ""
    return (
        f"{shards['failed']} of {shards['total']} shards did not answer: totals and lists are partial"
        if shards["failed"]
        else "not all shards answered in time: totals and lists are partial"
    )


def _hits(answer: Answer) -> list[Any]:
    found: list[Any] = answer["hits"]["hits"]
    return found


def _id_of(hit: Mapping[str, Any]) -> str:
    """A hit's id: the last of its sort values but one, behind which stands its place in its shard."""
    return str(hit["sort"][-2])


def _total(answer: Answer) -> int:
    return int(answer["hits"]["total"]["value"])


def _ms_since(start: float) -> float:
    return (time.perf_counter() - start) * 1000
