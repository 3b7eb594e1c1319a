"""Filters compiled for Elasticsearch: what their cases are, and bounds that no number of its can be."""

from __future__ import annotations

import math

import pytest

from indexer.engines.elasticsearch.conditions import NOTHING, Case, Conditions
from indexer.engines.elasticsearch.fields import Fields
from indexer.engines.query import And, Filter, In, Not, Or, Range
from indexer.errors import InputError
from indexer.fields import Field, FieldType, Schema

SCHEMA = Schema(
    attributes=(
        Field("colour", FieldType.KEYWORD, "colour", variant=True),
        Field("size", FieldType.KEYWORD, "size", variant=True),
        Field("weight", FieldType.NUMBER, "weight"),
    ),
)
CONDITIONS = Conditions(Fields(SCHEMA))
RED, LARGE, ALMA = In("colour", ("red",)), In("size", ("L",)), In("brand", ("Alma",))
HEAVY = Range("weight", 5)


def test_ordinary_filters_ask_the_product_alone() -> None:
    for condition in (RED, And((ALMA, RED)), And((ALMA, HEAVY)), Or((RED, LARGE)), Not(RED)):
        assert "nested" not in repr(CONDITIONS.query(condition))
    assert "nested" in repr(CONDITIONS.query(And((RED, LARGE))))


def test_conditions_on_the_product_stand_apart_from_those_on_one_variant() -> None:
    assert CONDITIONS.cases(And((ALMA, And((RED, HEAVY)), LARGE))) == [
        Case((ALMA, HEAVY), (), And((RED, LARGE))),
    ]
    assert CONDITIONS.cases(And((ALMA, HEAVY))) == [Case((ALMA, HEAVY), (), None)]


def test_cases_are_disjoint() -> None:
    assert CONDITIONS.cases(And((LARGE, Or((RED, ALMA))))) == [
        Case((ALMA,), (), LARGE),
        Case((), (ALMA,), And((LARGE, RED))),
    ]
    assert CONDITIONS.cases(Or((And((RED, LARGE)), ALMA))) == [
        Case((ALMA,), (), None),
        Case((), (ALMA,), And((RED, LARGE))),
    ]


def test_a_condition_that_comes_twice_is_decided_once() -> None:
    twice = And((Or((RED, ALMA)), Or((LARGE, ALMA))))
    assert CONDITIONS.cases(twice) == [Case((ALMA,), (), None), Case((), (ALMA,), And((RED, LARGE)))]


def test_too_many_cases_are_refused() -> None:
    tangled = And(tuple(Or((RED, And((LARGE, In("brand", (str(number),)))))) for number in range(20)))
    with pytest.raises(InputError, match="fewer"):
        CONDITIONS.query(tangled)


@pytest.mark.parametrize(
    ("condition", "asked"),
    [
        (Range("price@default", 10.2, 20.8), {"range": {"price@default": {"gte": 11, "lte": 20}}}),
        (Range("price@default", 10, 20, False, False), {"range": {"price@default": {"gte": 11, "lte": 19}}}),
        (Range("price@default", 1e300), NOTHING),
        (Range("price@default", None, -1e300), NOTHING),
        (Range("price@default", -1e300, 5), {"range": {"price@default": {"gte": -(2**63) + 1, "lte": 5}}}),
        (Range("price@default", math.inf), NOTHING),
        (Range("price@default", -math.inf, None), {"exists": {"field": "price@default"}}),
        (Range("weight", math.nan), NOTHING),
        (Range("weight", 1.5, 2.5, False, True), {"range": {"attributes.weight": {"gt": 1.5, "lte": 2.5}}}),
        (
            Range("released_at", 1.5, 2),
            {"range": {"released_at": {"gte": 2000, "lte": 2000, "format": "epoch_millis"}}},
        ),
        (In("price@default", (5, 7.5)), {"terms": {"price@default": [5]}}),
        (In("released_at", (5,)), {"terms": {"released_at": [5]}}),
        (In("in_stock@default", (True,)), {"terms": {"in_stock@default": [True]}}),
        (In("brand", ()), NOTHING),
        (Or(()), NOTHING),
        (And(()), {"match_all": {}}),
    ],
    ids=repr,
)
def test_bounds_and_values(condition: Filter, asked: object) -> None:
    assert CONDITIONS.query(condition) == asked
