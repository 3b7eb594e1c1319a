"""The pipeline of one index: understand → retrieve → fuse → arrange → present."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from indexer.encoders.protocol import TextEncoder
from indexer.engines.protocol import EngineReader
from indexer.engines.query import Filter, In, Not, Scope, SearchQuery, SearchResult, SortKey
from indexer.fields import FieldType, Schema
from indexer.product import from_document, text_in
from search.arrange import page_of_sorted, page_of_window, ranked_window
from search.errors import NotFoundError
from search.explain import explain_hit, explain_missing
from search.filters import parse_sort, range_text
from search.filters.conditions import all_of
from search.fuse import Fused
from search.highlight import highlight, matched_terms
from search.money import major
from search.present import present
from search.request import Mode, ResolvedRequest, SoldOut
from search.response import Degraded, ResultHit, SearchResponse
from search.settings import Ranking
from search.understand.understand import Understood, understand
from search.variants import matched_variant

_SNIPPET_CHARS = 240


class Stopwatch:
    """Milliseconds by stage."""

    def __init__(self) -> None:
        self.times: dict[str, float] = {}
        self._start = time.perf_counter()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Counts what runs within to a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.times[name] = self.times.get(name, 0.0) + (time.perf_counter() - start) * 1000

    def finished(self) -> dict[str, float]:
        """All stages and the total, rounded to microseconds."""
        total = (time.perf_counter() - self._start) * 1000
        return {name: round(ms, 3) for name, ms in {**self.times, "total": total}.items()}


class IndexSearcher:
    """Answers the searches of one index from one generation.

    Args:
        reader: of the live generation.
        ranking: the settings in force.
        encoder: of the generation's vectors, None where it has none or it cannot be had.
        no_encoder_reason: why it cannot be had, "" where the index wants none.
    """

    def __init__(
        self, reader: EngineReader, ranking: Ranking, encoder: TextEncoder | None, no_encoder_reason: str = ""
    ) -> None:
        self.reader = reader
        self.ranking = ranking
        self.encoder = encoder
        self._no_encoder_reason = no_encoder_reason
        schema = reader.spec.schema
        self._tie_break = {channel: parse_sort(ranking.tie_break, schema, channel) for channel in schema.currencies}

    @property
    def schema(self) -> Schema:
        return self.reader.spec.schema

    def search(self, resolved: ResolvedRequest, enforced: Filter | None = None) -> SearchResponse:
        """Answers one request.

        Args:
            enforced: the filter of the caller's key; every path is under it.

        Raises:
            NotFoundError: `similar_to` names no product that the caller may see.
        """
        watch = Stopwatch()
        request = resolved.request
        start = request.offset
        degraded: list[Degraded] = []
        with watch.stage("understand"):
            manifest = self.encoder.manifest if self.encoder is not None else None
            understood = understand(resolved, self.reader, self.ranking, manifest, enforced)
        vector = self._vector(resolved, understood, watch, degraded, enforced)
        query = self._query(resolved, understood, vector, start)
        with watch.stage("retrieve"):
            result = self.reader.search(query)
        watch.times.update({f"retrieve.{name}": ms for name, ms in result.timings_ms.items()})
        degraded += [Degraded(stage, reason) for stage, reason in result.degraded]
        with watch.stage("rank"):
            window, page = self._rank(resolved, understood, query, result, start)
        with watch.stage("present"):
            hits = self._hits(resolved, understood, page, start)
            missing = None
            if request.explain_id and request.explain_id not in {hit.id for hit in hits}:
                missing = explain_missing(
                    request.explain_id, understood, query.refine, self.reader, result, self.ranking.window
                )
            facets, stats = self._facets(resolved, result)
        return SearchResponse(
            query_id=uuid.uuid4().hex,
            hits=hits,
            total=result.total,
            page=request.page,
            page_size=request.page_size,
            next_cursor="",
            stable=not window or start + len(hits) <= len(window),
            facets=facets,
            facet_stats=stats,
            matching=_matching(understood),
            corrected_query=understood.corrected_text,
            timings_ms=watch.finished(),
            degraded=tuple(degraded),
            index={
                "name": self.reader.spec.index,
                "generation": self.reader.spec.number,
                "change_number": result.change_number,
            },
            missing=missing,
        )

    def _vector(
        self,
        resolved: ResolvedRequest,
        understood: Understood,
        watch: Stopwatch,
        degraded: list[Degraded],
        enforced: Filter | None,
    ) -> NDArray[np.float32] | None:
        request = resolved.request
        if request.similar_to:
            if not self.reader.matching(None, Scope(enforced=enforced), (request.similar_to,)):
                raise NotFoundError(f"similar_to: there is no product {request.similar_to!r} in the index")
            return self.reader.vectors((request.similar_to,))[0]
        if self._no_encoder_reason and request.mode is not Mode.LEXICAL and not understood.parsed.is_empty:
            degraded.append(Degraded("vector", self._no_encoder_reason))
        if not understood.vector_text or self.encoder is None:
            return None
        with watch.stage("encode"):
            return self.encoder.encode_queries([understood.vector_text])[0]

    def _query(
        self, resolved: ResolvedRequest, understood: Understood, vector: NDArray[np.float32] | None, start: int
    ) -> SearchQuery:
        ranking = self.ranking
        request, channel, sort = resolved.request, resolved.channel, resolved.sort
        scope = understood.scope
        if request.similar_to:
            other = Not(In("id", (request.similar_to,)))
            scope = replace(scope, filter=other if scope.filter is None else all_of((scope.filter, other)))
        in_order = bool(sort) or (understood.browses and vector is None)
        if in_order and understood.sold_out is SoldOut.LAST:
            sort = (SortKey(self.schema.column("in_stock", channel), descending=True), *sort)[:4]
        min_cosine = self.reader.min_cosine if ranking.min_cosine is None else ranking.min_cosine
        return SearchQuery(
            words=understood.plan.words if understood.plan is not None else None,
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
        self, resolved: ResolvedRequest, understood: Understood, query: SearchQuery, result: SearchResult, start: int
    ) -> tuple[tuple[Fused, ...], tuple[Fused, ...]]:
        """(window, page)."""
        size = resolved.request.page_size
        if query.sort or (query.words is None and query.vector is None):
            return (), page_of_sorted(result, start, size)
        in_stock = self.schema.column("in_stock", resolved.channel)
        window = ranked_window(result, understood, self.ranking, self.reader, in_stock)
        return window, page_of_window(window, query, result, self.reader, start, size)

    def _hits(
        self, resolved: ResolvedRequest, understood: Understood, page: Sequence[Fused], start: int
    ) -> tuple[ResultHit, ...]:
        request, schema = resolved.request, self.schema
        language = understood.language
        conditions = [*([resolved.filter] if resolved.filter is not None else []), *resolved.refine.values()]
        speaks_of_variants = bool(conditions) and any(field.variant for field in schema.fields.values())
        terms = frozenset[str]()
        if request.highlight:
            words = [word for group in understood.groups for way in group.group.alternatives for word in way.words]
            words += [word for phrase in understood.parsed.phrases for word in phrase]
            terms = matched_terms(words, language)
        hits: list[ResultHit] = []
        for place, (fused, source) in enumerate(
            zip(page, self.reader.sources([hit.id for hit in page]), strict=True), start + 1
        ):
            if source is None:
                continue
            stored = orjson.loads(source)
            variant = ""
            if speaks_of_variants and "variants" in stored:
                variant = matched_variant(from_document(stored), schema, conditions)
            hits.append(
                ResultHit(
                    id=fused.id,
                    score=fused.score,
                    document=present(stored, request.fields, resolved.channel, language),
                    highlights=self._highlights(stored, terms, language) if terms else {},
                    matched_variant=variant,
                    explain=explain_hit(fused, place, understood, self.ranking.rrf_k) if request.explain else None,
                )
            )
        return tuple(hits)

    def _highlights(self, stored: dict[str, Any], terms: frozenset[str], language: str) -> dict[str, str]:
        result: dict[str, str] = {}
        for name in ("title", "brand", "description"):
            text = text_in(stored.get(name, ""), language, self.schema.language)
            marked = highlight(text, terms, language, _SNIPPET_CHARS if name == "description" else 0)
            if marked:
                result[name] = marked
        return result

    def _facets(
        self, resolved: ResolvedRequest, result: SearchResult
    ) -> tuple[dict[str, tuple[tuple[str, int], ...]], dict[str, dict[str, float]]]:
        """(counts, stats) by field name, money in major units."""
        schema = self.schema
        counts: dict[str, tuple[tuple[str, int], ...]] = {}
        stats: dict[str, dict[str, float]] = {}
        for facet, asked in zip(result.facets, resolved.facets, strict=True):
            field = schema.columns[facet.column]
            money = field.type is FieldType.MONEY
            currency = schema.currencies[resolved.channel] if money else ""
            if facet.stats:
                stats[field.name] = {
                    name: major(value, currency) if money else value for name, value in facet.stats.items()
                }
            if not asked.ranges:
                counts[field.name] = facet.counts
            else:
                named = [range_text(facet.column, lower, upper, schema) for lower, upper in asked.ranges]
                counts[field.name] = tuple(zip(named, (count for _, count in facet.counts), strict=True))
        return counts, stats


def _matching(understood: Understood) -> dict[str, Any]:
    plan = understood.plan
    given_up = [word.text for word in plan.given_up] if plan is not None else []
    result: dict[str, Any] = {
        "words": [group.word.text for group in understood.groups],
        "given_up": given_up,
        "corrected": {group.word.text: group.correction for group in understood.groups if group.correction},
        "language": understood.language,
    }
    if understood.no_vector_reason:
        result["lexical_only"] = understood.no_vector_reason
    return result
