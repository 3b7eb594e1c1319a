from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import FeedError
from indexer.feeds.errors import TruncatedFeedError
from indexer.feeds.json_items import JsonShape, find_shape, read_json_items
from indexer.feeds.json_row import leading_members, parse_row
from indexer.feeds.jsonl import read_json_lines
from indexer.feeds.records import Record

WHOLE = b'[{"id": 1, "a": "x}]{\\"", "b": [{"c": 2}]}, {"id": 2, "t": "\\\\"},\n{"id": 3}]'


def items(data: bytes, max_row_bytes: int = 1000, size: int = 1 << 18) -> Iterator[Record]:
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    return read_json_items(chunks, max_row_bytes, find_shape(data))


def ids(records: Iterator[Record]) -> list[object]:
    return [record.values.get("id") for record in records]


def test_the_items_of_an_array_are_cut_at_their_borders() -> None:
    found = list(items(WHOLE))
    assert [record.values for record in found] == [
        {"id": 1, "a": 'x}]{"', "b": [{"c": 2}]},
        {"id": 2, "t": "\\"},
        {"id": 3},
    ]
    assert [WHOLE[record.offset_bytes :][:9] for record in found] == [b'{"id": 1,', b'{"id": 2,', b'{"id": 3}']


@pytest.mark.parametrize("size", range(1, 12))
def test_where_the_chunks_are_cut_makes_no_difference(size: int) -> None:
    assert list(items(WHOLE, size=size)) == list(items(WHOLE))


@given(st.binary(max_size=60), st.integers(1, 7))
def test_bytes_of_any_kind_are_split_the_same_however_they_come(noise: bytes, size: int) -> None:
    def outcome(step: int) -> list[object]:
        found: list[object] = []
        try:
            found.extend(repr(record) for record in items(b"[" + noise, size=step))
        except FeedError as error:
            found.append(type(error))
        return found

    assert outcome(size) == outcome(1000)


def test_an_array_in_an_object_is_found_beside_other_members() -> None:
    data = b'{"count": 2, "meta": {"items": [{"id": 9}]}, "products": [{"id": 1}, {"id": 2}], "next": null}'
    assert find_shape(data) == JsonShape(data.index(b'[{"id": 1') + 1, array=True, wrapped=True)
    assert ids(items(data)) == [1, 2]


def test_objects_after_one_another_are_items_too() -> None:
    assert ids(items(b'{\n"id": 1\n}\n{\n"id": 2\n}\n')) == [1, 2]


def test_a_broken_item_spoils_nothing_but_itself() -> None:
    found = list(items(b'[{"id": 1}, {"id": 2,, "t": 3}, 17, {"id": 3}]'))
    assert [(record.values.get("id"), record.fault is not None) for record in found] == [
        (1, False),
        (2, True),
        (None, True),
        (3, False),
    ]


def test_an_item_above_the_limit_is_passed_over() -> None:
    found = list(items(b'[{"id": 1, "t": "' + b"x" * 2000 + b'"}, {"id": 2}]', size=100))
    assert [(record.values, record.fault is None) for record in found] == [({"id": 1}, False), ({"id": 2}, True)]


@pytest.mark.parametrize("end", [-1, -2, -5, -12])
def test_a_cut_array_gives_what_came_before(end: int) -> None:
    found: list[Record] = []
    with pytest.raises(TruncatedFeedError, match="breaks off"):
        found.extend(items(WHOLE[:end]))
    assert [record.values["id"] for record in found if record.fault is None][:2] == [1, 2]


def test_a_wrapper_without_its_end_is_cut() -> None:
    with pytest.raises(TruncatedFeedError, match="behind its 1 items"):
        list(items(b'{"products": [{"id": 1}], "more": "'))


def test_what_follows_the_end_is_an_error() -> None:
    with pytest.raises(FeedError, match="follows the end"):
        list(items(b'[{"id": 1}] [{"id": 2}]'))


def test_json_lines_keep_their_numbers_past_empty_and_broken_lines() -> None:
    records = list(read_json_lines(iter([b'{"id": 1}\n\n{"id": \n{"id": 3}\n']), 100))
    assert [(record.line, record.fault is None) for record in records] == [(1, True), (3, False), (4, True)]


def test_a_last_line_that_is_cut_is_told() -> None:
    with pytest.raises(TruncatedFeedError, match="line 2"):
        list(read_json_lines(iter([b'{"id": 1}\n{"id": 2, "t']), 100))


def test_a_last_line_without_its_end_may_be_whole() -> None:
    assert ids(read_json_lines(iter([b'{"id": 1}\n{"id": 2}']), 100)) == [1, 2]


def test_of_a_key_that_stands_twice_the_last_value_counts() -> None:
    assert parse_row(b'{"id": 1, "id": 2}') == ({"id": 2}, None)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"[1]", "not an array"),
        (b"null", "not null"),
        (b'"text"', "not a string"),
        (b'{"id": 7, "t": }', "not valid JSON at character 16"),
        (b'{"id": 7, "t": "\xff"}', "not UTF-8: byte 0xff at byte 16"),
        (b'{"id": 7, "t": ' + b"[" * 100_000, "nested too deep"),
        (b'{"id": 7, "t": ' + b"9" * 5000 + b"}", "not valid JSON at a number"),
    ],
)
def test_what_is_wrong_is_told_and_the_id_is_read_where_it_can_be(raw: bytes, reason: str) -> None:
    values, fault = parse_row(raw)
    assert fault is not None
    assert reason in fault.reason
    if raw.startswith(b"{"):
        assert values["id"] == 7


def test_bytes_that_are_no_utf_8_name_their_field() -> None:
    values, fault = parse_row(b'{"id": "7", "title": "\xe9t\xe9"}')
    assert fault is not None
    assert (fault.field, dict(values)) == ("title", {"id": "7"})


def test_leading_members_leave_out_what_may_be_cut() -> None:
    assert leading_members('{"id": "a", "n": 12') == {"id": "a"}
    assert leading_members('{"id": "a", "n": 12,') == {"id": "a", "n": 12}
    assert leading_members("nothing") == {}
