"""Feeds that were sent to the service: kept in a file until a worker has imported them."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from indexer.errors import FeedError, InputError, NotFoundError
from indexer.feeds import open_feed
from indexer.files import disk_errors, sync_directory
from indexer.jobs.importing import ImportOptions
from indexer.jobs.progress import Progress
from indexer.product import UNKNOWN_CURRENCY
from indexer.store.task_records import MAX_LISTED, TaskState
from search.errors import RequestError
from search.fetching import fetch
from search.maintenance import Imported, Maintenance
from search.schedule import source_problem
from search.services import Services
from search.settings import settings_from_json
from search.tasks import IMPORT

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Upload:
    """A feed, and how it is to be taken; plain JSON types, for it is the payload of a task.

    Args:
        file: its name in the folder of uploads, "" where it was not sent.
        source: where a scheduled one is: an absolute path, or an https address.
        format, encoding: "" to detect them.
        mapping: column by target.
        currency: of prices that name none, "" for the index's own.
        sync, force, strict: see `ImportOptions`.
    """

    file: str = ""
    source: str = ""
    format: str = ""
    encoding: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    sync: bool = False
    force: bool = False
    strict: bool = False


def save_upload(services: Services, stream: BinaryIO, max_bytes: int) -> str:
    """Keeps what is sent; on disk when it returns.

    Returns:
        The name of the file, in the folder of uploads.

    Raises:
        RequestError: it is longer than `max_bytes`, or empty.
        StorageError: the disk is full, or cannot be written.
    """
    folder = services.config.uploads_dir
    path = folder / uuid.uuid4().hex
    size = 0
    with disk_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with open(path, "wb") as file:
                while block := stream.read(_BLOCK_BYTES):
                    size += len(block)
                    _check_size(size, max_bytes)
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            sync_directory(folder)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    if not size:
        path.unlink(missing_ok=True)
        raise RequestError("body", "", "it is empty; a feed is wanted")
    return path.name


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise RequestError(
            "body",
            f"more than {max_bytes:,} bytes",
            "the feed is too long; send a shorter one, or raise max_upload_bytes",
        )


def remove_upload(services: Services, upload: Upload) -> None:
    """Removes a feed that was sent and that nobody needs any more."""
    if not upload.file:
        return
    path = _path(services, upload)
    with disk_errors(path):
        path.unlink(missing_ok=True)


def remove_old_uploads(services: Services, before: datetime) -> int:
    """Removes feeds that came before then and that no unfinished task is about.

    Returns:
        How many there were.
    """
    unfinished = [TaskState.QUEUED, TaskState.RUNNING]
    tasks = services.catalogue.tasks.list_tasks(kinds=[IMPORT], states=unfinished, limit=MAX_LISTED)
    folder = services.config.uploads_dir
    if len(tasks) == MAX_LISTED or not folder.is_dir():
        return 0
    wanted = {task.payload.get("file", "") for task in tasks}
    with disk_errors(folder):
        gone = 0
        for path in folder.iterdir():
            with suppress(FileNotFoundError):  # another worker may be at the same
                if path.name not in wanted and path.stat().st_mtime < before.timestamp():
                    path.unlink()
                    gone += 1
    return gone


def import_upload(
    services: Services, index: str, upload: Upload, progress: Progress, wait_s: float
) -> Mapping[str, Any]:
    """Imports a feed that was sent, or that a schedule names.

    Returns:
        What became of its rows, as plain JSON types.

    Raises:
        InputError: it cannot be read, breaks off, or has no row that could be taken; or a safeguard refused it. What
            came before is imported and searchable.
        NotFoundError: its file is gone.
        Stopped: asked to; begun again, it passes over what is there already.
    """
    with _feed_file(services, upload) as path:
        return _import_file(services, index, upload, path, progress, wait_s)


@contextmanager
def _feed_file(services: Services, upload: Upload) -> Iterator[Path]:
    """Where the feed lies; one from elsewhere is fetched, and is gone again when the block is left."""
    config = services.config
    if upload.file:
        yield _existing(_path(services, upload), f"the uploaded feed {upload.file} is gone; send it again")
        return
    problem = source_problem(upload.source, config.allowed_import_hosts)
    if problem:
        raise InputError(problem)
    if "://" not in upload.source:
        yield _existing(Path(upload.source), f"the scheduled feed {upload.source} does not exist")
        return
    target = config.uploads_dir / f"{uuid.uuid4().hex}.fetched"
    try:
        with disk_errors(target):
            config.uploads_dir.mkdir(parents=True, exist_ok=True)
            with open(target, "wb") as file:
                fetch(upload.source, config.allowed_import_hosts, file, config.max_upload_bytes)
        yield target
    finally:
        target.unlink(missing_ok=True)


def _existing(path: Path, otherwise: str) -> Path:
    if not path.exists():
        raise NotFoundError(otherwise)
    return path


def _import_file(
    services: Services, index: str, upload: Upload, path: Path, progress: Progress, wait_s: float
) -> Mapping[str, Any]:
    maintenance = Maintenance(services, wait_s)
    schema = settings_from_json(maintenance.ensure_index(index)[0].settings).schema
    options = ImportOptions(sync=upload.sync, force=upload.force, strict=upload.strict)
    with open_feed(
        path,
        format=upload.format or None,
        mapping=upload.mapping,
        default_currency=upload.currency or schema.currencies.get(schema.channel, UNKNOWN_CURRENCY),
        default_language=schema.language,
        encoding=upload.encoding or None,
        max_row_bytes=services.config.max_row_bytes,
    ) as feed:
        progress.stage("reading", None)
        imported = maintenance.import_feed(index, feed, options, progress)
    report = imported.report
    if report.truncated:
        raise FeedError(f"{report.truncated}; what came before it is imported")
    if report.rows and report.rejected == report.rows:
        first = report.first_rejects[0]
        raise InputError(f"none of the {report.rows:,} rows could be taken; line {first.line}: {first.reason}")
    return _result(imported)


def _path(services: Services, upload: Upload) -> Path:
    return services.config.uploads_dir / Path(upload.file).name


def _result(imported: Imported) -> dict[str, Any]:
    report = imported.report
    return {
        "rows": report.rows,
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "duplicates": report.duplicates,
        "rejected": report.rejected,
        "rejects_file": report.rejects_file.name if report.rejects_file is not None else None,
        "first_rejects": [asdict(reject) for reject in report.first_rejects],
        "removed": report.removed,
        "not_indexed": imported.applied.rejected,
        "reasons": dict(imported.applied.reasons),
        "vectors": {"computed": imported.computed_vectors, "reused": imported.reused_vectors},
        "change_number": report.change_number,
    }
