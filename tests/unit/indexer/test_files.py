"""Files that other processes remove meanwhile."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from indexer.files import bytes_below


def test_the_size_of_a_folder_is_that_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "one").write_bytes(bytes(100))
    (tmp_path / "deep" / "er" / "two").write_bytes(bytes(11))
    assert bytes_below(tmp_path) == 111
    assert bytes_below(tmp_path / "none") == 0


def test_what_is_removed_meanwhile_is_not_counted(tmp_path: Path) -> None:
    done = threading.Event()

    def churn() -> None:
        for _ in range(200):
            folder = tmp_path / "text" / "segments"
            folder.mkdir(parents=True)
            for number in range(20):
                (folder / str(number)).write_bytes(b"x")
            shutil.rmtree(tmp_path / "text")
        done.set()

    thread = threading.Thread(target=churn)
    thread.start()
    while not done.is_set():
        assert bytes_below(tmp_path) <= 20
    thread.join()
