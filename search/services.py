"""What a process opens once and hands down: the catalogue, the engine, the encoders and the searchers.

Composition roots (the web app, the command line, workers) make one `Services` after any fork.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from indexer.encoders.cache import CachedQueries
from indexer.encoders.factory import open_encoder
from indexer.encoders.protocol import TextEncoder
from indexer.engines.protocol import Engine
from indexer.errors import ConflictError as IndexerConflictError
from indexer.errors import IndexerError, StorageError
from indexer.errors import NotFoundError as IndexerNotFoundError
from indexer.fields import Schema
from indexer.files import disk_errors, sync_directory
from indexer.index_name import MAX_NAME_BYTES, file_name
from indexer.jobs.embedding import Embedder
from indexer.jobs.locks import open_locks
from indexer.jobs.writers import Writers
from indexer.store.catalogue import open_catalogue
from indexer.store.protocol import CatalogueStore
from search.config import Config
from search.data_lock import sharing
from search.dispatch import CeleryDispatcher, Dispatcher
from search.engine import open_engine
from search.errors import ConfigurationError, NoIndexError, UnavailableError
from search.pages import FilePages, Pages
from search.patience import Patience
from search.records.retention import Retention
from search.records.writer import RecordWriter
from search.searcher import IndexSearcher
from search.settings import IndexSettings, ranked_under, settings_from_json
from search.tasks import Tasks

_log = logging.getLogger(__name__)

SETTINGS_S = 1.0
"""So old may the settings be that a searcher ranks by: they are in SQL, which is not asked for every search."""

NO_CATALOGUE_S = 10.0
"""So long no search asks for settings after a catalogue that could not be asked: each would wait for it."""


SETTINGS_BUDGET_S = 0.5
"""So long a search waits for the version of the settings, once in `SETTINGS_S`; it takes a millisecond."""


@dataclass
class _Opened:
    """A searcher with what tells whether it is still the newest, and when that was last made sure of."""

    searcher: IndexSearcher
    generation: int
    settings_version: int
    refreshed_at: float
    settings_read_at: float
    undeclared: frozenset[str] | None = None
    patience: Patience[int] = field(default_factory=lambda: Patience("the catalogue's database", SETTINGS_BUDGET_S))


class Services:
    """Thread-safe. Everything is opened when first asked for; who asks for one thing waits for no other."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._lock = threading.Lock()
        # By what is opened: an encoder takes seconds, which concern only those who want this very one.
        self._opening: dict[str | tuple[str, tuple[str, ...]], threading.Lock] = {}
        self._catalogue: CatalogueStore | None = None
        self._in_use = ExitStack()
        self._encoders: dict[tuple[str, tuple[str, ...]], TextEncoder] = {}
        self._searchers: dict[str, _Opened] = {}
        self.dispatcher: Dispatcher = CeleryDispatcher(config)
        self._writers: Writers | None = None
        self.locks = open_locks(config.catalogue_url, config.data_dir / "locks")
        self.pages = _pages(config)
        kept = Retention(config.records_days, config.records_max_mb * 1_000_000)
        self.records = RecordWriter(config.records_dir, kept, enabled=config.records == "on")
        self.engine: Engine = open_engine(config)

    @property
    def catalogue(self) -> CatalogueStore:
        """The catalogue, made or upgraded where it needs to be. While it is open, no backup can be restored over it.

        Raises:
            ConflictError: one is being restored.
        """
        with self._lock:
            if self._catalogue is None:
                with disk_errors(self.config.data_dir):
                    if not self.config.data_dir.is_dir():
                        self.config.data_dir.mkdir(parents=True, exist_ok=True)
                        sync_directory(self.config.data_dir.parent)
                with ExitStack() as in_use:
                    in_use.enter_context(sharing(self.config.data_dir))
                    self._catalogue = open_catalogue(self.config.catalogue_url)
                    self._in_use = in_use.pop_all()
            return self._catalogue

    def settings(self, index: str) -> tuple[IndexSettings, int]:
        """(settings, version) of an index.

        Raises:
            NoIndexError: there is none.
        """
        try:
            record = self.catalogue.get_index(index)
        except IndexerNotFoundError as error:
            raise NoIndexError(str(error)) from error
        return settings_from_json(record.settings), record.settings_version

    def encoder(self, name: str, languages: tuple[str, ...] = ()) -> TextEncoder:
        """The encoder of that name, opened once; the first time its int8 form is made, which takes a minute."""
        key = (name, languages)
        with self._opening.setdefault(key, threading.Lock()):
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
        """The searcher of an index's live generation, at its newest commit as of `refresh_ms` ago and ranking by the
        settings of at most a second ago, whichever process changed them.

        Raises:
            NoIndexError: there is no such index, or nothing was imported into it yet.
        """
        self._sweep_pages()
        if index not in self._searchers:
            if not file_name(index):
                raise NoIndexError(f"there is no index {index[:40]!r}…: names take 1 to {MAX_NAME_BYTES} bytes")
            self._live(index)  # nothing is kept of a name that no index has
        with self._opening.setdefault(index, threading.Lock()):
            opened = self._searchers.get(index)
            now = time.monotonic()
            if opened is None:
                return self._open(index, now)
            if (now - opened.refreshed_at) * 1000 >= self.config.refresh_ms:
                if self._live(index) != opened.generation:
                    return self._open(index, now)
                opened.searcher.reader.refresh()
                opened.refreshed_at = now
            if now - opened.settings_read_at >= SETTINGS_S:
                if self._settings_version(index, opened) != opened.settings_version:
                    return self._open(index, now)
                opened.settings_read_at = max(opened.settings_read_at, now)
            return opened.searcher

    def dropped(self) -> dict[str, int]:
        """What this process could not keep, by what it was."""
        return {"search records": self.records.dropped}

    @property
    def tasks(self) -> Tasks:
        """What asks workers for work."""
        return Tasks(self.catalogue.tasks, self.dispatcher)

    @property
    def writers(self) -> Writers:
        """What writes to live generations."""
        catalogue = self.catalogue
        with self._lock:
            if self._writers is None:
                self._writers = Writers(self.engine, catalogue, self.locks)
            return self._writers

    def undeclared(self, index: str) -> frozenset[str]:
        """Attributes that products of the index have, but that it does not declare; for error messages."""
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
        self._searchers.pop(index, None)
        self._opening.pop(index, None)

    def close(self) -> None:
        """Closes everything."""
        with self._lock:
            if self._writers is not None:
                self._writers.close()
                self._writers = None
            self.locks.close()
            for opened in self._searchers.values():
                opened.searcher.reader.close()
            self._searchers.clear()
            self.engine.close()
            self.pages.close()
            self.records.close()
            if self._catalogue is not None:
                self._catalogue.close()
                self._catalogue = None
            self._in_use.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _live(self, index: str) -> int:
        """The number of the index's live generation.

        Raises:
            NoIndexError: there is none.
        """
        live = self.engine.live(index)
        if live is None:
            self.forget(index)
            self.settings(index)
            products = self.catalogue.count(index)
            if products:
                raise NoIndexError(
                    f"index {index!r} has no generation that could be searched, and {products:,} products in the "
                    f"catalogue: build one from them with `shelfwise indexes rebuild {index}`"
                )
            raise NoIndexError(f"index {index!r} is empty: import a feed with `shelfwise import FEED --index {index}`")
        return live

    def _open(self, index: str, now: float) -> IndexSearcher:
        live = self._live(index)
        settings, version = self.settings(index)
        opened = _Opened(self._open_searcher(index, live, settings), live, version, now, now)
        self._searchers[index] = opened
        return opened.searcher

    def _settings_version(self, index: str, opened: _Opened) -> int:
        """That of the settings; the one that is ranked by where the catalogue cannot be asked: the index can."""
        try:
            if not self.config.is_on_server:
                return self.settings(index)[1]
            return opened.patience.ask(lambda: self.settings(index)[1])
        except (IndexerConflictError, StorageError, UnavailableError) as error:
            _log.warning("index %s is ranked by the settings that were read last: %s", index, error)
            opened.settings_read_at = time.monotonic() + NO_CATALOGUE_S
            return opened.settings_version

    def _sweep_pages(self) -> None:
        try:
            self.pages.sweep()
        except StorageError as error:
            _log.warning("what people searched for is kept longer than it should be: %s", error)

    def _open_searcher(self, index: str, number: int, settings: IndexSettings) -> IndexSearcher:
        reader = self.engine.reader(index, number)
        schema = reader.spec.schema
        if settings.schema != schema:
            # They are those of a generation that is still being built.
            try:
                settings = ranked_under(
                    self.catalogue.generations.get(index, number).spec["settings"], settings.ranking
                )
            except IndexerNotFoundError:
                _log.warning("index %s: generation %d has no record, ranking by the defaults", index, number)
                settings = IndexSettings(schema)
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
        return IndexSearcher(reader, settings.ranking, encoder, reason, self.config.thread_count)


def _pages(config: Config) -> Pages:
    if not config.redis_url:
        return FilePages(config.data_dir / "pages.db")
    # Imported here: a process without Redis needs no driver of it.
    from search.pages.redis import RedisPages

    try:
        return RedisPages(config.redis_url, config.namespace)
    except ValueError as error:
        raise ConfigurationError(f"redis_url is no address of Redis: {error}") from error
