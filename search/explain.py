"""Explanations: what each stage did to a product, and why one is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from indexer.engines.protocol import EngineReader
from indexer.engines.query import And, Filter, Scope, SearchResult, Words
from search.filters import to_text
from search.fuse import Fused
from search.understand.understand import Understood


def explain_hit(fused: Fused, place: int, understood: Understood, rrf_k: int) -> dict[str, Any]:
    """The parts of a hit's score, by stage.

    Args:
        place: in the whole ranking, from 1.
    """
    return {
        "place": place,
        "lexical": None if fused.lexical_rank is None else {"rank": fused.lexical_rank, "score": fused.lexical_score},
        "vector": None if fused.vector_rank is None else {"rank": fused.vector_rank, "cosine": fused.cosine},
        "fusion": {"score": fused.score, "vector_weight": understood.vector_weight, "rrf_k": rrf_k},
    }


def explain_missing(
    product_id: str,
    understood: Understood,
    refine: Mapping[str, Filter],
    reader: EngineReader,
    result: SearchResult,
    window: int,
) -> dict[str, Any]:
    """Which stage dropped a product that is not on the page.

    A product that the enforced filter hides is answered for like one that does not exist.
    """
    schema = reader.spec.schema
    one = (product_id,)

    def passes(scope: Scope, words: Words | None = None) -> bool:
        return bool(reader.matching(words, scope, one))

    scope = understood.scope
    if not passes(Scope(enforced=scope.enforced)):
        return {"id": product_id, "dropped_by": "unknown", "detail": "there is no product with this id in the index"}
    failed = [
        to_text(part, schema)
        for part in _parts(scope.filter)
        if not passes(Scope(filter=part, enforced=scope.enforced))
    ]
    if failed or not passes(Scope(filter=scope.filter, enforced=scope.enforced)):
        return {
            "id": product_id,
            "dropped_by": "filter",
            "detail": failed or ["no single variant satisfies all conditions"],
        }
    if not passes(scope):
        return {"id": product_id, "dropped_by": "phrase or exclusion", "detail": understood.parsed.text}
    refused = [to_text(condition, schema) for condition in refine.values() if not passes(Scope(filter=condition))]
    if refused:
        return {"id": product_id, "dropped_by": "refinement", "detail": refused}
    words = understood.plan.words if understood.plan is not None else None
    lacking = [
        group.word.text
        for group in understood.groups
        if words is not None
        and group.group in words.groups
        and not passes(Scope(enforced=scope.enforced), _only(words, group.group))
    ]
    if lacking:
        near = "" if understood.vector_text else "; the vector side was not asked"
        return {
            "id": product_id,
            "dropped_by": "word",
            "detail": lacking,
            "vector": f"not among the nearest neighbours above the cut-off{near}",
        }
    if words is None and not understood.browses:
        return {
            "id": product_id,
            "dropped_by": "cut-off",
            "detail": "not among the nearest neighbours above the cut-off",
        }
    return {
        "id": product_id,
        "dropped_by": "depth",
        "detail": f"it is one of the {result.total} results, on a later page or behind the best {window}",
    }


def _parts(condition: Filter | None) -> tuple[Filter, ...]:
    if condition is None:
        return ()
    return condition.conditions if isinstance(condition, And) else (condition,)


def _only(words: Words, group: Any) -> Words:
    return Words((group,), languages=words.languages, field_weights=words.field_weights, tie_breaker=words.tie_breaker)
