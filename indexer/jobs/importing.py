"""Importing: a feed into the catalogue, chunk by chunk, each acknowledged when it is durable."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from indexer.errors import FeedError, RefusedError
from indexer.feeds.records import Rejected, Row
from indexer.fields import Schema
from indexer.jobs.currencies import Currencies
from indexer.jobs.duplicates import Duplicates
from indexer.jobs.progress import Progress, Stopped
from indexer.jobs.rejects import RejectsFile
from indexer.jobs.storing import to_stored
from indexer.jobs.tally import Tally
from indexer.product import Product
from indexer.store.protocol import CatalogueStore, Sync
from indexer.store.records import MAX_BATCH, Outcome, StoredProduct

MAX_REMOVED_SHARE = 0.2
"""A sync that would remove a larger share of the catalogue is refused without `force`."""
MAX_UNREADABLE_SHARE = 0.01
"""A sync of a feed in which a larger share of rows has no readable id is refused without `force`."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A chunk that is durable: every row up to `last_line` is written or rejected.

    Rows whose id the last feed had more than once wait for its end, since only the last of them counts.

    Args:
        last_line: of the feed.
        change_number: of the catalogue after it.
    """

    last_line: int
    change_number: int
    created: int
    updated: int
    unchanged: int
    rejected: int


@dataclass
class ImportReport:
    """What became of a feed; grows while it is read.

    Attributes:
        truncated: how the feed breaks off or is damaged behind its first rows, "" where it was read to its end.
        currencies: of the offers in it, whether their products are new or not.
        refused: what a safeguard refused. Its message promises that the rows before it are searchable, so that whoever
            called raises it when they are.
    """

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    rejected: int = 0
    without_id: int = 0
    removed: int = 0
    change_number: int = 0
    last_line: int = 0
    truncated: str = ""
    rejects_file: Path | None = None
    first_rejects: list[Rejected] = field(default_factory=list)
    currencies: Currencies = field(default_factory=Currencies)
    refused: RefusedError | None = None


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a feed is taken.

    Args:
        sync: products that the feed does not have are removed.
        force: a sync is carried out even where it looks like a mistake.
        strict: the first bad row stops the import.
    """

    sync: bool = False
    force: bool = False
    strict: bool = False


_FIRST_REJECTS = 5


def import_rows(
    catalogue: CatalogueStore,
    index: str,
    rows: Iterable[Row | Rejected],
    schema: Schema,
    options: ImportOptions,
    folder: Path,
    progress: Progress,
    *,
    tally: Tally | None = None,
    acknowledge: Callable[[Acknowledgement], None] | None = None,
) -> ImportReport:
    """Writes the rows of a feed to the catalogue.

    A bad row under `strict`, and a sync that would remove too much, end it with `refused` in the report: what came
    before is written, and nothing is removed.

    Args:
        rows: of the feed, in order.
        schema: of the index; its template says what text of a product is hashed for embedding.
        folder: where rejects files and the memory of duplicate ids lie.
        tally: counts the products, for an index that declares its fields from them.
        acknowledge: hears of each chunk once it is durable.

    Raises:
        FeedError: the feed cannot be read up to its first row.
        Stopped: asked to; what was acknowledged stays, and the next import goes on from there.
    """
    report = ImportReport(change_number=catalogue.get_index(index).change_number)
    sync = catalogue.begin_sync(index) if options.sync else None
    duplicates = Duplicates(folder, index)
    rejects = RejectsFile(folder, index)
    batch = _Batch(catalogue, index, schema, duplicates, sync, report, acknowledge)
    try:
        try:
            for row in rows:
                report.rows += 1
                report.last_line = row.line
                if isinstance(row, Rejected):
                    _reject(row, report, rejects, sync)
                    if options.strict:
                        report.refused = _strict(row, report)
                        break
                else:
                    report.currencies.add(row.product)
                    if tally is not None:
                        tally.add(row.product)
                    batch.add(row.product)
                if batch.is_full:
                    batch.flush()
                    progress.advance(MAX_BATCH)
                    if progress.stopping():
                        raise Stopped
        except FeedError as error:
            if not report.rows:
                raise
            report.truncated = str(error)
        batch.finish()
        if sync is not None and report.refused is None:
            _remove_unseen(catalogue, index, sync, report, options, progress)
    finally:
        rejects.close()
        duplicates.save()
        report.rejects_file = rejects.path if report.rejected else None
        if sync is not None:
            sync.end()
    return report


class _Batch:
    """Products on their way into one transaction."""

    def __init__(
        self,
        catalogue: CatalogueStore,
        index: str,
        schema: Schema,
        duplicates: Duplicates,
        sync: Sync | None,
        report: ImportReport,
        acknowledge: Callable[[Acknowledgement], None] | None,
    ) -> None:
        self._catalogue = catalogue
        self._index = index
        self._schema = schema
        self._duplicates = duplicates
        self._sync = sync
        self._report = report
        self._acknowledge = acknowledge
        self._products: list[StoredProduct] = []
        self._held: dict[str, StoredProduct] = {}
        self._rejected_before = 0

    @property
    def is_full(self) -> bool:
        return len(self._products) >= MAX_BATCH

    def add(self, product: Product) -> None:
        stored = to_stored(product, self._schema)
        if self._duplicates.seen(product.id):
            self._report.duplicates += 1
        if self._duplicates.is_known(product.id):
            # Several rows of the last feed had this id, and the last one wins: writing each in turn would change the
            # product there and back again at every import.
            self._held[product.id] = stored
        else:
            self._products.append(stored)

    def flush(self) -> None:
        if not self._products:
            return
        written = self._catalogue.upsert(self._index, self._products)
        if self._sync is not None:
            self._sync.mark_seen([product.id for product in self._products])
        counts = {outcome: written.count(outcome) for outcome in Outcome}
        report = self._report
        report.created += counts[Outcome.CREATED]
        report.updated += counts[Outcome.UPDATED]
        report.unchanged += counts[Outcome.UNCHANGED]
        report.change_number = written.change_number
        self._products = []
        if self._acknowledge is not None:
            self._acknowledge(
                Acknowledgement(
                    last_line=report.last_line,
                    change_number=report.change_number,
                    created=counts[Outcome.CREATED],
                    updated=counts[Outcome.UPDATED],
                    unchanged=counts[Outcome.UNCHANGED],
                    rejected=report.rejected - self._rejected_before,
                )
            )
        self._rejected_before = report.rejected

    def finish(self) -> None:
        """Writes what is left, the held products last."""
        self.flush()
        held = list(self._held.values())
        for start in range(0, len(held), MAX_BATCH):
            self._products = held[start : start + MAX_BATCH]
            self.flush()
        self._held = {}


def _reject(row: Rejected, report: ImportReport, rejects: RejectsFile, sync: Sync | None) -> None:
    report.rejected += 1
    rejects.add(row)
    if len(report.first_rejects) < _FIRST_REJECTS:
        report.first_rejects.append(row)
    if not row.id:
        report.without_id += 1
    elif sync is not None:
        sync.mark_seen([row.id])


def _strict(row: Rejected, report: ImportReport) -> RefusedError:
    where = f", field {row.field!r}" if row.field else ""
    kept = "the rows before it are imported and searchable" if report.rows > 1 else "nothing was imported"
    return RefusedError(
        f"line {row.line}{where}: {row.reason} (seen: {row.value!r}); stopped because of --strict: {kept}. "
        "Mend the row, or leave --strict away to import all but the bad rows"
    )


def _remove_unseen(
    catalogue: CatalogueStore,
    index: str,
    sync: Sync,
    report: ImportReport,
    options: ImportOptions,
    progress: Progress,
) -> None:
    unseen, total = sync.unseen_count(), catalogue.count(index)
    refusals = []
    if report.truncated:
        refusals.append(f"the feed breaks off ({report.truncated})")
    if report.rows and report.without_id > MAX_UNREADABLE_SHARE * report.rows:
        refusals.append(
            f"{report.without_id} of {report.rows} rows have no readable id (limit {MAX_UNREADABLE_SHARE:.0%})"
        )
    if unseen > MAX_REMOVED_SHARE * total:
        refusals.append(f"{unseen} of {total} products would be removed (limit {MAX_REMOVED_SHARE:.0%})")
    if refusals and not options.force:
        report.refused = RefusedError(
            f"the sync of {index!r} was refused: {'; '.join(refusals)}. Nothing was removed; the rows of the feed are "
            "imported and searchable. Mend the feed, or use --force (over HTTP `force=true`) to remove all the same"
        )
        return
    progress.stage("removing", unseen)
    while True:
        gone = sync.delete_unseen(MAX_BATCH)
        if not gone.deleted:
            break
        report.removed += len(gone.deleted)
        report.change_number = gone.change_number
        progress.advance(len(gone.deleted))
        if progress.stopping():
            raise Stopped
