import pytest

from indexer.engines.query import Facet
from indexer.fields import Schema
from search.errors import RequestError
from search.filters import Between, FacetRequest, parse_facets


def test_facets_are_in_the_order_asked_for(schema: Schema) -> None:
    requests = [
        FacetRequest("price", ranges=("..10", "10..20.5", Between("20.5"))),
        FacetRequest("brand"),
        FacetRequest("category", size=5, under="Home"),
        FacetRequest("rating"),
        FacetRequest("released_at", ranges=("1970-01-01..1970-01-02",)),
    ]
    assert parse_facets(requests, schema) == (
        Facet("price@default", ranges=((None, 1000), (1000, 2050), (2050, None))),
        Facet("brand", size=20),
        Facet("category", size=5, under="Home"),
        Facet("rating"),
        Facet("released_at", ranges=((0, 86_400),)),
    )
    assert parse_facets([FacetRequest("price")], schema, "jp") == (Facet("price@jp"),)


def test_an_amount_between_two_is_rounded_so_that_neighbouring_ranges_meet(schema: Schema) -> None:
    (facet,) = parse_facets([FacetRequest("price", ranges=("0..9.995", "9.995.."))], schema)
    assert facet.ranges == ((0, 1000), (1000, None))


@pytest.mark.parametrize(
    ("request_", "parameter", "words"),
    [
        (FacetRequest("brnd"), "facets.1", 'did you mean "brand"?'),
        (FacetRequest("title"), "facets.1", "searched by q"),
        (FacetRequest("mpn"), "facets.1", "asked for twice"),
        (FacetRequest("brand", size=0), "facets.1.size", "from 1 to 1,000"),
        (FacetRequest("brand", size=1001), "facets.1.size", "from 1 to 1,000"),
        (FacetRequest("price", size=5), "facets.1.size", 'counts "ranges"'),
        (FacetRequest("brand", ranges=("1..2",)), "facets.1.ranges.0", "a range needs a number"),
        (FacetRequest("price", ranges=("1..2", "5")), "facets.1.ranges.1", "it is no range"),
        (FacetRequest("price", ranges=("1..2",) * 101), "facets.1.ranges", "at most 100"),
        (FacetRequest("brand", under="Home"), "facets.1.under", "only a path field"),
    ],
)
def test_errors_name_the_facet(request_: FacetRequest, parameter: str, words: str, schema: Schema) -> None:
    with pytest.raises(RequestError) as caught:
        parse_facets([FacetRequest("mpn"), request_], schema)
    assert caught.value.parameter == parameter
    assert words in str(caught.value)


def test_at_most_fifty(schema: Schema) -> None:
    with pytest.raises(RequestError, match="at most 50"):
        parse_facets([FacetRequest("brand")] * 51, schema)
