"""The pipeline of one index: understand → retrieve → fuse → arrange → present."""

from __future__ import annotations

import logging
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.protocol import TextEncoder
from indexer.engines.protocol import EngineReader
from indexer.engines.query import Filter, In, Not, Or, Scope, SearchQuery, SearchResult, SortKey
from indexer.errors import CorruptionError
from indexer.fields import Schema
from search.arrange import MAX_DEPTH, page_of_sorted, page_of_window, ranked_window
from search.errors import NotFoundError
from search.explain import explain_missing
from search.facets import named_facets
from search.filters import parse_sort
from search.filters.conditions import all_of
from search.fuse import Fused
from search.hits import page_hits
from search.pages import Cursor
from search.query_vector import QueryVector
from search.request import Mode, ResolvedRequest, SoldOut
from search.response import Degraded, SearchResponse
from search.settings import Ranking
from search.stopwatch import Stopwatch
from search.timed_reader import TimedReader
from search.understand.understand import Understood, read_query, understand

_log = logging.getLogger(__name__)

NOTHING = Or(())
"""The condition that no product satisfies: one of none."""


@dataclass(frozen=True, slots=True)
class Continued:
    """A later page: of which answer, from which place (from 0), and the window that was ranked for it."""

    query_id: str
    start: int
    window: tuple[Fused, ...]


class IndexSearcher:
    """Answers the searches of one index from one generation.

    Args:
        reader: of the live generation.
        ranking: the settings in force.
        encoder: of the generation's vectors, None where it has none or it cannot be had.
        no_encoder_reason: why it cannot be had, "" where the index wants none.
        threads: so many queries are encoded at a time.
    """

    def __init__(
        self,
        reader: EngineReader,
        ranking: Ranking,
        encoder: TextEncoder | None,
        no_encoder_reason: str = "",
        threads: int = 1,
    ) -> None:
        self.reader = reader
        self.ranking = ranking
        self.encoder = encoder
        self._no_encoder_reason = no_encoder_reason
        self._beside = ThreadPoolExecutor(threads, thread_name_prefix="query-vector")
        schema = reader.spec.schema
        self._tie_break = {channel: parse_sort(ranking.tie_break, schema, channel) for channel in schema.currencies}

    @property
    def schema(self) -> Schema:
        return self.reader.spec.schema

    def search(
        self, resolved: ResolvedRequest, enforced: Filter | None = None, continued: Continued | None = None
    ) -> SearchResponse:
        """Answers one request.

        Args:
            enforced: the filter of the caller's key; every path is under it.
            continued: a later page of an earlier answer.

        Raises:
            NotFoundError: `similar_to` names no product that the caller may see.
        """
        watch = Stopwatch()
        reader = TimedReader(self.reader)
        request = resolved.request
        start = request.offset if continued is None else continued.start
        query_id = uuid.uuid4().hex if continued is None else continued.query_id
        degraded: list[Degraded] = []
        with watch.stage("understand"):
            manifest = self.encoder.manifest if self.encoder is not None else None
            read = read_query(request, self.schema, self.ranking, manifest)
            ahead = self._encoding(read.likely_vector_text)
            understood = understand(read, resolved, reader, self.ranking, manifest, enforced)
        vector = self._vector(resolved, understood, ahead, watch, degraded, enforced)
        query = self._query(resolved, understood, vector, start)
        with watch.stage("retrieve"):
            result = reader.search(query)
        if isinstance(vector, QueryVector):
            _settle(vector, watch, degraded)
        watch.times.update({f"retrieve.{name}": ms for name, ms in result.timings_ms.items()})
        degraded += [Degraded(stage, reason) for stage, reason in result.degraded]
        with watch.stage("rank"):
            kept = () if continued is None else continued.window
            window, page = self._rank(resolved, understood, query, result, start, kept, reader)
        with watch.stage("present"):
            hits = page_hits(page, start, resolved, understood, self.ranking, reader)
            missing = None
            if request.explain_id and request.explain_id not in {hit.id for hit in hits}:
                missing = explain_missing(
                    request.explain_id,
                    understood,
                    request.similar_to,
                    query.refine,
                    reader,
                    result,
                    degraded,
                    self.ranking.window,
                )
            facets, stats = named_facets(result.facets, resolved.facets, self.schema)
        watch.times["engine"] = reader.ms
        return SearchResponse(
            query_id=query_id,
            hits=hits,
            total=result.total,
            page=None if start % request.page_size else start // request.page_size + 1,
            page_size=request.page_size,
            next_cursor=_next_cursor(query_id, start + len(page), result.total),
            stable=start == 0 or start + len(page) <= len(window),
            facets=facets,
            facet_stats=stats,
            matching=_matching(understood, self._no_encoder_reason),
            corrected_query=understood.corrected_text,
            timings_ms=watch.finished(),
            degraded=tuple(degraded),
            index={
                "name": self.reader.spec.index,
                "generation": self.reader.spec.number,
                "change_number": result.change_number,
            },
            missing=missing,
            window=window,
        )

    def _vector(
        self,
        resolved: ResolvedRequest,
        understood: Understood,
        ahead: QueryVector | None,
        watch: Stopwatch,
        degraded: list[Degraded],
        enforced: Filter | None,
    ) -> NDArray[np.float32] | QueryVector | None:
        """float32 (dim,), None where the vector side is not asked, or cannot be, which `degraded` then says.

        Args:
            ahead: what is being encoded already.
        """
        request = resolved.request
        if request.similar_to:
            return self._stored_vector(request.similar_to, degraded, enforced)
        if self._no_encoder_reason and request.mode is not Mode.LEXICAL and not understood.browses:
            degraded.append(Degraded("vector", self._no_encoder_reason))
        elif self.encoder is None and request.mode is Mode.VECTOR and not understood.browses:
            degraded.append(Degraded("vector", understood.no_vector_reason))
        if not understood.vector_text or self.encoder is None:
            return None
        if ahead is not None and ahead.text == understood.vector_text:
            pending = ahead
        else:
            pending = QueryVector(self.encoder, understood.vector_text, self._beside)
        if understood.plan is not None:
            return pending
        # There are no words to look for meanwhile, and whether there is a vector decides what is asked.
        return _settle(pending, watch, degraded)

    def _encoding(self, text: str) -> QueryVector | None:
        return QueryVector(self.encoder, text, self._beside) if text and self.encoder is not None else None

    def _stored_vector(
        self, product_id: str, degraded: list[Degraded], enforced: Filter | None
    ) -> NDArray[np.float32] | None:
        if not self.reader.matching(None, Scope(enforced=enforced), (product_id,)):
            raise NotFoundError(f"similar_to: there is no product {product_id!r} in the index")
        try:
            vector = self.reader.vectors((product_id,))[0]
        except CorruptionError as error:
            _log.exception("index %s: a vector cannot be read", self.reader.spec.index)
            degraded.append(Degraded("vector", str(error)))
            return None
        if vector is None:
            degraded.append(Degraded("vector", f"the product {product_id!r} has no vector"))
        return vector

    def _query(
        self,
        resolved: ResolvedRequest,
        understood: Understood,
        vector: NDArray[np.float32] | QueryVector | None,
        start: int,
    ) -> SearchQuery:
        ranking = self.ranking
        request, channel, sort = resolved.request, resolved.channel, resolved.sort
        words = understood.plan.words if understood.plan is not None else None
        scope = understood.scope
        if request.similar_to:
            scope = _narrowed(scope, Not(In("id", (request.similar_to,))))
        if words is None and vector is None and not understood.browses:
            # The one side that was asked cannot answer: to an engine, a query of nothing is all products.
            scope = _narrowed(scope, NOTHING)
        in_order = bool(sort) or understood.browses
        if in_order and understood.sold_out is SoldOut.LAST:
            sort = (SortKey(self.schema.column("in_stock", channel), descending=True), *sort)[:4]
        min_cosine = self.reader.min_cosine if ranking.min_cosine is None else ranking.min_cosine
        return SearchQuery(
            words=words,
            vector=vector,
            vector_k=ranking.vector_k,
            min_cosine=min_cosine,
            scope=scope,
            refine=resolved.refine,
            facets=resolved.facets,
            sort=sort,
            tie_break=self._tie_break[channel],
            offset=start if in_order else 0,
            limit=request.page_size if in_order else ranking.window,
        )

    def _rank(
        self,
        resolved: ResolvedRequest,
        understood: Understood,
        query: SearchQuery,
        result: SearchResult,
        start: int,
        kept: tuple[Fused, ...],
        reader: EngineReader,
    ) -> tuple[tuple[Fused, ...], tuple[Fused, ...]]:
        """(window, page)."""
        size = resolved.request.page_size
        if query.sort or understood.browses:
            return (), page_of_sorted(result, start, size)
        in_stock = self.schema.column("in_stock", resolved.channel)
        window = kept or ranked_window(result, understood, self.ranking, reader, in_stock)
        return window, page_of_window(window, query, result, understood, self.ranking, reader, start, size)


def _settle(pending: QueryVector, watch: Stopwatch, degraded: list[Degraded]) -> NDArray[np.float32] | None:
    vector = pending.result()
    watch.times["encode"] = pending.ms
    if pending.failure:
        degraded.append(Degraded("vector", pending.failure))
    return vector


def _next_cursor(query_id: str, end: int, total: int) -> str:
    return Cursor(query_id, end).encode() if 0 < end < min(total, MAX_DEPTH) else ""


def _narrowed(scope: Scope, condition: Filter) -> Scope:
    return replace(scope, filter=condition if scope.filter is None else all_of((scope.filter, condition)))


def _matching(understood: Understood, no_encoder_reason: str) -> dict[str, Any]:
    plan = understood.plan
    given_up = list(plan.given_up) if plan is not None else []
    result: dict[str, Any] = {
        "words": [group.word.text for group in understood.groups],
        "given_up": given_up,
        "corrected": {group.word.text: group.correction for group in understood.groups if group.correction},
        "language": understood.language,
    }
    if understood.no_vector_reason and plan is not None:
        result["lexical_only"] = no_encoder_reason or understood.no_vector_reason
    return result
