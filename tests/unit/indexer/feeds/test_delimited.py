from __future__ import annotations

import pytest

from indexer.errors import FeedError
from indexer.feeds.delimited import read_delimited, unique_names
from indexer.feeds.dialect import Dialect, detect_dialect
from indexer.feeds.errors import TruncatedFeedError
from indexer.feeds.records import Record


def rows(data: bytes, encoding: str = "utf-8", max_row_bytes: int = 1000) -> list[Record]:
    dialect = detect_dialect(data, encoding)
    return list(read_delimited(iter([data]), max_row_bytes, dialect, encoding))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_from_the_rows(delimiter: str) -> None:
    lines = (["id", "title", "text"], ["1", '"a, b; c"', "d"], ["2", "e", "1,5"])
    data = "".join(delimiter.join(line) + "\n" for line in lines).encode()
    assert detect_dialect(data, "utf-8").delimiter == delimiter


def test_a_hint_for_spreadsheets_is_believed_and_no_header() -> None:
    assert [record.values for record in rows(b"sep=|\r\nid|title\r\n1|a,b\r\n")] == [{"id": "1", "title": "a,b"}]


def test_line_ends_of_old_macs_are_known() -> None:
    assert detect_dialect(b"id,title\r1,a\r", "utf-8").terminator == b"\r"
    assert [record.values["title"] for record in rows(b"id,title\r1,a\r2,b\r")] == ["a", "b"]


def test_quoted_cells_span_lines_and_the_line_is_that_of_the_beginning() -> None:
    data = b'id,title\n1,"two\nlines ""quoted"""\n2,b\n'
    found = rows(data)
    assert [(record.line, record.offset_bytes, record.values["title"]) for record in found] == [
        (2, 9, 'two\nlines "quoted"'),
        (4, data.index(b"2,b"), "b"),
    ]


def test_a_quote_within_an_unquoted_cell_is_an_inch() -> None:
    assert rows(b'id,title\n1,27" screen\n')[0].values == {"id": "1", "title": '27" screen'}


def test_a_quote_that_is_never_closed_spoils_its_line_only() -> None:
    found = rows(b'id,title\n1,"open\n2,b\n3,c\n')
    assert [(record.values["id"], record.fault is None) for record in found] == [("1", False), ("2", True), ("3", True)]
    assert found[0].fault is not None
    assert "quotes do not fit" in found[0].fault.reason


@pytest.mark.parametrize("row", [b"7,a", b"7,a,b,c"])
def test_a_row_of_another_width_is_at_fault_with_its_id(row: bytes) -> None:
    first, second = rows(b"id,title,text\n" + row + b"\n8,a,b\n")
    assert first.fault is not None
    assert (first.values["id"], second.fault) == ("7", None)
    assert "cells where the header has 3" in first.fault.reason


def test_empty_cells_beyond_the_header_may_come_from_a_moved_row() -> None:
    first, second = rows(b"id,title,text\n1,Chair, red,\n2,b,c\n")
    assert (first.fault is None, second.fault is None) == (False, True)


def test_empty_rows_are_passed_over_and_a_second_header_is_at_fault() -> None:
    found = rows(b"id,title\n\n,\n1,a\nid,title\n")
    assert [(record.line, record.fault is None) for record in found] == [(4, True), (5, False)]


def test_bytes_of_another_encoding_spoil_their_row_only() -> None:
    found = rows("id,title\n1,Stühle\n".encode() + b"2,St\xfchle\n3,c\n")
    assert [record.fault is None for record in found] == [True, False, True]
    fault = found[1].fault
    assert fault is not None
    assert (fault.field, found[1].values["id"]) == ("title", "2")


@pytest.mark.parametrize("long", [b"x" * 200, b'"' + b"x\n" * 100 + b'"'])
def test_a_row_above_the_limit_is_at_fault_and_reading_goes_on(long: bytes) -> None:
    found = rows(b"id,title\n1," + long + b"\n2,b\n", max_row_bytes=100)
    assert found[0].fault is not None
    assert "longer than 100 bytes" in found[0].fault.reason
    assert (found[0].values, found[-1].values) == ({"id": "1"}, {"id": "2", "title": "b"})


@pytest.mark.parametrize("end", [b"2,b", b'2,b,"c'])
def test_a_last_row_without_its_end_is_a_cut_feed(end: bytes) -> None:
    data = b"id,title,text\n1,a,b\n" + end
    with pytest.raises(TruncatedFeedError, match="line 3"):
        list(read_delimited(iter([data]), 1000, Dialect(","), "utf-8"))


def test_a_header_that_cannot_be_read_is_an_error_of_the_feed() -> None:
    with pytest.raises(FeedError, match="header"):
        rows(b'"id,title\n1,a\n')


def test_names_of_columns_are_made_unique() -> None:
    assert unique_names(["image", "", "image", " image "]) == ["image", "column 2", "image_2", "image_3"]


def test_pairs_of_name_and_value_become_one_column() -> None:
    data = (
        b"ID,Attribute 1 name,Attribute 1 value(s),Option 2 Name,Option 2 Value\n"
        b'1,Color,"Red, Blue",Size,"L, tall"\n2,,lost,,\n'
    )
    assert [record.values for record in rows(data)] == [
        {"ID": "1", "Color": ["Red", "Blue"], "Size": "L, tall"},
        {"ID": "2", "Attribute 1 value(s)": "lost"},
    ]
