"""Values of a facet, looked for."""

from __future__ import annotations

from search.api.facets import MAX_VALUE_CHARS
from search.api.openapi.json_schema import COUNT, TEXT, list_of, record, ref, whole
from search.api.openapi.operation import Access, Answer, Content, Operation, Parameter, Topic
from search.api.openapi.parameters import INDEX, search_parameters
from search.api.openapi.search_answer import COUNTS, INDEX_STATE, INDEX_STATE_EXAMPLE, TIMINGS
from search.filters.facets import DEFAULT_SIZE, MAX_SIZE

_FIELD = Parameter(
    "field", "path", "A keyword, boolean or category field.", {"type": "string", "minLength": 1}, "brand"
)
_VALUE = Parameter(
    "value", "query", "What the value holds; empty: all.", {"type": "string", "maxLength": MAX_VALUE_CHARS}, "al"
)
_SIZE = Parameter("size", "query", f"How many values are listed, {DEFAULT_SIZE} without it.", whole(1, MAX_SIZE))

TOPIC = Topic(
    "Facets",
    "A value among those of a facet, such as a brand among hundreds. The search key may look for it.",
    (
        Operation(
            "findFacetValues",
            "GET",
            "/v1/indexes/{index}/facets/{field}",
            "Find values of a facet",
            Access.SEARCH_KEY,
            {
                200: Answer(
                    "Values that hold the text, with their counts in the search.",
                    (
                        Content(
                            record(
                                {
                                    "field": TEXT,
                                    "values": COUNTS,
                                    "total_values": COUNT,
                                    "timings_ms": TIMINGS,
                                    "degraded": list_of(ref("Degraded")),
                                    "index": INDEX_STATE,
                                }
                            ),
                            {
                                "field": "brand",
                                "values": [{"value": "Sony", "count": 9}, {"value": "Masona", "count": 21}],
                                "total_values": 2,
                                "timings_ms": {"total": 3.9},
                                "degraded": [],
                                "index": INDEX_STATE_EXAMPLE,
                            },
                        ),
                    ),
                )
            },
            parameters=(
                INDEX,
                _FIELD,
                _VALUE,
                _SIZE,
                *search_parameters("q", "similar_to", "mode", "filters", "refine", "sold_out", "language", "channel"),
            ),
        ),
    ),
)
