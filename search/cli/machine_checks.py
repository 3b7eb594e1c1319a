"""Checks of what is installed: libraries, models, disk."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from indexer.encoders.describe import model_version
from indexer.encoders.exported import FORM
from indexer.errors import IndexerError
from indexer.models.manifest import ModelManifest
from indexer.models.publish import model_folder
from indexer.models.source import ModelSource, find_model
from indexer.models.source import check_model as check_files
from search.cli.finding import Finding, State
from search.cli.output import count, megabytes
from search.config import Config

_LITTLE_BYTES = 1_000_000_000
_HASHING = "hashing"


def check_libraries() -> Iterator[Finding]:
    """Whether what Shelfwise needs is installed, in releases that it was tested with."""
    needed = [Requirement(text) for text in requires("shelfwise") or ()]
    needed = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong = 0
    for one in needed:
        try:
            seen = version(one.name)
        except PackageNotFoundError:
            seen = "none"
        if seen == "none" or not one.specifier.contains(seen, prereleases=True):
            wrong += 1
            yield Finding(
                one.name,
                State.PROBLEM,
                f"{seen} is installed, wanted {one.specifier}",
                f'run `pip install "{one.name}{one.specifier}"`',
            )
    if not wrong:
        about = f"Shelfwise {version('shelfwise')}, Python {platform.python_version()}"
        yield Finding("libraries", State.OK, f"{about}, {count(len(needed), 'library', 'libraries')} as wanted")


def check_data_dir(config: Config) -> Iterator[Finding]:
    """Whether the data directory can be written, and has room."""
    folder = config.data_dir.resolve()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        yield Finding(
            "data directory",
            State.PROBLEM,
            f"{there} cannot be written: {error.strerror or error}",
            "run as the user that owns it, or name another one with --data-dir or SHELFWISE_DATA_DIR",
        )
    else:
        remark = "" if there == folder else ", not there yet: the first import makes it"
        yield Finding("data directory", State.OK, f"{folder}{remark}")
    free = shutil.disk_usage(there).free
    if free < _LITTLE_BYTES:
        yield Finding(
            "disk", State.WARNING, f"{megabytes(free)} are free", "make room before the next import or rebuild"
        )
    else:
        yield Finding("disk", State.OK, f"{megabytes(free)} are free")


def check_model(config: Config, name: str) -> Finding:
    """Whether a text model is on this machine, is the right one, and is ready to be used.

    Args:
        name: as the settings call it, "" for none.
    """
    check = f"model {name}" if name else "model"
    if not name:
        return Finding(check, State.OK, "none is wanted: searches go by words only")
    if name == _HASHING:
        return Finding(check, State.OK, "needs no files; it is for tests, and knows no meanings")
    os.environ["HF_HUB_OFFLINE"] = "1"  # looking must not download
    try:
        source = find_model(name)
        check_files(source)
    except IndexerError as error:
        return Finding(check, State.PROBLEM, str(error), "until then searches go by words only, and imports stop")
    pinned = "its files have the pinned hashes" if source.pinned else f"in {source.folder}"
    if config.text_backend != "onnx":
        return Finding(check, State.OK, pinned)
    folder = _kept_form(config, source)
    if not folder.exists():
        return Finding(check, State.OK, f"{pinned}; its int8 form is made on first use, which takes half a minute")
    try:
        facts = ModelManifest.read(folder).facts
    except IndexerError as error:
        return Finding(check, State.PROBLEM, str(error), "until then searches go by words only, and imports stop")
    return Finding(check, State.OK, f"{pinned}; its int8 form is whole (mean cosine {facts['parity']['mean']:.4f})")


def is_made(config: Config, name: str) -> bool:
    """Whether a model that was found in order can be opened without being made ready first, which takes a while."""
    if name in ("", _HASHING) or config.text_backend != "onnx":
        return True
    try:
        return _kept_form(config, find_model(name)).exists()
    except IndexerError:
        return True  # it cannot be made either: opening says at once why


def _kept_form(config: Config, source: ModelSource) -> Path:
    return model_folder(config.models_dir, source.name, model_version(source, FORM))
