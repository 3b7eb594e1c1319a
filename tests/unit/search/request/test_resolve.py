import pytest

from indexer.engines.query import Facet, In, Range, SortKey
from indexer.fields import Field, FieldType, Schema
from search.errors import RequestError
from search.filters import FacetRequest
from search.request import ResolvedRequest, SearchRequest, resolve

SCHEMA = Schema(
    attributes=(Field("colour", FieldType.KEYWORD, "colour", variant=True),),
    currencies={"eu": "EUR", "jp": "JPY"},
    channel="eu",
)


def test_everything_speaks_of_the_requests_channel() -> None:
    request = SearchRequest(
        filters="price < 500",
        refine={"colour": ("red",), "price": ("100..",)},
        facets=(FacetRequest("price"), FacetRequest("colour", size=3)),
        sort=("price:desc",),
        channel="jp",
    )
    assert resolve(request, SCHEMA) == ResolvedRequest(
        request=request,
        channel="jp",
        filter=Range("price@jp", upper=500, include_upper=False),
        refine={"colour": In("colour", ("red",)), "price@jp": Range("price@jp", lower=100)},
        facets=(Facet("price@jp"), Facet("colour", size=3)),
        sort=(SortKey("price@jp", descending=True),),
    )


def test_without_a_channel_it_is_the_indexs_own() -> None:
    resolved = resolve(SearchRequest(filters="price < 500"), SCHEMA)
    assert resolved.channel == "eu"
    assert resolved.filter == Range("price@eu", upper=50_000, include_upper=False)


def test_a_blank_filter_is_none() -> None:
    assert resolve(SearchRequest(filters=" "), SCHEMA).filter is None


@pytest.mark.parametrize(
    ("request_", "parameter"),
    [
        (SearchRequest(filters="weight:1"), "filters"),
        (SearchRequest(refine={"weight": ("1",)}), "refine.weight"),
        (SearchRequest(facets=(FacetRequest("weight"),)), "facets.0"),
        (SearchRequest(sort=("weight",)), "sort"),
    ],
)
def test_an_attribute_that_is_not_declared_is_an_error_with_the_setting(
    request_: SearchRequest, parameter: str
) -> None:
    with pytest.raises(RequestError, match='add it, with its type, to "attributes" in the settings') as caught:
        resolve(request_, SCHEMA, undeclared={"weight"})
    assert caught.value.parameter == parameter


def test_an_unknown_channel_is_an_error_even_where_nothing_is_asked_of_it() -> None:
    with pytest.raises(RequestError, match="no channel") as caught:
        resolve(SearchRequest(channel="us"), SCHEMA)
    assert caught.value.parameter == "channel"
