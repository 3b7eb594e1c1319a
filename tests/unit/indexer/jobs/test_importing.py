from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson
import pytest

from indexer.errors import FeedError, RefusedError
from indexer.feeds.errors import TruncatedFeedError
from indexer.feeds.records import Rejected, Row
from indexer.fields import Schema
from indexer.jobs.importing import Acknowledgement, ImportOptions, ImportReport, import_rows
from indexer.jobs.progress import Silent, Stopped
from indexer.product import Product
from indexer.store.catalogue import open_catalogue
from indexer.store.protocol import CatalogueStore

SYNC = ImportOptions(sync=True)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[CatalogueStore]:
    opened = open_catalogue(f"sqlite:///{tmp_path}/catalogue.db")
    opened.create_index("shop", {})
    yield opened
    opened.close()


def row(line: int, id_: str, title: str = "Lamp") -> Row:
    return Row(line, 100 * line, Product(id_, title))


def many(count: int, title: str = "Lamp") -> list[Row | Rejected]:
    return [row(line, f"p{line}", title) for line in range(1, count + 1)]


def imported(
    catalogue: CatalogueStore,
    folder: Path,
    rows: Iterable[Row | Rejected],
    options: ImportOptions | None = None,
    acknowledged: list[Acknowledgement] | None = None,
) -> ImportReport:
    return import_rows(
        catalogue, "shop", rows, Schema(), options or ImportOptions(), folder, Silent(),
        acknowledge=None if acknowledged is None else acknowledged.append,
    )  # fmt: skip


def titles(catalogue: CatalogueStore) -> dict[str, str]:
    return {
        change.id: orjson.loads(change.document)["title"]
        for change in catalogue.changes("shop", 0, 500)
        if change.document is not None
    }


def test_the_same_feed_again_writes_nothing(catalogue: CatalogueStore, tmp_path: Path) -> None:
    first = imported(catalogue, tmp_path, many(3))
    assert (first.created, first.change_number) == (3, 3)
    again = imported(catalogue, tmp_path, many(3))
    assert (again.created, again.updated, again.unchanged, again.change_number) == (0, 0, 3, 3)
    changed = imported(catalogue, tmp_path, [*many(2), row(3, "p3", "Chair")])
    assert (changed.updated, changed.unchanged, changed.change_number) == (1, 2, 4)


def test_of_duplicate_ids_the_last_wins_and_again_writes_nothing(catalogue: CatalogueStore, tmp_path: Path) -> None:
    rows = [row(1, "a", "Old"), row(2, "b"), row(3, "a", "New")]
    first = imported(catalogue, tmp_path, rows)
    assert (first.duplicates, titles(catalogue)) == (1, {"a": "New", "b": "Lamp"})
    again = imported(catalogue, tmp_path, rows)
    assert (again.duplicates, again.created, again.updated) == (1, 0, 0)
    assert again.change_number == first.change_number


def test_each_chunk_is_acknowledged_when_it_is_durable(catalogue: CatalogueStore, tmp_path: Path) -> None:
    acknowledged: list[Acknowledgement] = []
    rows = many(1200)
    rows.insert(10, Rejected(11, "", "price", "x", "no price"))
    imported(catalogue, tmp_path, rows, acknowledged=acknowledged)
    assert [(one.last_line, one.change_number, one.created, one.rejected) for one in acknowledged] == [
        (500, 500, 500, 1), (1000, 1000, 500, 0), (1200, 1200, 200, 0),
    ]  # fmt: skip


def test_rejects_go_to_a_file(catalogue: CatalogueStore, tmp_path: Path) -> None:
    bad = Rejected(2, "b", "price", "−5", "a price cannot be negative")
    report = imported(catalogue, tmp_path, [row(1, "a"), bad, row(3, "c")])
    assert (report.rejected, report.created, report.first_rejects) == (1, 2, [bad])
    assert report.rejects_file is not None
    (line,) = report.rejects_file.read_bytes().splitlines()
    assert orjson.loads(line) == {
        "line": 2, "id": "b", "field": "price", "value": "−5", "reason": "a price cannot be negative",
    }  # fmt: skip
    assert imported(catalogue, tmp_path, [row(1, "a")]).rejects_file is None


def test_strict_stops_at_the_first_bad_row_and_keeps_what_came_before(
    catalogue: CatalogueStore, tmp_path: Path
) -> None:
    acknowledged: list[Acknowledgement] = []
    rows = [row(1, "a"), Rejected(2, "b", "price", "x", "no price"), row(3, "c")]
    report = imported(catalogue, tmp_path, rows, ImportOptions(strict=True), acknowledged)
    assert isinstance(report.refused, RefusedError)
    assert str(report.refused).startswith("line 2, field 'price': no price (seen: 'x'); stopped because of --strict")
    assert (report.rows, set(titles(catalogue))) == (2, {"a"})
    assert [one.created for one in acknowledged] == [1]


def test_strict_keeps_a_row_that_was_held_for_its_duplicate(catalogue: CatalogueStore, tmp_path: Path) -> None:
    imported(catalogue, tmp_path, [row(1, "a", "Old"), row(2, "a", "New")])
    rows = [row(1, "a", "Newer"), Rejected(2, "b", "price", "x", "no price")]
    imported(catalogue, tmp_path, rows, ImportOptions(strict=True))
    assert titles(catalogue) == {"a": "Newer"}


def test_damage_behind_the_first_rows_keeps_them_and_before_them_is_an_error(
    catalogue: CatalogueStore, tmp_path: Path
) -> None:
    def damaged(rows: list[Row | Rejected]) -> Iterator[Row | Rejected]:
        yield from rows
        raise FeedError("the gzip stream is damaged")

    with pytest.raises(FeedError):
        imported(catalogue, tmp_path, damaged([]))
    assert imported(catalogue, tmp_path, damaged(many(3))).truncated == "the gzip stream is damaged"
    assert catalogue.count("shop") == 3


def test_a_stop_keeps_what_was_acknowledged(catalogue: CatalogueStore, tmp_path: Path) -> None:
    class Impatient(Silent):
        def stopping(self) -> bool:
            return True

    with pytest.raises(Stopped):
        import_rows(catalogue, "shop", many(700), Schema(), ImportOptions(), tmp_path, Impatient())
    assert catalogue.count("shop") == 500
    assert imported(catalogue, tmp_path, many(700)).created == 200


def test_a_sync_removes_what_the_feed_no_longer_has(catalogue: CatalogueStore, tmp_path: Path) -> None:
    imported(catalogue, tmp_path, many(10))
    # p9 is rejected, but it is still in the feed; p10 is gone.
    rejected = Rejected(9, "p9", "price", "x", "no price")
    report = imported(catalogue, tmp_path, [*many(8), rejected], SYNC)
    assert (report.removed, report.change_number) == (1, 11)
    assert set(titles(catalogue)) == {f"p{n}" for n in range(1, 10)}


@pytest.mark.parametrize(
    ("kept", "without_id", "cut", "message"),
    [
        (7, 0, False, "3 of 10 products would be removed"),
        (9, 1, False, "1 of 10 rows have no readable id"),
        (9, 0, True, r"the feed breaks off \(line 9\)"),
    ],
)
def test_a_sync_that_looks_like_a_mistake_is_refused(
    catalogue: CatalogueStore, tmp_path: Path, kept: int, without_id: int, cut: bool, message: str
) -> None:
    imported(catalogue, tmp_path, many(10))

    def rows() -> Iterator[Row | Rejected]:
        yield from many(kept, "Changed")
        for number in range(without_id):
            yield Rejected(kept + number + 1, "", "id", "", "no id")
        if cut:
            raise TruncatedFeedError("line 9")

    refused = imported(catalogue, tmp_path, rows(), SYNC)
    assert re.search(message, str(refused.refused))
    assert (refused.removed, catalogue.count("shop")) == (0, 10)
    assert titles(catalogue)["p1"] == "Changed"  # the rows are written all the same
    report = imported(catalogue, tmp_path, rows(), ImportOptions(sync=True, force=True))
    assert (report.removed, report.refused) == (10 - kept, None)
