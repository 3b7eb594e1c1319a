from __future__ import annotations

import gzip
import pickle
from pathlib import Path

import pytest

from reranker.errors import EvaluationError, JudgmentsError
from reranker.evaluation.judgments import NOTHING_RELEVANT, Judgments, read_judgments

FILE = """query,product_id,title,grade,judge
red shoe,1,Red shoe,3,ann
red shoe,2,"Shoe, blue",1.5,ann
red shoe,1,Scarlet shoe,2,bob
hat,9,Hat,1,bob
"""


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "judgments.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_grades_titles_and_the_mean_of_duplicates(tmp_path: Path) -> None:
    judgments = read_judgments(written(tmp_path, FILE))

    assert judgments.grades == {"red shoe": {"1": 2.5, "2": 1.5}, "hat": {"9": 1.0}}
    assert judgments.duplicates == 1
    assert judgments.lowest == 1
    assert judgments.title_of("1") == "Red shoe"
    assert judgments.title_of("no such product") == ""
    assert judgments.items["2"].text == "Shoe, blue"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(gzip.compress(FILE.encode()), id="gzip"),
        pytest.param(b"\xef\xbb\xbf" + FILE.encode(), id="byte order mark"),
        pytest.param(FILE.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(FILE.replace("hat,", "\nhat,").encode(), id="blank line"),
        pytest.param(FILE.replace("hat,9", " hat , 9 ").encode(), id="blanks around"),
    ],
)
def test_the_same_file_in_other_forms(tmp_path: Path, content: bytes) -> None:
    plain = read_judgments(written(tmp_path, FILE))

    assert read_judgments(written(tmp_path, content)) == plain


def test_description_joins_the_text(tmp_path: Path) -> None:
    content = "query,product_id,grade,title,description\nq,1,1,Hat,Of felt\nq,2,1,,Of straw\n"

    items = read_judgments(written(tmp_path, content)).items

    assert [items["1"].text, items["2"].text] == ["Hat\nOf felt", "Of straw"]


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        ("", 1, "no column query, product_id, grade; saw nothing"),
        ("query,id,grade\nq,1,2\n", 1, "no column product_id; saw query, id, grade"),
        ("query,product_id,grade\n", 0, "no judgments"),
        ("query,product_id,grade\nq,1,2\nq,2,good\n", 3, "grade 'good' is no number from 0 to 1000"),
        ("query,product_id,grade\nq,1,nan\n", 2, "grade 'nan'"),
        ("query,product_id,grade\nq,1,-1\n", 2, "grade '-1'"),
        ("query,product_id,grade\nq,1,1001\n", 2, "grade '1001'"),
        ("query,product_id,grade\nq,1,\n", 2, "grade is empty"),
        ("query,product_id,grade\n ,1,2\n", 2, "query is empty"),
        ("query,product_id,grade\nq,,2\n", 2, "product_id is empty"),
        ("query,product_id,grade\nq,1\n", 2, "another number of fields"),
        ("query,product_id,grade\nq,1,2,3\n", 2, "another number of fields"),
        ('query,product_id,grade\nq,1,2\n"q,1,2\n', 3, "not CSV"),
        (b"query,product_id,grade\nq,1,2\ncaf\xe9,1,2\n", 3, "byte 0xe9 is not UTF-8"),
        (gzip.compress(b"query,product_id,grade\nq,1,2\n")[:-9], 0, "gzip stream is damaged"),
    ],
)
def test_errors_name_line_value_and_remedy(tmp_path: Path, content: str | bytes, line: int, says: str) -> None:
    path = written(tmp_path, content)

    with pytest.raises(JudgmentsError) as caught:
        read_judgments(path)

    assert caught.value.line == line
    assert says in str(caught.value)
    assert str(path) in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(JudgmentsError, match=r"absent\.csv: cannot be read \(No such file"):
        read_judgments(tmp_path / "absent.csv")


def test_the_lowest_grade_can_be_given_when_the_file_lacks_it(tmp_path: Path) -> None:
    path = written(tmp_path, "query,product_id,grade\nq,1,2\nq,2,2\n")

    assert read_judgments(path).select().left_out == {NOTHING_RELEVANT: 1}
    assert read_judgments(path, lowest=1).select().queries == ("q",)
    with pytest.raises(JudgmentsError, match=r"line 2: grade 2 is below the lowest grade 2\.5"):
        read_judgments(path, lowest=2.5)


def test_selection_counts_what_it_leaves_out() -> None:
    judgments = Judgments({"good": {"1": 1, "2": 0}, "short": {"1": 1}, "bad": {"1": 0, "2": 0}}, lowest=0)

    assert judgments.select().queries == ("good", "short")
    assert judgments.select(2).queries == ("good",)
    assert judgments.select(2).left_out == {"fewer than 2 judgments": 1, NOTHING_RELEVANT: 1}


def test_a_part_keeps_the_scale() -> None:
    judgments = Judgments({"a": {"1": 3, "2": 2}, "b": {"1": 0}}, lowest=0)

    assert judgments.only(["a"]) == Judgments({"a": {"1": 3, "2": 2}}, lowest=0)
    with pytest.raises(EvaluationError, match="query 'c' has no judgments"):
        judgments.only(["a", "c"])
