"""What a process opens once and hands down: the catalogue, the engine, the encoders and the searchers.

Composition roots (the web app, the command line, workers) make one `Services` after any fork.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import quote

from filelock import FileLock, Timeout

from indexer.encoders.cache import CachedQueries
from indexer.encoders.factory import open_encoder
from indexer.encoders.protocol import TextEncoder
from indexer.engines.embedded.engine import EmbeddedEngine
from indexer.errors import ConflictError, IndexerError
from indexer.errors import NotFoundError as IndexerNotFoundError
from indexer.fields import Schema
from indexer.files import disk_errors, sync_directory
from indexer.jobs.embedding import Embedder
from indexer.store.catalogue import open_catalogue
from indexer.store.protocol import CatalogueStore
from search.config import Config
from search.errors import ConfigurationError, NotFoundError
from search.pages import Pages
from search.searcher import IndexSearcher
from search.settings import IndexSettings, settings_from_json

_log = logging.getLogger(__name__)


@dataclass
class _Opened:
    """A searcher with what tells whether it is still the newest."""

    searcher: IndexSearcher
    generation: int
    settings_version: int
    checked_at: float
    undeclared: frozenset[str] | None = None


class Services:
    """Thread-safe. Everything is opened when first asked for."""

    def __init__(self, config: Config) -> None:
        if config.engine != "embedded":
            raise ConfigurationError(f"engine is {config.engine!r}; this release has `embedded`")
        self.config = config
        self._lock = threading.RLock()
        self._catalogue: CatalogueStore | None = None
        self._encoders: dict[tuple[str, tuple[str, ...]], TextEncoder] = {}
        self._searchers: dict[str, _Opened] = {}
        self.pages = Pages(config.data_dir / "pages.db")
        self.engine = EmbeddedEngine(config.index_dir, config.thread_count)

    @property
    def catalogue(self) -> CatalogueStore:
        """The catalogue, made or upgraded where it needs to be."""
        with self._lock:
            if self._catalogue is None:
                with disk_errors(self.config.data_dir):
                    if not self.config.data_dir.is_dir():
                        self.config.data_dir.mkdir(parents=True, exist_ok=True)
                        sync_directory(self.config.data_dir.parent)
                self._catalogue = open_catalogue(self.config.catalogue_url)
            return self._catalogue

    def settings(self, index: str) -> tuple[IndexSettings, int]:
        """(settings, version) of an index.

        Raises:
            NotFoundError: there is no such index.
        """
        try:
            record = self.catalogue.get_index(index)
        except IndexerNotFoundError as error:
            raise NotFoundError(str(error)) from error
        return settings_from_json(record.settings), record.settings_version

    def encoder(self, name: str, languages: tuple[str, ...] = ()) -> TextEncoder:
        """The encoder of that name, opened once; the first time its int8 form is made, which takes a minute."""
        with self._lock:
            key = (name, languages)
            if key not in self._encoders:
                opened = open_encoder(
                    name,
                    self.config.models_dir,
                    threads=self.config.thread_count,
                    backend="torch" if self.config.text_backend == "torch" else "onnx",
                    languages=languages or None,
                )
                self._encoders[key] = (
                    CachedQueries(opened, self.config.query_cache) if self.config.query_cache else opened
                )
            return self._encoders[key]

    def embedder(self, schema: Schema) -> Embedder | None:
        """What embeds texts for an index of this schema; None where it names no encoder."""
        if not schema.encoder:
            return None
        return Embedder(self.encoder(schema.encoder, schema.encoder_languages), self.catalogue.embeddings)

    def searcher(self, index: str) -> IndexSearcher:
        """The searcher of an index's live generation, at its newest commit as of `refresh_ms` ago.

        Raises:
            NotFoundError: there is no such index, or nothing was imported into it yet.
        """
        with self._lock:
            opened = self._searchers.get(index)
            now = time.monotonic()
            if opened is not None and (now - opened.checked_at) * 1000 < self.config.refresh_ms:
                return opened.searcher
            live = self.engine.live(index)
            if live is None:
                self.settings(index)
                raise NotFoundError(
                    f"index {index!r} is empty: import a feed with `shelfwise import FEED --index {index}`"
                )
            settings, version = self.settings(index)
            if opened is None or opened.generation != live or opened.settings_version != version:
                opened = _Opened(self._open_searcher(index, live, settings), live, version, now)
                self._searchers[index] = opened
            else:
                opened.searcher.reader.refresh()
                opened.checked_at = now
            return opened.searcher

    @contextmanager
    def writing(self, index: str, wait_s: float = 0.0) -> Iterator[None]:
        """Holds the index's writer lease.

        Raises:
            ConflictError: another process holds it.
        """
        path = self.config.data_dir / "locks" / f"{quote(index, safe='-_')}.lock"
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(path).acquire(timeout=wait_s):
                yield
        except Timeout as error:
            raise ConflictError(
                f"index {index!r} is being written by another process: try again when it is done"
            ) from error

    def undeclared(self, index: str) -> frozenset[str]:
        """Attributes that products of the index have, but that it does not declare; for error messages."""
        with self._lock:
            opened = self._searchers.get(index)
            if opened is None:
                return frozenset()
            if opened.undeclared is None:
                declared = {field.attribute for field in opened.searcher.schema.attributes}
                names = (entry.name for entry in self.catalogue.attributes.list_all(index))
                opened.undeclared = frozenset(name for name in names if name not in declared)
            return opened.undeclared

    def forget(self, index: str) -> None:
        """Closes what is open of an index that was deleted."""
        with self._lock:
            self._searchers.pop(index, None)

    def close(self) -> None:
        """Closes everything."""
        with self._lock:
            for opened in self._searchers.values():
                opened.searcher.reader.close()
            self._searchers.clear()
            self.pages.close()
            if self._catalogue is not None:
                self._catalogue.close()
                self._catalogue = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open_searcher(self, index: str, number: int, settings: IndexSettings) -> IndexSearcher:
        reader = self.engine.reader(index, number)
        schema = reader.spec.schema
        encoder, reason = None, ""
        if schema.encoder:
            try:
                encoder = self.encoder(schema.encoder, schema.encoder_languages)
                if encoder.manifest.version != reader.spec.encoder_version:
                    reason = (
                        f"the vectors are of encoder version {reader.spec.encoder_version}, "
                        f"this process has {encoder.manifest.version}: run `shelfwise indexes rebuild {index}`"
                    )
                    encoder = None
            except IndexerError as error:
                reason = f"the encoder {schema.encoder!r} cannot be opened: {error}"
            if reason:
                _log.error("index %s answers by words only: %s", index, reason)
        return IndexSearcher(reader, settings.ranking, encoder, reason)
