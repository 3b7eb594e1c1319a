import pickle
from typing import Any

import pytest

from search.errors import RequestError
from search.filters import Between, FacetRequest
from search.request import Mode, SearchRequest, SoldOut, parse_request

FULL = SearchRequest(
    q="red shoes",
    filters="price < 500",
    refine={"brand": ("Sony", "LG"), "price": ("10..20",)},
    facets=(FacetRequest("brand"), FacetRequest("price")),
    sort=("price:asc", "rating:desc"),
    page=2,
    page_size=50,
    mode=Mode.LEXICAL,
    fields=("title", "price"),
    highlight=True,
    language="pt",
    channel="jp",
    user_id="u1",
    session_id="s1",
    explain=True,
    explain_id="p/1",
    sold_out=SoldOut.LAST,
)


def test_a_body_and_a_query_string_say_the_same() -> None:
    body = {
        "q": "red shoes",
        "filters": "price < 500",
        "refine": {"brand": ["Sony", "LG"], "price": ["10..20"]},
        "facets": ["brand", {"field": "price"}],
        "sort": ["price:asc", "rating:desc"],
        "page": 2,
        "page_size": 50,
        "mode": "lexical",
        "fields": ["title", "price"],
        "highlight": True,
        "language": "pt-BR",
        "channel": "jp",
        "user_id": "u1",
        "session_id": "s1",
        "explain": True,
        "explain_id": "p/1",
        "sold_out": "last",
    }
    query = {
        "q": ["red shoes"],
        "filters": "price < 500",
        "refine.brand": ["Sony", "LG"],
        "refine.price": "10..20",
        "facets": "brand,price",
        "sort": ["price:asc", "rating:desc"],
        "page": ["2"],
        "page_size": "50",
        "mode": "lexical",
        "fields": ["title, , price", ""],
        "highlight": "1",
        "language": "PT",
        "channel": "jp",
        "user_id": "u1",
        "session_id": "s1",
        "explain": "True",
        "explain_id": "p/1",
        "sold_out": "last",
    }
    assert parse_request(body, "body") == FULL
    assert parse_request(query, "query") == FULL
    assert FULL.offset == 50


@pytest.mark.parametrize("source", ["body", "query"])
def test_nothing_said_is_the_defaults(source: Any) -> None:
    assert parse_request({}, source) == SearchRequest()
    assert parse_request({"q": "", "page": "", "language": ""}, source) == SearchRequest()


def test_null_counts_as_absent() -> None:
    assert parse_request({"q": None, "facets": None, "cursor": None, "sold_out": None}, "body") == SearchRequest()


def test_values_become_text_until_their_field_is_known() -> None:
    body = {
        "refine": {"price": [{"from": 10, "to": 12.5}, {"from": "5"}, {"to": None, "from": 1}], "new": [True, 3]},
        "facets": [{"field": "price", "ranges": ["..5", {"to": 5}]}],
    }
    request = parse_request(body, "body")
    assert request.refine == {"price": (Between("10", "12.5"), Between("5"), Between("1")), "new": ("true", "3")}
    assert request.facets == (FacetRequest("price", ranges=("..5", Between(None, "5"))),)


@pytest.mark.parametrize(
    ("typed", "q"),
    [
        ("  a\tb\r\nc ", "a b  c"),
        ("a\x00b\x7f\x9fc\x1b", "a b  c"),
        ("cafe\u0301", "caf\u00e9"),
        ("👟 \u200fאבג", "👟 \u200fאבג"),
        ("\x00" * 600 + "x" * 512, "x" * 512),
        ("e\u0301" * 512, "é" * 512),
    ],
)
def test_what_was_typed_is_cleaned(typed: str, q: str) -> None:
    assert parse_request({"q": typed}, "body").q == q


BODY_ERRORS: list[tuple[dict[str, Any], str, str, str]] = [
    # body, parameter, value, words
    ({"zzz": "x"}, "zzz", "x", "there is no such parameter; known are q, filters"),
    ({"querry": "x"}, "querry", "x", 'did you mean "q"?'),
    ({"pagesize": 3}, "pagesize", "3", 'did you mean "page_size" or "page"?'),
    ({"facets": [{"field": "a", "siez": 1}]}, "facets.0.siez", "1", 'did you mean "size"?'),
    ({"facets": [{"size": 1}]}, "facets.0.field", "an object", "it is missing; wanted is the name of a field"),
    ({"facets": "brand"}, "facets", "brand", "wanted is a list of field names"),
    ({"facets": ["a", 3]}, "facets.1", "3", "wanted is a list of field names"),
    ({"facets": [{"field": "a", "size": "5"}]}, "facets.0.size", "5", "a whole number from 1 to 1,000"),
    ({"q": 3}, "q", "3", "wanted is a text, not 3"),
    ({"q": ["a"]}, "q", "a list of 1", "wanted is a text, not a list of 1"),
    ({"q": "x" * 513}, "q", "x" * 199 + "…", "it has 513 characters; a query has at most 512"),
    ({"page": "2"}, "page", "2", "wanted is a whole number from 1 on"),
    ({"page": True}, "page", "true", "wanted is a whole number from 1 on, not true"),
    ({"page": 1.0}, "page", "1.0", "wanted is a whole number from 1 on"),
    ({"page": 0}, "page", "0", "wanted is a whole number from 1 on, not 0"),
    ({"page_size": 201}, "page_size", "201", "wanted is a whole number from 1 to 200, not 201"),
    ({"page": 501}, "page", "501", "all products of an index are at /v1/indexes/INDEX/documents"),
    ({"page": 10**40, "page_size": 200}, "page", str(10**40), "ends beyond product 10,000"),
    ({"page": 1, "cursor": "abc"}, "page", "1", "leave out page or cursor"),
    ({"q": "a", "similar_to": "b"}, "similar_to", "b", "leave out similar_to or q"),
    ({"similar_to": "é" * 257}, "similar_to", None, "it has 514 bytes; an id has at most 512"),
    ({"mode": "magic"}, "mode", "magic", "wanted is hybrid, lexical or vector"),
    ({"sold_out": "no"}, "sold_out", "no", "wanted is show, last or hide"),
    ({"explain": 1}, "explain", "1", "wanted is true or false"),
    ({"language": "english!"}, "language", "english!", "a language code such as en"),
    ({"language": "xx"}, "language", "xx", 'there is no language "xx"; wanted is a code of ISO 639'),
    ({"language": "zzz-DE"}, "language", "zzz-DE", 'there is no language "zzz"'),
    ({"": 1}, "body", "1", "a parameter has no name"),
    ({"cursor": ""}, "cursor", "", "ask no further where that is null"),
    ({"user_id": 5}, "user_id", "5", "a text of at most 200 characters"),
    ({"user_id": "x" * 201}, "user_id", None, "a text of at most 200 characters"),
    ({"sort": "price:asc"}, "sort", "price:asc", "wanted is a list such as"),
    ({"refine": ["brand"]}, "refine", "a list of 1", "lists of values or ranges by field"),
    ({"refine": {"brand": "Sony"}}, "refine.brand", "Sony", "lists of values or ranges by field"),
    ({"refine": {"price": [{"form": 1}]}}, "refine.price.0", "an object", 'has "from" and "to", not "form"'),
    ({"refine": {"price": [None]}}, "refine.price.0", "null", "wanted is a text, a number"),
    ({"q": "a\ud800"}, "q", "a?", "surrogate"),
    ({"refine": {"b\ud800": ["x"]}}, "refine", "b?", "surrogate"),
    ({"facets": [{"field": "\udfff"}]}, "facets", "?", "surrogate"),
    ({"\ud800": 1}, "?", "?", "surrogate"),
]


@pytest.mark.parametrize(("body", "parameter", "value", "words"), BODY_ERRORS)
def test_a_wrong_body_is_an_error_that_names_parameter_value_and_remedy(
    body: dict[str, Any], parameter: str, value: str | None, words: str
) -> None:
    with pytest.raises(RequestError) as caught:
        parse_request(body, "body")
    assert caught.value.parameter == parameter
    assert value is None or caught.value.value == value
    assert words in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    ("query", "parameter", "words"),
    [
        ({"refine.brand": "Sony", "per-page": "5"}, "per-page", 'did you mean "page"'),
        ({"page": "two"}, "page", 'wanted is a whole number from 1 on, not "two"'),
        ({"page": "２"}, "page", "a whole number"),
        ({"page": ["1", "2"]}, "page", "it is given 2 times"),
        ({"highlight": "yes"}, "highlight", 'wanted is true or false, not "yes"'),
        ({"refine": "brand:Sony"}, "refine", "refine.brand=Sony"),
        ({"q": ["red", "shoes"]}, "q", "it is given 2 times"),
        ({"": ["x"]}, "query string", "a parameter has no name"),
        ({"cursor": [""]}, "cursor", "it is empty"),
    ],
)
def test_a_wrong_query_string_is_an_error(query: dict[str, Any], parameter: str, words: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_request(query, "query")
    assert caught.value.parameter == parameter
    assert words in str(caught.value)


def test_the_deepest_page_is_the_one_that_ends_at_ten_thousand() -> None:
    assert parse_request({"page": 50, "page_size": 200}, "body").offset == 9_800
    with pytest.raises(RequestError, match="ends beyond product 10,000"):
        parse_request({"page": 51, "page_size": 200}, "body")


def test_a_deep_structure_is_refused_without_following_it() -> None:
    deep: list[Any] = []
    for _ in range(50_000):
        deep = [deep]
    for body in ({"q": deep}, {"refine": {"brand": deep}}, {"refine": {"brand": [deep]}}, {"facets": deep}):
        with pytest.raises(RequestError, match="wanted is"):
            parse_request(body, "body")
    with pytest.raises(RequestError, match="no such parameter"):
        parse_request({"zzz": deep}, "body")
