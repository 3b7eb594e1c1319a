"""Each of the hostile feeds has its stated outcome: taken unchanged, a rejected row, or a clear error."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hostile import Hostile
from hostile_bytes import HOSTILE_BYTES
from hostile_structures import HOSTILE_STRUCTURES
from hostile_values import HOSTILE_VALUES

from indexer.errors import IndexerError
from indexer.feeds import Rejected, Row, open_feed

HOSTILE_FEEDS = [*HOSTILE_BYTES, *HOSTILE_STRUCTURES, *HOSTILE_VALUES]


def titles_by_id(rows: Iterable[Row]) -> dict[str, str | list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.product.id, []).append(str(row.product.title))
    return {product_id: titles[0] if len(titles) == 1 else titles for product_id, titles in found.items()}


@pytest.mark.parametrize("hostile", HOSTILE_FEEDS, ids=lambda hostile: hostile.name)
def test_a_hostile_feed_has_its_outcome(hostile: Hostile, tmp_path: Path) -> None:
    path = tmp_path / hostile.name
    with path.open("wb") as file:
        file.writelines(hostile.feed)
    rows: list[Row | Rejected] = []
    error: IndexerError | None = None
    try:
        with open_feed(path) as feed:
            rows.extend(feed)
    except IndexerError as caught:
        error = caught
    assert titles_by_id(row for row in rows if isinstance(row, Row)) == dict(hostile.taken)
    rejected = [row for row in rows if isinstance(row, Rejected)]
    assert [row.id for row in rejected] == [product_id for product_id, _ in hostile.rejected], rejected
    for row, (_, word) in zip(rejected, hostile.rejected, strict=True):
        assert word in row.reason
        assert len(row.value) <= 200
        row.value.encode()
    assert type(error) is (hostile.error or type(None)), error
    assert hostile.message in str(error)


def test_the_table_is_long_enough_and_names_are_told_apart() -> None:
    names = {hostile.name for hostile in HOSTILE_FEEDS}
    assert len(names) == len(HOSTILE_FEEDS) >= 50
