import pytest

from indexer.engines.query import Filter, In, Or, Range
from indexer.fields import Schema
from search.errors import RequestError
from search.filters import Between, Choice, parse_refine, range_text

PRICE = "price@default"
DAY = 86_400

CASES: list[tuple[str, list[Choice], str, Filter]] = [
    ("brand", ["Sony", "LG", "Sony"], "brand", In("brand", ("Sony", "LG"))),
    ("brand", ["AC..DC"], "brand", In("brand", ("AC..DC",))),
    ("category", ["Home > Kitchen"], "category", In("category", ("Home > Kitchen",))),
    ("in_stock", ["true"], "in_stock@default", In("in_stock@default", (True,))),
    # The upper bound is outside, as in the ranges of a facet.
    ("price", ["10..20"], PRICE, Range(PRICE, 1000, 2000, include_upper=False)),
    ("price", [Between("10", "20")], PRICE, Range(PRICE, 1000, 2000, include_upper=False)),
    ("price", ["..20"], PRICE, Range(PRICE, upper=2000, include_upper=False)),
    ("price", ["10.."], PRICE, Range(PRICE, lower=1000)),
    ("price", ["10 .. 20"], PRICE, Range(PRICE, 1000, 2000, include_upper=False)),
    ("price", ["..10", "20.."], PRICE, Or((Range(PRICE, upper=1000, include_upper=False), Range(PRICE, lower=2000)))),
    ("rating", ["4"], "rating", Range("rating", 4.0, 4.0)),
    ("released_at", ["1970-01-01..1970-01-03"], "released_at", Range("released_at", 0, 2 * DAY, include_upper=False)),
    ("released_at", ["1970-01-01"], "released_at", Range("released_at", 0, DAY, include_upper=False)),
]


@pytest.mark.parametrize(("field", "choices", "column", "wanted"), CASES)
def test_choices_become_one_filter_of_their_column(
    field: str, choices: list[Choice], column: str, wanted: Filter, schema: Schema
) -> None:
    assert parse_refine({field: choices}, schema) == {column: wanted}


def test_each_field_has_a_filter_and_one_without_choices_has_none(schema: Schema) -> None:
    refined = parse_refine({"brand": ["LG"], "size": [], "price": ["5.."]}, schema, "jp")
    assert refined == {"brand": In("brand", ("LG",)), "price@jp": Range("price@jp", lower=5)}


def test_the_text_of_a_range_chooses_it(schema: Schema) -> None:
    for column, field, bounds in [
        (PRICE, "price", (1050, 2000)),
        (PRICE, "price", (None, 1)),
        ("rating", "rating", (4.0, None)),
        ("released_at", "released_at", (0, DAY + 1)),
    ]:
        chosen = parse_refine({field: [range_text(column, *bounds, schema)]}, schema)[column]
        assert chosen == Range(column, *bounds, include_upper=bounds[1] is None)


@pytest.mark.parametrize(
    ("choices", "parameter", "words"),
    [
        ({"brnd": ["x"]}, "refine.brnd", 'did you mean "brand"?'),
        ({"warranty": ["x"]}, "refine.warranty", '"attributes" in the settings'),
        ({"title": ["x"]}, "refine.title", "searched by q"),
        ({"brand": [Between("a", "b")]}, "refine.brand", "a range needs a number"),
        ({"price": ["cheap"]}, "refine.price", "is not an amount"),
        ({"price": ["20..10"]}, "refine.price", "nothing lies between 20 and 10"),
        ({"price": ["10..10"]}, "refine.price", "nothing lies between"),
        ({"price": [".."]}, "refine.price", "a range needs a bound"),
        ({"in_stock": ["maybe"]}, "refine.in_stock", "not true or false"),
        ({"brand": ["x"] * 501}, "refine.brand", "at most 500"),
        ({f"f{n}": ["x"] for n in range(51)}, "refine", "at most 50"),
    ],
)
def test_errors_name_the_field(choices: dict[str, list[Choice]], parameter: str, words: str, schema: Schema) -> None:
    with pytest.raises(RequestError) as caught:
        parse_refine(choices, schema, undeclared={"warranty"})
    assert caught.value.parameter == parameter
    assert words in str(caught.value)
