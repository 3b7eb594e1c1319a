"""What the last commit says: how far each file is valid, and the change number it stands at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import tantivy

from indexer.engines.embedded.fields import COMMIT, KIND, META, TextSchema
from indexer.engines.embedded.layout import GenerationFiles
from indexer.errors import CorruptionError, StorageError


@dataclass(frozen=True, slots=True)
class Committed:
    """The commit's figures, kept inside tantivy's own commit.

    Args:
        rows: rows of all files that are valid.
        log_bytes: of the row log.
        source_bytes: of the sources file.
        change_number: newest change that is in it.
    """

    rows: int = 0
    log_bytes: int = 0
    source_bytes: int = 0
    change_number: int = 0

    def to_json(self) -> dict[str, int]:
        return asdict(self)


def make_text(files: GenerationFiles, schema: TextSchema) -> None:
    """Makes the empty tantivy index of a new generation."""
    files.text.mkdir(exist_ok=True)
    with text_errors(files.text):
        tantivy.Index(schema.native, path=str(files.text))


@contextmanager
def text_errors(path: Path) -> Iterator[None]:
    """Turns what tantivy says of a write into a StorageError: it has no other errors than those of the disk there."""
    try:
        yield
    except ValueError as error:
        raise StorageError(
            f"{path} cannot be written ({error}): make room on the disk and run it again; nothing acknowledged is lost"
        ) from error


def open_text(files: GenerationFiles, schema: TextSchema) -> tantivy.Index:
    """Opens the tantivy index.

    Raises:
        CorruptionError: it is missing, damaged or not of this schema.
        StorageError: its folder cannot be written.
    """
    if not files.text.is_dir() or not tantivy.Index.exists(str(files.text)):
        # Opening it would make an empty one, which answers as though there were no products.
        raise CorruptionError(
            f"{files.text} holds no index: rebuild it from the catalogue with `shelfwise indexes rebuild`"
        )
    try:
        index = tantivy.Index(schema.native, path=str(files.text), reuse=True)
        index.config_reader("manual")
        index.reload()
    except ValueError as error:
        if not os.access(files.text, os.W_OK):
            raise StorageError(
                f"{files.text} cannot be written, and its lock is taken there even to read: "
                "let this user write it, and mount the disk for writing"
            ) from error
        raise CorruptionError(
            f"{files.text} cannot be opened ({error}): rebuild the index from the catalogue "
            "with `shelfwise indexes rebuild`"
        ) from error
    return index


def committed_state(index: tantivy.Index, files: GenerationFiles) -> Committed:
    """The figures of the newest commit that `index` has loaded."""
    return searcher_state(index.searcher(), index.schema, files)


def searcher_state(searcher: tantivy.Searcher, schema: tantivy.Schema, files: GenerationFiles) -> Committed:
    """The figures of the commit that a searcher sees."""
    hits = searcher.search(tantivy.Query.term_query(schema, KIND, COMMIT), 1, False).hits
    if not hits:
        if searcher.num_docs:
            raise CorruptionError(f"{files.text} is no index of Shelfwise: it lacks the figures of its commit")
        return Committed()
    text = searcher.doc(hits[0][1]).get_first(META)
    return Committed(**orjson.loads(str(text)))
