"""Explanations: what each stage did to a product, and why one is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from indexer.engines.protocol import EngineReader
from indexer.engines.query import And, Filter, Scope, SearchResult, Words
from search.filters import to_text
from search.fuse import Fused
from search.response import Degraded
from search.settings import Ranking
from search.understand.understand import Understood


def explain_hit(fused: Fused, place: int, understood: Understood, ranking: Ranking) -> dict[str, Any]:
    """What each stage did to a hit; the parts of both sides add up to the score.

    Args:
        place: in the whole ranking, from 1.
    """
    lexical = {"rank": fused.lexical_rank, "score": fused.lexical_score, "part": fused.lexical_part}
    vector = {"rank": fused.vector_rank, "cosine": fused.cosine, "part": fused.vector_part}
    return {
        "place": place,
        "lexical": None if fused.lexical_rank is None else lexical,
        "vector": None if fused.vector_rank is None else vector,
        "fusion": {
            "method": ranking.fusion.value,
            "rrf_k": ranking.rrf_k,
            "vector_weight": understood.fusion_weight,
            "score": fused.score,
        },
    }


def explain_missing(
    product_id: str,
    understood: Understood,
    similar_to: str,
    refine: Mapping[str, Filter],
    reader: EngineReader,
    result: SearchResult,
    degraded: Sequence[Degraded],
    window: int,
) -> dict[str, Any]:
    """Which stage dropped a product that is not on the page.

    A product that the enforced filter hides is answered for like one that does not exist.

    Args:
        similar_to: the product whose like was asked for, "" for none.
    """
    schema = reader.spec.schema
    one = (product_id,)

    def passes(scope: Scope, words: Words | None = None) -> bool:
        return bool(reader.matching(words, scope, one))

    scope = understood.scope
    if not passes(Scope(enforced=scope.enforced)):
        return {"id": product_id, "dropped_by": "unknown", "detail": "there is no product with this id in the index"}
    if product_id == similar_to:
        return {"id": product_id, "dropped_by": "similar_to", "detail": "it is the product whose like was asked for"}
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
    if refused or not passes(scope.narrowed(refine.values())):
        detail = refused or ["no single variant satisfies all conditions"]
        return {"id": product_id, "dropped_by": "refinement", "detail": detail}
    deep = {
        "id": product_id,
        "dropped_by": "depth",
        "detail": f"it is one of the {result.total} results, on another page or behind the best {window}",
    }
    if understood.browses or any(hit.id == product_id for hit in result.neighbours):
        return deep
    far = "not among the nearest neighbours above the cut-off"
    if not understood.vector_text and not similar_to:
        far = understood.no_vector_reason or "the vector side was not asked"
    if degraded:
        far = "; ".join(part.reason for part in degraded)
    words = understood.plan.words if understood.plan is not None else None
    if words is None:
        return {"id": product_id, "dropped_by": "cut-off", "detail": far}
    lacking = [
        group.word.text
        for group in understood.groups
        if group.group in words.groups and not passes(Scope(), replace(words, groups=(group.group,), optional=()))
    ]
    return {"id": product_id, "dropped_by": "word", "detail": lacking, "vector": far} if lacking else deep


def _parts(condition: Filter | None) -> tuple[Filter, ...]:
    if condition is None:
        return ()
    return condition.conditions if isinstance(condition, And) else (condition,)
