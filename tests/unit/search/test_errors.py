import pickle

import pytest

from search.errors import ExpiredError, Place, RequestError, SearchError, shown


def test_a_request_error_survives_pickling_with_all_it_knows() -> None:
    error = RequestError("filters", "colr:red", "no such field", 1, ("colour", "color"))
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.parameter, copy.value, copy.detail, copy.column, copy.nearest) == (
        "filters",
        "colr:red",
        "no such field",
        1,
        ("colour", "color"),
    )
    assert str(copy) == str(error)
    assert str(pickle.loads(pickle.dumps(ExpiredError("gone")))) == "gone"


def test_the_message_names_parameter_column_and_suggestions() -> None:
    assert str(RequestError("page", "x", "wanted is a number")) == "page: wanted is a number"
    error = RequestError("filters", "colr:red", "no such field", 1, ("colour", "color"))
    assert str(error) == 'filters, column 1: no such field; did you mean "colour" or "color"?\n  colr:red\n  ^'


@pytest.mark.parametrize("column", [1, 60, 61, 100, 200, 201])
def test_the_caret_stands_under_the_column(column: int) -> None:
    text = "".join(chr(ord("a") + n % 26) for n in range(200))
    line, caret = RequestError("filters", text, "wrong", column).excerpt.splitlines()
    assert len(line) <= 100
    assert caret == " " * caret.index("^") + "^"
    assert (line + " ")[caret.index("^")] == (text + " ")[column - 1]


def test_a_place_makes_errors_that_point_at_it() -> None:
    error = Place("filters", "a:b", 3).error("wrong", ("c",))
    assert isinstance(error, SearchError)
    assert error.args == ("filters", "a:b", "wrong", 3, ("c",))


def test_values_are_shown_short_and_valid() -> None:
    assert shown("a\ud800b") == "a?b"
    assert shown(12) == "12"
    assert shown("x" * 200) == "x" * 200
    assert shown("x" * 201) == "x" * 199 + "…"
