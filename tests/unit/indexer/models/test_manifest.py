"""The manifest of a kept model holds its files to what they were."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from indexer.errors import CorruptionError
from indexer.models.manifest import FILE_NAME, ModelManifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.onnx").write_bytes(b"abc")
    manifest = ModelManifest.of(tmp_path, name="m", version="1", libraries=["numpy"], facts={"dim": 3})
    manifest.write(tmp_path)
    return tmp_path


def test_it_reads_back_what_was_written(folder: Path) -> None:
    manifest = ModelManifest.read(folder)
    assert (manifest.name, manifest.version, manifest.facts) == ("m", "1", {"dim": 3})
    assert manifest.libraries == {"numpy": version("numpy")}
    # sha256 of "abc", from FIPS 180-2
    assert manifest.files == {"model.onnx": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}


def test_a_changed_and_a_missing_file_are_corruption(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"abd")
    with pytest.raises(CorruptionError, match=r"model\.onnx has sha256 .*, wanted ba7816bf.*; delete "):
        ModelManifest.read(folder)
    (folder / "model.onnx").unlink()
    with pytest.raises(CorruptionError, match=r"model\.onnx has sha256 nothing"):
        ModelManifest.read(folder)


@pytest.mark.parametrize("text", [None, "", "[]", '{"name": "m"}', "half a mani"])
def test_a_damaged_manifest_is_corruption(folder: Path, text: str | None) -> None:
    (folder / FILE_NAME).unlink()
    if text is not None:
        (folder / FILE_NAME).write_text(text)
    with pytest.raises(CorruptionError, match=r"cannot be read .*; delete "):
        ModelManifest.read(folder)


def test_the_format_of_a_newer_release_is_named(folder: Path) -> None:
    path = folder / FILE_NAME
    path.write_text(re.sub(r'"format": \d+', '"format": 99', path.read_text()))
    with pytest.raises(CorruptionError, match="has format 99, wanted 1"):
        ModelManifest.read(folder)
