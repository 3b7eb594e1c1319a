"""What the backup of every store is: one file, as of one moment, that is opened like any other catalogue."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from catalogue_cases import batch, mirror_of

from indexer.errors import ConfigurationError, InputError
from indexer.store.catalogue import open_catalogue
from indexer.store.protocol import CatalogueStore


def test_a_backup_is_as_of_one_moment_while_others_write(catalogue: CatalogueStore, tmp_path: Path) -> None:
    catalogue.upsert("shop", batch(*(f"p{number}" for number in range(500))))
    done = threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            number += 1
            catalogue.upsert("shop", batch(*(f"{number}-{part}" for part in range(5))))
            catalogue.delete("shop", [f"{number}-0"])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            catalogue.backup(tmp_path / f"backup-{number}.db")
    finally:
        done.set()
        writer.join()
    assert sorted(entry.name for entry in tmp_path.glob("backup*")) == [f"backup-{number}.db" for number in range(3)]

    before = -1
    for number in range(3):
        copy = open_catalogue(f"sqlite:///{tmp_path}/backup-{number}.db")
        record = copy.get_index("shop")
        changes = copy.changes("shop", 0, 1_000_000)
        # Six changes a round: what the counters say is what the rows are, so that both are of the same moment.
        assert record.change_number == max(change.change_number for change in changes)
        assert record.product_count == len(mirror_of(copy, "shop"))
        assert len(changes) == 500 + -(-(record.change_number - 500) // 6) * 5
        assert record.change_number > before
        before = record.change_number
        copy.close()


def test_a_backup_is_complete_by_itself(catalogue: CatalogueStore, tmp_path: Path) -> None:
    catalogue.upsert("shop", batch("a", "b"))
    catalogue.backup(tmp_path / "backup.db")
    moved = tmp_path / "moved" / "other.db"
    moved.parent.mkdir()
    (tmp_path / "backup.db").rename(moved)
    assert [entry.name for entry in moved.parent.iterdir()] == ["other.db"]
    copy = open_catalogue(f"sqlite:///{moved}")
    assert mirror_of(copy, "shop") == mirror_of(catalogue, "shop")
    assert copy.get_index("shop") == catalogue.get_index("shop")
    copy.close()


def test_a_backup_replaces_nothing(catalogue: CatalogueStore, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    target.write_text("precious")
    with pytest.raises(InputError, match=r"backup\.db exists already; choose another name"):
        catalogue.backup(target)
    assert target.read_text() == "precious"


def test_a_backup_that_cannot_be_written_is_told(catalogue: CatalogueStore, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"missing/backup\.db.*unable to open database file"):
        catalogue.backup(tmp_path / "missing" / "backup.db")
