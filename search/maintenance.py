"""What operators do to indexes: import, settings, rebuild, roll back, copy, delete. The CLI and workers call it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from indexer.engines.query import Scope, SearchQuery
from indexer.errors import ConflictError, StorageError
from indexer.errors import NotFoundError as IndexerNotFoundError
from indexer.feeds.records import Rejected, Row
from indexer.fields import DEFAULT_TEXT_TEMPLATE, Schema
from indexer.index_name import check_index_name
from indexer.jobs.applying import Applied
from indexer.jobs.building import Built
from indexer.jobs.duplicates import forget_duplicates
from indexer.jobs.importing import Acknowledgement, ImportOptions, ImportReport, import_rows
from indexer.jobs.locks import Work
from indexer.jobs.progress import Progress, Silent, Stopped
from indexer.jobs.rejects import remove_rejects
from indexer.jobs.switching import previous_generation, roll_back
from indexer.jobs.tally import Tally
from indexer.store.records import MAX_BATCH, GenerationRecord, IndexRecord
from search.filters import parse
from search.generations import Generations
from search.services import Services
from search.settings import IndexSettings, check_settings, ranked_under, settings_from_json, settings_to_json

MOMENT_S = 1.0
"""For whoever only looks whether a lock is free, and holds it for that."""
_SPACE_FACTOR = 1.3
"""A rebuild needs about as much room as the live generation has, and some for its merges."""
_BYTES_PER_PRODUCT = 6_000
"""Room of a product in a first generation, where nothing is known yet."""


@dataclass(frozen=True, slots=True)
class Imported:
    """report: what became of the rows; built: the first generation, or None; applied: what the live one has taken."""

    report: ImportReport
    built: Built | None
    applied: Applied
    computed_vectors: int
    reused_vectors: int


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """What new settings need: nothing but writing them down, or a rebuild, for these reasons."""

    rebuild_reasons: tuple[str, ...]


class Maintenance:
    """Each call holds the locks that its work needs for as long as it works.

    Args:
        wait_s: for another process that imports into the same index, or builds it.
    """

    def __init__(self, services: Services, wait_s: float = MOMENT_S) -> None:
        self._services = services
        self._catalogue = services.catalogue
        self._engine = services.engine
        self._generations = Generations(services, wait_s)

    def new_settings(self) -> IndexSettings:
        """Those of a new index: the process's text encoder, and defaults."""
        return IndexSettings(Schema(encoder=self._services.config.text_model, text_template=DEFAULT_TEXT_TEMPLATE))

    def ensure_index(self, index: str, settings: IndexSettings | None = None) -> tuple[IndexRecord, bool]:
        """(the index, whether it was made now).

        Args:
            settings: of a new one; `new_settings` where None.

        Raises:
            ConfigurationError: there is none, and none can have these settings.
            InputError: no index can be called so.
        """
        try:
            return self._catalogue.get_index(index), False
        except IndexerNotFoundError:
            check_index_name(index)
            wanted = settings or self.new_settings()
            check_settings(wanted)
            try:
                return self._catalogue.create_index(index, settings_to_json(wanted)), True
            except ConflictError:  # another process made it meanwhile
                return self._catalogue.get_index(index), False

    def import_feed(
        self,
        index: str,
        rows: Iterable[Row | Rejected],
        options: ImportOptions,
        progress: Progress,
        *,
        acknowledge: Callable[[Acknowledgement], None] | None = None,
        schema: Schema | None = None,
    ) -> Imported:
        """Imports a feed and brings the index up to date with it.

        The first import declares the fields from what it met and builds the first generation; later ones write to the
        live generation. What is refused is refused behind the rows that were taken, which are then searchable.

        Args:
            rows: of the feed.
            schema: of an index that does not exist yet; None: the defaults.

        Raises:
            RefusedError: a bad row under `strict`, or a sync that would remove too much.
            FeedError, Stopped: see `import_rows`.
        """
        with self._generations.holding(index, Work.IMPORT):
            record, _ = self.ensure_index(index, None if schema is None else IndexSettings(schema))
            settings = settings_from_json(record.settings)
            # Where earlier rows are there already, counting these would not be all of it.
            tally = None if record.change_number else Tally()
            report = import_rows(
                self._catalogue,
                index,
                rows,
                settings.schema,
                options,
                self._services.config.imports_dir,
                progress,
                tally=tally,
                acknowledge=acknowledge,
            )
            built, applied, vectors = self._generations.follow(index, progress, "the first import", tally)
            imported = Imported(report, built, applied, *vectors)
            if report.refused is not None:
                raise report.refused
            return imported

    def catch_up(self, index: str, progress: Progress) -> Applied:
        """Brings the live generation up to the catalogue's newest change; builds one where there is none."""
        return self._generations.follow(index, progress, "nothing was built yet")[1]

    def catch_up_with(self, index: str, first: int, last: int) -> Applied:
        """Makes the changes `first` to `last` searchable at once; see `Generations.catch_up_with`."""
        return self._generations.catch_up_with(index, first, last)

    def delete_matching(self, index: str, filter_text: str, progress: Progress) -> int:
        """Deletes the products that match a filter, and makes that visible.

        Returns:
            How many there were.

        Raises:
            RequestError: the filter is wrong.
            Stopped: asked to; those that are deleted stay so.
        """
        self.catch_up(index, progress)
        deleted = 0
        while True:
            searcher = self._services.searcher(index)
            searcher.reader.refresh()
            scope = Scope(filter=parse(filter_text, searcher.schema))
            if not deleted:
                progress.stage("deleting", searcher.reader.count(None, scope))
            found = searcher.reader.search(SearchQuery(scope=scope, limit=MAX_BATCH))
            gone = self._catalogue.delete(index, [hit.id for hit in found.lexical]).deleted
            if not gone:
                return deleted
            deleted += len(gone)
            self.catch_up(index, Silent())
            progress.advance(len(gone))
            if progress.stopping():
                raise Stopped

    def rebuild(self, index: str, progress: Progress, note: str = "asked for") -> Built:
        """Builds a new generation from the catalogue and switches to it.

        Raises:
            StorageError: the disk has not enough room for one; nothing was begun.
        """
        with self._generations.holding(index, Work.BUILD):
            self._generations.settle(index)
            self.check_space(index)
            return self._generations.build(index, progress, note)

    def roll_back(self, index: str, progress: Progress) -> GenerationRecord:
        """Makes the previous generation live again, with its settings.

        Raises:
            NotFoundError: there is none.
        """
        with self._generations.holding(index, Work.BUILD):
            self._generations.settle(index, rolling_back=True)
            previous = previous_generation(self._catalogue, self._engine, index)
            schema = settings_from_json(previous.spec["settings"]).schema
            present = self._services.settings(index)[0].ranking
            settings = settings_to_json(ranked_under(previous.spec["settings"], present))
            embedder = self._services.embedder(schema)
            switching = partial(self._generations.switching, index)
            return roll_back(self._catalogue, self._engine, index, embedder, progress, settings, switching)

    def plan_settings(self, index: str, new: IndexSettings) -> SettingsChange:
        """What it would take to put new settings in force.

        Raises:
            ConfigurationError: they cannot be.
        """
        check_settings(new)
        live = self._engine.live(index)
        # What is searched, not what is written down: a change that was cut off before its rebuild is still to be made.
        old = self._services.settings(index)[0].schema if live is None else self._engine.spec(index, live).schema
        names = ("attributes", "language", "languages", "currencies", "channel", "encoder", "encoder_languages",
                 "text_template", "max_text_chars")  # fmt: skip
        reasons = [f"{name} changed" for name in names if getattr(old, name) != getattr(new.schema, name)]
        return SettingsChange(tuple(reasons))

    def put_settings(self, index: str, new: IndexSettings, version: int) -> int:
        """Writes new settings down; where they need a rebuild, the old ones serve until it is done.

        Args:
            version: of the settings that `new` was made from.

        Returns:
            Their version.

        Raises:
            ConfigurationError: they cannot be put in force.
            ConflictError: they were changed meanwhile.
            StorageError: the disk has no room for the rebuild.
        """
        if self.plan_settings(index, new).rebuild_reasons:
            self.check_space(index)
        return self._catalogue.update_settings(index, settings_to_json(new), version).settings_version

    def change_settings(self, index: str, new: IndexSettings, version: int, progress: Progress) -> Built | None:
        """Puts new settings in force; what needs a rebuild is rebuilt, and the old settings serve until the switch.

        Args:
            version: of the settings that `new` was made from.

        Raises:
            ConfigurationError: they cannot be put in force.
            ConflictError: they were changed meanwhile.
        """
        with self._generations.holding(index, Work.BUILD):
            self._generations.settle(index)
            plan = self.plan_settings(index, new)
            if plan.rebuild_reasons:
                self.check_space(index)
            self._catalogue.update_settings(index, settings_to_json(new), version)
            if not plan.rebuild_reasons:
                return None
            return self._generations.build(index, progress, "; ".join(plan.rebuild_reasons))

    def copy(self, index: str, new: str, progress: Progress) -> Built:
        """Copies an index under a new name and builds it."""
        with self._generations.holding(new, Work.IMPORT), self._generations.holding(new, Work.BUILD):
            self._catalogue.copy_index(index, new)
            return self._generations.build(new, progress, f"a copy of {index}")

    def delete(self, index: str) -> None:
        """Deletes an index with all its products and generations, and what its imports left behind."""
        with (
            self._generations.holding(index, Work.IMPORT),
            self._generations.holding(index, Work.BUILD),
            self._services.writers.hold(index) as live,
        ):
            self._services.settings(index)
            live.close()
            self._engine.drop_index(index)
            # Before the index is forgotten, so that a deletion that was cut off can be repeated.
            remove_rejects(self._services.config.imports_dir, index)
            forget_duplicates(self._services.config.imports_dir, index)
            self._catalogue.delete_index(index)
            self._services.forget(index)

    def check_space(self, index: str) -> None:
        """Makes sure that a new generation fits on the disk.

        Raises:
            StorageError: it does not, with the figures.
        """
        live = self._engine.live(index)
        needed = (
            self._catalogue.count(index) * _BYTES_PER_PRODUCT
            if live is None
            else int(self._engine.size_bytes(index, live) * _SPACE_FACTOR)
        )
        free = self._engine.free_bytes()
        if needed > free:
            raise StorageError(
                f"a new generation of {index!r} needs about {needed / 1e6:,.0f} MB, the disk has {free / 1e6:,.0f} MB "
                "free: make room first; nothing was changed"
            )
