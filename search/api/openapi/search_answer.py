"""What a search answers."""

from __future__ import annotations

from collections.abc import Mapping

from search.api.openapi.json_schema import (
    COUNT,
    FLAG,
    NUMBER,
    TEXT,
    WHOLE,
    described,
    either,
    list_of,
    map_of,
    nullable,
    one_of_texts,
    record,
    ref,
)
from search.api.openapi.operation import JsonSchema
from search.api.openapi.parameters import PRODUCT_ID
from search.api.openapi.product import SHOWN_EXAMPLE
from search.settings import Fusion

COUNTS = list_of(record({"value": TEXT, "count": COUNT}))
TIMINGS = map_of(NUMBER, "Milliseconds by stage, and `total`.")
INDEX_STATE: JsonSchema = record(
    {"name": TEXT, "generation": WHOLE, "change_number": described(COUNT, "The newest change that could be found.")}
)
INDEX_STATE_EXAMPLE = {"name": "shop", "generation": 1, "change_number": 40}
HIT_EXAMPLE = {"id": "lamp/21", "score": 0.0246, "document": SHOWN_EXAMPLE}

ANSWER_EXAMPLE = {
    "query_id": "0c6f3f6d1c6f4b0f9f1f6b0f4e8f1c55",
    "hits": [{**HIT_EXAMPLE, "highlights": {"title": "<em>Desk</em> <em>lamp</em>, red"}}],
    "total": 19,
    "page": 1,
    "page_size": 5,
    "next_cursor": "WyIwYzZmM2Y2ZDFjNmY0YjBmOWYxZjZiMGY0ZThmMWM1NSIsNV0",
    "stable": True,
    "facets": {"colour": [{"value": "red", "count": 19}, {"value": "blue", "count": 10}]},
    "facet_stats": {"price": {"min": 5.0, "max": 49.5}},
    "matching": {"words": ["desk", "lamp"], "given_up": [], "corrected": {}, "language": "en"},
    "corrected_query": None,
    "timings_ms": {"retrieve": 1.4, "total": 5.5},
    "degraded": [],
    "index": INDEX_STATE_EXAMPLE,
}

_SIDE = {"rank": WHOLE, "part": NUMBER}
_REASONS = ("unknown", "similar_to", "filter", "phrase or exclusion", "refinement", "word", "cut-off", "depth")

SCHEMAS: Mapping[str, JsonSchema] = {
    "SearchAnswer": record(
        {
            "query_id": described(TEXT, "Names this answer."),
            "hits": list_of(ref("Hit")),
            "total": described(COUNT, "Products of the whole result, exact."),
            "page": described(nullable(WHOLE), "Null where a cursor goes on from between two pages."),
            "page_size": WHOLE,
            "next_cursor": described(nullable(TEXT), "Asks for the next page; null at the end."),
            "stable": described(FLAG, "The page comes from the products that were ranked together."),
            "facets": map_of(COUNTS, "By field."),
            "facet_stats": map_of(map_of({"type": ["number", "string"]}), "By field, least and greatest value."),
            "matching": ref("Matching"),
            "corrected_query": described(nullable(TEXT), "The query as it was searched, where it was corrected."),
            "timings_ms": TIMINGS,
            "degraded": described(list_of(ref("Degraded")), "What the answer had to do without."),
            "index": INDEX_STATE,
        },
        {"missing": described(ref("Missing"), "Where `explain_id` asked after a product that is not on the page.")},
    ),
    "Hit": record(
        {
            "id": PRODUCT_ID,
            "score": described(NUMBER, "Orders the hits of one answer, and compares with nothing else."),
            "document": ref("ShownProduct"),
        },
        {
            "highlights": map_of(TEXT, "HTML by field: what matches stands between `<em>` and `</em>`."),
            "matched_variant": described(TEXT, "The sku of the first variant that satisfies the conditions."),
            "explain": ref("Explanation"),
        },
    ),
    "Matching": record(
        {
            "words": list_of(TEXT),
            "given_up": described(list_of(TEXT), "Words that were left out to find enough, in this order."),
            "corrected": map_of(TEXT, "By the word as typed."),
            "language": TEXT,
        },
        {"lexical_only": described(TEXT, "Why no neighbours by meaning were looked for.")},
    ),
    "Degraded": record({"stage": TEXT, "reason": TEXT}),
    "Missing": record(
        {"id": TEXT, "dropped_by": one_of_texts(_REASONS), "detail": either(TEXT, list_of(TEXT))}, {"vector": TEXT}
    ),
    "Explanation": record(
        {
            "place": WHOLE,
            "lexical": nullable(record({**_SIDE, "score": NUMBER})),
            "vector": nullable(record({**_SIDE, "cosine": NUMBER})),
            "fusion": record(
                {
                    "method": one_of_texts([method.value for method in Fusion]),
                    "rrf_k": WHOLE,
                    "vector_weight": NUMBER,
                    "score": NUMBER,
                }
            ),
        }
    ),
}
