"""What keeps an index's generations up with its catalogue: follows changes, writes urgent ones, builds new ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial

from indexer.engines.protocol import EngineWriter
from indexer.errors import ConflictError
from indexer.jobs.applying import Applied, Writing, apply_changes, apply_range
from indexer.jobs.building import Built, build_generation
from indexer.jobs.locks import Work
from indexer.jobs.progress import Progress, Silent
from indexer.jobs.tally import Tally, tally_of
from search.services import Services
from search.settings import settings_from_json, settings_to_json


class Generations:
    """The generations of all indexes, as their catalogue wants them.

    Args:
        wait_s: for another process that builds the same index.
    """

    def __init__(self, services: Services, wait_s: float) -> None:
        self._services = services
        self._wait_s = wait_s
        self._catalogue = services.catalogue
        self._engine = services.engine

    def follow(
        self, index: str, progress: Progress, note: str, tally: Tally | None = None
    ) -> tuple[Built | None, Applied, tuple[int, int]]:
        """Brings the live generation up to the catalogue's newest change, or builds one where there is none."""
        while True:
            live = self.settle(index)
            if live is None or self._declares(index):
                with self.holding(index, Work.BUILD):
                    if self.settle(index) == live:  # else another process built one meanwhile
                        built = self.build(index, progress, note, tally)
                        return built, built.applied, (built.computed_vectors, built.reused_vectors)
                continue
            try:
                applied, vectors = self._apply(index, live, progress)
            except _MovedError:
                continue
            return None, applied, vectors

    def catch_up_with(self, index: str, first: int, last: int) -> Applied:
        """Makes the changes `first` to `last` searchable at once, whatever long work is under way.

        Args:
            first, last: change numbers of one write to the catalogue.
        """
        while True:
            with self._services.writers.hold(index, urgent=True) as live:
                number = live.number
            if number is None or self._declares(index):
                return self.follow(index, Silent(), "the first products")[1]
            schema = self._engine.spec(index, number).schema
            embedder = self._services.embedder(schema)
            writing = self._writing(index, number, urgent=True)
            try:
                applied = apply_range(self._catalogue, index, writing, schema, embedder, first, last)
            except _MovedError:
                continue
            self._catalogue.generations.advance(index, number, applied.change_number)
            return applied

    def build(self, index: str, progress: Progress, note: str, tally: Tally | None = None) -> Built:
        """Builds a generation; the first one from what the catalogue declares with it.

        Args:
            tally: of all products, where they were counted on their way into the catalogue.
        """
        if self._declares(index):
            self._declare(index, tally or tally_of(self._catalogue, index))
        settings, _ = self._services.settings(index)
        embedder = self._services.embedder(settings.schema)
        switching = partial(self.switching, index)
        return build_generation(
            self._catalogue, self._engine, index, settings_to_json(settings), embedder, progress, note, switching
        )

    def settle(self, index: str, *, rolling_back: bool = False) -> int | None:
        """The number of the live generation, None where one must be built; see `settle_switch`."""
        with self._services.writers.hold(index, rolling_back=rolling_back) as live:
            return live.number

    @contextmanager
    def switching(self, index: str) -> Iterator[None]:
        """Keeps out whoever writes to the live generation, for the switch at the end of work under `Work.BUILD`.

        Raises:
            ConflictError: the lock of that work was lost meanwhile; another process may be at the same.
        """
        with self._services.writers.switching(index):
            self._services.locks.check(index, Work.BUILD)
            yield

    def holding(self, index: str, work: Work) -> AbstractContextManager[None]:
        """Holds a lock of an index; see `IndexLocks`."""
        return self._services.locks.holding(index, work, self._wait_s)

    def _declares(self, index: str) -> bool:
        """Whether what there is is yet to be declared: no attributes are, and no generation ever held a product."""
        live = self._catalogue.generations.live(index)
        record = self._catalogue.get_index(index)
        declared = settings_from_json(record.settings).schema.attributes
        return record.change_number > 0 and not declared and (live is None or not live.change_number)

    def _declare(self, index: str, tally: Tally) -> None:
        record = self._catalogue.get_index(index)
        settings = settings_from_json(record.settings)
        declared = replace(settings, schema=tally.declare(settings.schema))
        self._catalogue.update_settings(index, settings_to_json(declared), record.settings_version)
        self._catalogue.attributes.replace(index, tally.counts())

    def _apply(self, index: str, live: int, progress: Progress) -> tuple[Applied, tuple[int, int]]:
        schema = self._engine.spec(index, live).schema
        embedder = self._services.embedder(schema)
        writing = self._writing(index, live)
        with writing() as writer:
            waiting = self._catalogue.get_index(index).change_number - writer.change_number
        progress.stage("indexing", waiting)
        applied = apply_changes(self._catalogue, index, writing, schema, embedder, progress)
        self._catalogue.generations.advance(index, live, applied.change_number)
        return applied, (embedder.computed, embedder.reused) if embedder is not None else (0, 0)

    def _writing(self, index: str, number: int, *, urgent: bool = False) -> Writing:
        """Gives the writer of a generation for as long as that is the live one."""

        @contextmanager
        def writing() -> Iterator[EngineWriter]:
            with self._services.writers.hold(index, urgent=urgent) as live:
                if live.number != number:
                    raise _MovedError(f"index {index!r} has moved from generation {number} to {live.number}; try again")
                yield live.writer()

        return writing


class _MovedError(ConflictError):
    """Another generation is live than the one that was being written to."""
