"""The hits of a page: products as stored, with what the request wants shown of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from indexer.engines.protocol import EngineReader
from indexer.fields import Schema
from indexer.product import from_document, text_in
from search.explain import explain_hit
from search.fuse import Fused
from search.highlight import highlight, matched_terms
from search.present import present
from search.request import ResolvedRequest
from search.response import ResultHit
from search.settings import Ranking
from search.understand.understand import Understood
from search.variants import matched_variant

_HIGHLIGHTED = {"title": 0, "brand": 0, "description": 240}
"""The fields, each with about how many characters are shown; 0 for all."""


def page_hits(
    page: Sequence[Fused],
    start: int,
    resolved: ResolvedRequest,
    understood: Understood,
    ranking: Ranking,
    reader: EngineReader,
) -> tuple[ResultHit, ...]:
    """The products of a page in its order.

    Args:
        start: the place of the first one, from 0.
    """
    request, schema, language = resolved.request, reader.spec.schema, understood.language
    # What is sold out may be hidden beside them: then the variant can be bought.
    asked = resolved.filter is not None or resolved.refine
    scope = understood.scope.narrowed(resolved.refine.values())
    conditions = (scope.filter,) if asked and scope.filter is not None else ()
    terms = _asked_terms(understood) if request.highlight else frozenset[str]()
    hits: list[ResultHit] = []
    for place, (fused, source) in enumerate(
        zip(page, reader.sources([hit.id for hit in page]), strict=True), start + 1
    ):
        if source is None:  # deleted since the page was made
            continue
        stored = orjson.loads(source)
        variant = ""
        if conditions and "variants" in stored:
            variant = matched_variant(from_document(stored), schema, conditions)
        hits.append(
            ResultHit(
                id=fused.id,
                score=fused.score,
                document=present(stored, request.fields, resolved.channel, language),
                highlights=_highlights(stored, terms, language, schema) if terms else {},
                matched_variant=variant,
                explain=explain_hit(fused, place, understood, ranking) if request.explain else None,
            )
        )
    return tuple(hits)


def _asked_terms(understood: Understood) -> frozenset[str]:
    words = [word for group in understood.groups for way in group.group.alternatives for word in way.words]
    words += [word for phrase in understood.parsed.phrases for word in phrase]
    return matched_terms(words, understood.language)


def _highlights(stored: Mapping[str, Any], terms: frozenset[str], language: str, schema: Schema) -> dict[str, str]:
    result: dict[str, str] = {}
    for name, max_chars in _HIGHLIGHTED.items():
        text = text_in(stored.get(name, ""), language, schema.language)
        marked = highlight(text, terms, language, max_chars)
        if marked:
            result[name] = marked
    return result
