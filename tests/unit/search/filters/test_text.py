import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engines.query import And, Exists, Filter, In, Not, Or, Range
from indexer.fields import Schema
from search.filters import parse, range_text, to_text, value_text
from search.filters.conditions import all_of, any_of

CASES: list[tuple[Filter, str]] = [
    (In("brand", ("Sony",)), 'brand:"Sony"'),
    (In("brand", ('a "b" \\',)), r'brand:"a \"b\" \\"'),
    (In("colour", ("red", "blue")), 'colour IN ("red", "blue")'),
    (In("discontinued", (True,)), "discontinued:true"),
    (In("screen size", (5.0, 6.5)), "`screen size` IN (5, 6.5)"),
    (In("price@default", (50_000, 1290)), "price IN (500, 12.90)"),
    (In("price@jp", (500,)), "price:500"),
    (In("released_at", (0,)), "released_at:1970-01-01T00:00:00Z"),
    (Range("price@default", upper=50_000, include_upper=False), "price < 500"),
    (Range("price@kw", lower=125), "price >= 0.125"),
    (Range("rating", 1.0, 4.0), "rating:1..4"),
    (Range("rating", 1.0, 4.0, include_lower=False, include_upper=False), "rating:1<..<4"),
    (Range("rating"), "EXISTS(rating)"),
    (Range("released_at", 0, 86_400, include_upper=False), "released_at:1970-01-01..<1970-01-02"),
    (Range("released_at", 0, 86_400), "released_at:1970-01-01..1970-01-02T00:00:00Z"),
    (Range("released_at", lower=86_400), "released_at >= 1970-01-02"),
    (Range("released_at", lower=86_400, include_lower=False), "released_at > 1970-01-02T00:00:00Z"),
    (In("exists", ("x",)), '`exists`:"x"'),
    (Exists("screen size"), "EXISTS(`screen size`)"),
    (Not(Or((Exists("brand"), Exists("rating")))), "NOT (EXISTS(brand) OR EXISTS(rating))"),
    (
        Or((And((Exists("brand"), Exists("size"))), Exists("rating"))),
        "EXISTS(brand) AND EXISTS(size) OR EXISTS(rating)",
    ),
    (
        And((Or((Exists("brand"), Exists("size"))), Exists("rating"))),
        "(EXISTS(brand) OR EXISTS(size)) AND EXISTS(rating)",
    ),
]


@pytest.mark.parametrize(("condition", "text"), CASES, ids=[text for _, text in CASES])
def test_a_filter_reads_as_a_person_would_write_it(condition: Filter, text: str, schema: Schema) -> None:
    assert to_text(condition, schema) == text


def test_values_and_ranges_of_facets_read_as_refine_takes_them(schema: Schema) -> None:
    assert value_text("brand", "a..b", schema) == "a..b"
    assert value_text("discontinued", False, schema) == "false"
    assert range_text("price@default", 1000, 2050, schema) == "10..20.50"
    assert range_text("rating", None, 4.0, schema) == "..4"
    assert range_text("released_at", 0, None, schema) == "1970-01-01.."
    assert range_text("released_at", 1, 86_400, schema) == "1970-01-01T00:00:01Z..1970-01-02"


FIRST_S, LAST_S = -62_135_596_800, 253_402_300_799  # of the years 1 and 9999

VALUES = {
    "brand": st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    "screen size": st.floats(allow_nan=False, allow_infinity=False),
    "discontinued": st.booleans(),
    "price@default": st.integers(-(10**14), 10**14),
    "released_at": st.integers(FIRST_S, LAST_S) | st.integers(-700_000, 700_000).map(lambda day: day * 86_400),
}
RANGED = ("screen size", "price@default", "released_at")


@st.composite
def memberships(draw: st.DrawFn) -> Filter:
    column = draw(st.sampled_from(sorted(VALUES)))
    return In(column, tuple(draw(st.lists(VALUES[column], min_size=1, max_size=3, unique=True))))


@st.composite
def ranges(draw: st.DrawFn) -> Filter:
    column = draw(st.sampled_from(RANGED))
    lower, upper = sorted(draw(st.lists(VALUES[column], min_size=2, max_size=2, unique=True)))
    closed = Range(column, lower, upper, draw(st.booleans()), draw(st.booleans()))
    return draw(
        st.sampled_from(
            [
                closed,
                Range(column, lower, include_lower=closed.include_lower),
                Range(column, upper=upper, include_upper=closed.include_upper),
                Range(column, lower, lower),
            ]
        )
    )


def joined(inner: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(inner, min_size=2, max_size=4)
    return inner.map(Not) | several.map(all_of) | several.map(any_of)


FILTERS = st.recursive(memberships() | ranges() | st.sampled_from(sorted(VALUES)).map(Exists), joined, max_leaves=12)


@given(FILTERS)
def test_text_parsed_again_gives_the_same_filter(schema: Schema, condition: Filter) -> None:
    assert parse(to_text(condition, schema), schema) == condition
