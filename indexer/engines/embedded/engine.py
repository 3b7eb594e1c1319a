"""All generations of a data directory: see `Engine`."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path
from urllib.parse import unquote

from indexer.engines.embedded.fields import TextSchema
from indexer.engines.embedded.layout import (
    FORMAT,
    GenerationFiles,
    index_directory,
    load_manifest,
    save_manifest,
    stored_format,
)
from indexer.engines.embedded.reader import EmbeddedReader
from indexer.engines.embedded.state import make_text
from indexer.engines.embedded.writer import EmbeddedWriter
from indexer.engines.protocol import GenerationSpec, Outdated
from indexer.errors import ConflictError, CorruptionError, NotFoundError
from indexer.files import bytes_below, disk_errors, sync_directory, write_atomically


class EmbeddedEngine:
    """The embedded engine of one directory.

    Args:
        root: the folder that holds all indexes; made when first written to.
        threads: for cutting the vectors into cells, and for the vector side of a reader's searches.
    """

    def __init__(self, root: Path, threads: int = 1) -> None:
        self._root = root
        self._threads = threads

    def create(self, spec: GenerationSpec) -> None:
        files = self._files(spec.index, spec.number)
        if files.manifest.exists():
            raise ConflictError(f"generation {spec.name} exists already")
        with disk_errors(files.root):
            files.root.mkdir(parents=True, exist_ok=True)
            make_text(files, TextSchema(spec.schema))
            # The manifest syncs its own folder; those above it may be new too.
            for folder in (files.root.parent, self._root, self._root.parent):
                sync_directory(folder)
        save_manifest(files, spec, {})

    def generations(self, index: str) -> list[int]:
        folder = index_directory(self._root, index)
        if not folder.is_dir():
            return []
        numbered = [path for path in folder.iterdir() if path.name.isdigit()]
        return sorted(int(path.name) for path in numbered if GenerationFiles(path).manifest.exists())

    def spec(self, index: str, number: int) -> GenerationSpec:
        return load_manifest(self._files(index, number))[0]

    def writer(self, index: str, number: int) -> EmbeddedWriter:
        return EmbeddedWriter(self._files(index, number), self._threads)

    def reader(self, index: str, number: int) -> EmbeddedReader:
        return EmbeddedReader(self._files(index, number), self._threads)

    def live(self, index: str) -> int | None:
        path = index_directory(self._root, index) / "live"
        try:
            text = path.read_text()
        except FileNotFoundError:
            return None
        if not text.strip().isdigit():
            raise CorruptionError(
                f"{path} holds {text[:40]!r} instead of the number of a generation: "
                f"run `shelfwise indexes rebuild {index}`"
            )
        return int(text)

    def switch(self, index: str, number: int) -> None:
        if number not in self.generations(index):
            raise NotFoundError(f"index {index!r} has no generation {number}; it has {self.generations(index)}")
        write_atomically(index_directory(self._root, index) / "live", str(number).encode())

    def drop(self, index: str, number: int) -> None:
        if self.live(index) == number:
            raise ConflictError(f"generation {index}@{number} is live: switch to another one before dropping it")
        files = self._files(index, number)
        with disk_errors(files.root):
            # Without its manifest it is no generation any more, whatever happens to the rest.
            files.manifest.unlink(missing_ok=True)
            shutil.rmtree(files.root, ignore_errors=True)

    def drop_index(self, index: str) -> None:
        folder = index_directory(self._root, index)
        with disk_errors(folder):
            (folder / "live").unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)

    def outdated(self) -> list[Outdated]:
        folders = sorted(self._root.iterdir()) if self._root.is_dir() else []
        lives = [(index, self.live(index)) for index in (unquote(folder.name) for folder in folders)]
        formats = [
            Outdated(index, live, stored_format(self._files(index, live)), FORMAT)
            for index, live in lives
            if live is not None
        ]
        return [each for each in formats if each.format < each.wanted]

    def size_bytes(self, index: str, number: int) -> int:
        return bytes_below(self._files(index, number).root)

    def free_bytes(self) -> int:
        return shutil.disk_usage(next(path for path in (self._root, *self._root.parents) if path.exists())).free

    def strays(self, known: Collection[str]) -> list[str]:
        kept = {index_directory(self._root, index) for index in known}
        folders = sorted(self._root.iterdir()) if self._root.is_dir() else []
        return [str(folder) for folder in folders if folder not in kept]

    def problems(self) -> list[str]:
        return []

    def close(self) -> None:
        """Nothing is held open between calls."""

    def _files(self, index: str, number: int) -> GenerationFiles:
        return GenerationFiles(index_directory(self._root, index) / str(number))
