from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.engines.query import And, Exists, Filter, In, Not, Or, Range
from indexer.fields import Schema
from search.errors import RequestError
from search.filters import parse

PRICE = "price@default"
DAY = 86_400


def seconds(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[misc, arg-type]


JAN_1 = seconds(2020, 1, 1)

CASES: list[tuple[str, Filter]] = [
    ('brand:"Sony"', In("brand", ("Sony",))),
    ("brand:Sony", In("brand", ("Sony",))),
    ("brand = 'Sony'", In("brand", ("Sony",))),
    ("brand:O'Reilly", In("brand", ("O'Reilly",))),
    ("brand:a-b:c=d", In("brand", ("a-b:c=d",))),
    ("brand:北京", In("brand", ("北京",))),
    (r'brand:"say \"hi\" \\ bye"', In("brand", (r'say "hi" \ bye',))),
    ('brand:"AND"', In("brand", ("AND",))),
    ("brand:android", In("brand", ("android",))),
    ("size:42", In("size", ("42",))),
    ('category:"Home > Kitchen"', In("category", ("Home > Kitchen",))),
    ("brand != Sony", Not(In("brand", ("Sony",)))),
    ("colour IN (red, 'blue')", In("colour", ("red", "blue"))),
    ("colour in(red,red)", In("colour", ("red",))),
    ("colour NOT IN (red)", Not(In("colour", ("red",)))),
    ("discontinued:TRUE", In("discontinued", (True,))),
    ("discontinued:false", In("discontinued", (False,))),
    ("EXISTS(rating)", Exists("rating")),
    ("rating exists", Exists("rating")),
    ("NOT EXISTS(price)", Not(Exists(PRICE))),
    ("`screen size` >= 5.5", Range("screen size", lower=5.5)),
    ("`brand`:x", In("brand", ("x",))),
    ("`exists`:x", In("exists", ("x",))),
    # numbers and ranges
    ("rating:4", In("rating", (4.0,))),
    ("rating IN (4, .5, -1e3)", In("rating", (4.0, 0.5, -1000.0))),
    ("rating > 4", Range("rating", lower=4.0, include_lower=False)),
    ("rating<=4", Range("rating", upper=4.0)),
    ("rating:1..4", Range("rating", 1.0, 4.0)),
    ("rating:1 .. 4", Range("rating", 1.0, 4.0)),
    ("rating:1.5...5e1", Range("rating", 1.5, 5.0)),
    ("rating:1..<4", Range("rating", 1.0, 4.0, include_upper=False)),
    ("rating:1<..4", Range("rating", 1.0, 4.0, include_lower=False)),
    ("rating:..4", Range("rating", upper=4.0)),
    ("rating:4..", Range("rating", lower=4.0)),
    ("rating:<..4", Range("rating", upper=4.0)),
    ("rating:4..<", Range("rating", lower=4.0)),
    ("rating != 1..4", Not(Range("rating", 1.0, 4.0))),
    # money is spoken of in major units; EUR has two decimals
    ("price:12.99", In(PRICE, (1299,))),
    ("price < 500", Range(PRICE, upper=50_000, include_upper=False)),
    ("price:100..200", Range(PRICE, 10_000, 20_000)),
    ("price > 12.991", Range(PRICE, lower=1299, include_lower=False)),
    ("price >= 12.991", Range(PRICE, lower=1300)),
    ("price < 12.991", Range(PRICE, upper=1300, include_upper=False)),
    ("price <= 12.991", Range(PRICE, upper=1299)),
    # a bare date is its whole day
    ("released_at:2020-01-01", Range("released_at", JAN_1, JAN_1 + DAY, include_upper=False)),
    ("released_at > 2020-01-01", Range("released_at", lower=JAN_1 + DAY)),
    ("released_at >= 2020-01-01", Range("released_at", lower=JAN_1)),
    ("released_at < 2020-01-01", Range("released_at", upper=JAN_1, include_upper=False)),
    ("released_at <= 2020-01-01", Range("released_at", upper=JAN_1 + DAY, include_upper=False)),
    ("released_at:2020-01-01..2020-01-02", Range("released_at", JAN_1, JAN_1 + 2 * DAY, include_upper=False)),
    ("released_at:2020-01-01T00:01", In("released_at", (JAN_1 + 60,))),
    ("released_at > 2020-01-01T02:00:00.000+02:00", Range("released_at", lower=JAN_1, include_lower=False)),
    ("released_at >= '2020-01-01 00:00:00.5Z'", Range("released_at", lower=JAN_1 + 1)),
    (
        "released_at IN (2020-01-01, 2020-01-01T00:00:05Z)",
        Or((Range("released_at", JAN_1, JAN_1 + DAY, include_upper=False), In("released_at", (JAN_1 + 5,)))),
    ),
    ("released_at <= 9999-12-31", Range("released_at", upper=seconds(9999, 12, 31, 23, 59, 59), include_upper=False)),
    # NOT binds tighter than AND, AND tighter than OR
    (
        "NOT brand:a AND brand:b OR discontinued:true",
        Or((And((Not(In("brand", ("a",))), In("brand", ("b",)))), In("discontinued", (True,)))),
    ),
    ("brand:a and (brand:b or mpn:c)", And((In("brand", ("a",)), Or((In("brand", ("b",)), In("mpn", ("c",))))))),
    ("NOT (brand:a OR mpn:b)", Not(Or((In("brand", ("a",)), In("mpn", ("b",)))))),
    ("not(brand:a)", Not(In("brand", ("a",)))),
    # what one AND joins speaks of one variant, so it is one flat And
    (
        "colour:red AND (size:M AND price < 5) AND brand:a",
        And(
            (
                In("colour", ("red",)),
                In("size", ("M",)),
                Range(PRICE, upper=500, include_upper=False),
                In("brand", ("a",)),
            )
        ),
    ),
    # and alternatives of one field are one condition in it
    ("(colour:red OR colour:blue) AND size:M", And((In("colour", ("red", "blue")), In("size", ("M",))))),
    ("colour:red OR mpn:x OR colour:blue", Or((In("colour", ("red", "blue")), In("mpn", ("x",))))),
    ("brand:a OR brand:a", In("brand", ("a",))),
    ("rating:1..2 OR rating:1..2", Range("rating", 1.0, 2.0)),
    (" \n( ((brand:a)) )\t", In("brand", ("a",))),
]


@pytest.mark.parametrize(("text", "wanted"), CASES, ids=[text for text, _ in CASES])
def test_text_becomes_a_filter(text: str, wanted: Filter, schema: Schema) -> None:
    assert parse(text, schema) == wanted


def test_amounts_have_the_decimals_of_the_channels_currency(schema: Schema) -> None:
    assert parse("price:500", schema, "jp") == In("price@jp", (500,))
    assert parse("price:0.125", schema, "kw") == In("price@kw", (125,))


# Text, 1-based column, and words of the message.
ERRORS = [
    ("brand:", 7, "the filter ends where a value"),
    ("brand", 6, "the filter ends where one of :"),
    ("brand:a AND", 12, "ends where a condition"),
    ("AND brand:a", 1, "'AND' stands where a condition"),
    ("brand:AND", 7, "goes in quotes"),
    ("brand:a ANDmpn:b", 9, "'ANDmpn:b' stands where AND"),
    ("NOTbrand:a", 1, 'no field is called "NOTbrand"'),
    ("EXISTSbrand:a", 1, 'no field is called "EXISTSbrand"'),
    ("brand INa", 7, "one of :"),
    ("brand:home kitchen", 12, "a value with spaces or commas goes in quotes"),
    ("screen size:5", 8, "`backticks`"),
    ("brand == a", 8, "'=' stands where a value"),
    ("brand:a)", 8, "no parenthesis is open"),
    ("(brand:a", 9, "a closing parenthesis was expected"),
    ("brand IN red", 10, "an opening parenthesis"),
    ("brand IN (a b)", 13, "a comma or a closing parenthesis"),
    ("brand IN ()", 11, "a value"),
    ("brand NOT a", 11, "IN was expected"),
    ("EXISTS(", 8, "a field name was expected"),
    ("price:..", 9, "a value"),
    ('brand:"abc', 7, "never closed"),
    ("`brand:a", 1, "never closed"),
    (r'brand:"a\nb"', 9, "a backslash stands only before"),
    ("brand:a\ud800", 8, "surrogate"),
    ("colr:red", 1, 'no field is called "colr"; did you mean "colour"?'),
    ("Brand:a", 1, 'did you mean "brand"?'),
    ("qqq:1", 1, "there are availability, brand"),
    ("warranty:2", 1, 'not declared; add it, with its type, to "attributes" in the settings'),
    ("title:shoe", 1, "searched by q"),
    ("EXISTS(notes)", 8, "searched by q"),
    ("brand:a AND brand > b", 13, '"brand" is a keyword field; a range needs a number'),
    ("brand:a..b", 1, "a range needs"),
    ("price:cheap", 7, '"cheap" is not an amount such as 12.99'),
    ("price:1e3", 7, "is not an amount"),
    ("price < 1000000000001", 9, "at most 1,000,000,000,000"),
    ("price:12.999", 7, "has 2 decimal places; nothing can equal 12.999"),
    ("price:200..100", 7, "nothing lies between 200 and 100"),
    ("price:5..<5", 7, "nothing lies between"),
    ("price:0.001..0.009", 7, "nothing lies between"),
    ("rating:nan", 8, "is not a number"),
    ("rating:1e999", 8, "is not a number"),
    ("rating:1_000", 8, "is not a number"),
    ('rating:"1,5"', 8, "a point"),
    ("rating IN (1, x)", 15, '"x" is not a number'),
    ("discontinued:yes", 14, "not true or false"),
    ("released_at:2020", 13, "a date such as 2020-01-31"),
    ("released_at:2020-02-30", 13, "a date that exists"),
    ("released_at:0001-01-01T00:00+01:00", 13, "a date that exists"),
    ("released_at:2020-01-01T00:00:00.5Z", 13, "whole seconds"),
]


@pytest.mark.parametrize(("text", "column", "words"), ERRORS, ids=[ascii(text) for text, _, _ in ERRORS])
def test_an_error_points_at_its_column(text: str, column: int, words: str, schema: Schema) -> None:
    with pytest.raises(RequestError) as caught:
        parse(text, schema, undeclared={"warranty"})
    assert caught.value.column == column
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"filters, column {column}: ")


def test_an_error_shows_the_place(schema: Schema) -> None:
    with pytest.raises(RequestError) as caught:
        parse('brand:"Sony" AND\ncolr:red', schema)
    assert str(caught.value).splitlines() == [
        'filters, column 18: no field is called "colr"; did you mean "colour"?',
        '  brand:"Sony" AND colr:red',
        "                   ^",
    ]
    assert caught.value.nearest == ("colour",)


def test_an_error_names_the_parameter_that_the_text_came_from(schema: Schema) -> None:
    with pytest.raises(RequestError, match=r"^enforced filter, column 1: "):
        parse("colr:red", schema, parameter="enforced filter")


def test_an_unknown_channel_is_named(schema: Schema) -> None:
    with pytest.raises(RequestError, match=r'^channel: the index has no channel "us", but default, jp, kw') as caught:
        parse("price < 5", schema, "us")
    assert caught.value.column is None


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_filter_is_an_error(text: str, schema: Schema) -> None:
    with pytest.raises(RequestError, match="it is empty"):
        parse(text, schema)


def nested(depth: int, opening: str, closing: str) -> str:
    return opening * depth + "brand:a" + closing * depth


# Text within the limit, text beyond it, and the column beyond.
LIMITS = {
    "characters": ("brand:" + "x" * 3994, "brand:" + "x" * 3995, None),
    "parentheses": (nested(20, "(", ")"), nested(21, "(", ")"), 21),
    "NOT": (nested(20, "NOT ", ""), nested(21, "NOT ", ""), 81),
    "both": (nested(10, "NOT (", ")"), nested(11, "NOT (", ")"), 51),
    "as deep as the text is long": (nested(1, "(", ")"), nested(1996, "(", ")"), 21),
    "conditions": (" OR ".join(["brand:a"] * 200), " OR ".join(["brand:a"] * 201), 2201),
    "values": (f"brand IN ({','.join('x' * 500)})", f"brand IN ({','.join('x' * 501)})", 1011),
}


@pytest.mark.parametrize(("within", "beyond", "column"), LIMITS.values(), ids=LIMITS)
def test_limits(within: str, beyond: str, column: int | None, schema: Schema) -> None:
    parse(within, schema)
    with pytest.raises(RequestError, match="at most") as caught:
        parse(beyond, schema)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "column"),
    [("(" * 3999, 21), ("NOT " * 999, 81), ("not (" * 11 + "brand:a", 51), ("brand:a AND (" * 21 + ")", 273)],
)
def test_a_filter_that_breaks_off_too_deep_is_told_of_the_limit(text: str, column: int, schema: Schema) -> None:
    with pytest.raises(RequestError, match="parentheses and NOT nest at most 20 deep") as caught:
        parse(text, schema)
    assert caught.value.column == column


@pytest.mark.parametrize(
    "text",
    [
        "(" * 20,
        "NOT " * 20,
        "(brand:a) AND " * 30,
        "brand IN (a) AND " * 30 + "(" * 20,
        "(" * 20 + "brand IN (",
        'brand:"((((((((((((((((((((((" AND',
        "NOT brand:a AND " * 30,
    ],
)
def test_another_mistake_is_told_as_that(text: str, schema: Schema) -> None:
    with pytest.raises(RequestError, match="the filter ends where"):
        parse(text, schema)


@given(st.text("abcAND ORNTINexists(),:<>=!.\"'`\\ 0159-Tpricebrand\n", max_size=40))
@example("(" * 3000)
@example("NOT " * 1000)
@example("a:" + "." * 3000)
def test_any_text_is_a_filter_or_an_error_with_its_place(schema: Schema, text: str) -> None:
    outcome: Filter | RequestError
    try:
        outcome = parse(text, schema)
    except RequestError as error:
        outcome = error
    if isinstance(outcome, RequestError):
        assert outcome.column is None or 1 <= outcome.column <= len(text) + 1


def holds(condition: Filter, value: float) -> bool:
    assert isinstance(condition, Range)
    above = condition.lower is None or value > condition.lower or (condition.include_lower and value == condition.lower)
    below = condition.upper is None or value < condition.upper or (condition.include_upper and value == condition.upper)
    return above and below


COMPARE = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@given(st.integers(0, 500), st.integers(0, 5000), st.sampled_from(sorted(COMPARE)))
def test_a_price_is_compared_exactly_with_any_decimals(schema: Schema, minor: int, tenths: int, operator: str) -> None:
    condition = parse(f"price {operator} {tenths / 1000:.3f}", schema)
    assert holds(condition, minor) == COMPARE[operator](Fraction(minor, 100), Fraction(tenths, 1000))


@given(st.integers(-DAY, 2 * DAY), st.sampled_from(sorted(COMPARE)))
def test_a_time_is_compared_with_the_day_as_a_whole(schema: Schema, offset: int, operator: str) -> None:
    condition = parse(f"released_at {operator} 2020-01-01", schema)
    assert holds(condition, JAN_1 + offset) == COMPARE[operator](offset // DAY, 0)
