"""What a request says of fields (filters, facet choices, facets, sort keys), resolved against the declared ones."""

from search.filters.columns import nearest
from search.filters.facets import FacetRequest, parse_facets
from search.filters.parse import parse
from search.filters.refine import Between, Choice, parse_refine
from search.filters.sort import parse_sort
from search.filters.text import range_text, to_text, value_text

__all__ = [
    "Between",
    "Choice",
    "FacetRequest",
    "nearest",
    "parse",
    "parse_facets",
    "parse_refine",
    "parse_sort",
    "range_text",
    "to_text",
    "value_text",
]
