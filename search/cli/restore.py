"""Restore: a backup's catalogue into a data directory, and its indexes built again from it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from filelock import FileLock, Timeout

from indexer.errors import ConflictError, IndexerError
from indexer.files import disk_errors
from indexer.store.catalogue import open_catalogue
from indexer.store.database import Database, open_database
from indexer.store.records import GenerationState
from search.cli.archive import CATALOGUE, BackupManifest, read_archive
from search.cli.exits import Failure, exit_of
from search.cli.output import count, print_json
from search.cli.progress import following, stoppable
from search.cli.session import Session
from search.config import Config
from search.data_lock import alone
from search.maintenance import Maintenance
from search.services import Services


def restore(session: Session, path: Path, *, force: bool, as_json: bool) -> None:
    """Puts a backup's catalogue in place and rebuilds the indexes that were live.

    Args:
        force: what is in the data directory is moved aside first.

    Raises:
        InputError, CorruptionError: the file is no whole backup; nothing was changed.
        Failure: the data directory is in use and `force` is not given; or an index could not be rebuilt.
        ConflictError: another process has it open, or writes to it.
    """
    config = session.config
    shown = session.shows_progress and not as_json
    with closing(open_database(config.catalogue_url)) as database:
        _check_room(config, database, force=force)
        with _partial_folder(config.catalogue_dir) as folder, following(shown) as progress:
            progress.stage("unpacking (bytes)", None)
            manifest = read_archive(path, folder, progress.advance)
            unpacked = folder / CATALOGUE
            live = _live_indexes(unpacked)
            progress.stage("putting the catalogue in place", None)
            aside = _put_in_place(config, database, unpacked)
    _tell_differences(manifest, config)
    restored = _rebuild(session, live, shown=shown)
    if as_json:
        print_json({"indexes": restored, "aside": str(aside) if aside is not None else None})
    else:
        for one in restored:
            click.echo(f"{one['index']}@{one['generation']} is live: {count(one['products'], 'product')}")
        if aside is not None:
            click.echo(f"What was there before is in {aside}; delete it when you do not need it any more")


def _check_room(config: Config, database: Database, *, force: bool) -> None:
    """Makes sure that nothing is in the way of a backup, or that it may go: better told now than once all is unpacked.

    Raises:
        Failure: there are data, and `force` is not given.
        ConflictError: another process has them open.
    """
    is_there = database.is_there()
    if (is_there or config.index_dir.exists()) and not force:
        held = config.data_dir if config.index_dir.exists() or not config.is_on_server else database.name
        raise Failure(
            f"{held} holds data already: restore into an empty one (--data-dir, SHELFWISE_DATABASE_URL), or give "
            "--force, which moves what is there aside"
        )
    if is_there:
        with alone(config.data_dir), database.alone():
            pass


@contextmanager
def _partial_folder(parent: Path) -> Iterator[Path]:
    """A folder beside the catalogue, so that what is unpacked there can be renamed into its place."""
    folder = parent / ".restoring"
    with disk_errors(parent):
        shutil.rmtree(folder, ignore_errors=True)  # of a restore that was killed
        folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _live_indexes(file: Path) -> list[str]:
    """The indexes that answered when the backup was made. Opening upgrades the tables of an earlier release."""
    catalogue = open_catalogue(f"sqlite:///{file.resolve()}")
    try:
        return [
            record.name for record in catalogue.list_indexes() if catalogue.generations.live(record.name) is not None
        ]
    finally:
        catalogue.close()


def _put_in_place(config: Config, database: Database, unpacked: Path) -> Path | None:
    """Moves what is there aside and the new catalogue in; returns where the old data are, if there were any."""
    aside = config.data_dir / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    with alone(config.data_dir), _all_locks(config), database.alone():
        is_used = database.is_there() or config.index_dir.exists()
        with disk_errors(config.data_dir):
            if is_used:
                aside.mkdir()
            is_built = config.index_dir.exists()
            if is_built:
                shutil.move(config.index_dir, aside / config.index_dir.name)
        try:
            database.replace(unpacked, aside)
        except BaseException:
            if is_built:
                shutil.move(aside / config.index_dir.name, config.index_dir)
            raise
    return aside if is_used else None


@contextmanager
def _all_locks(config: Config) -> Iterator[None]:
    """Holds the writer lease of every index that was ever written here.

    Raises:
        ConflictError: another process holds one.
    """
    with ExitStack() as stack:
        for path in sorted((config.data_dir / "locks").glob("*.lock")):
            try:
                stack.enter_context(FileLock(path).acquire(timeout=0))
            except Timeout as error:
                raise ConflictError(
                    f"index {path.stem!r} is being written by another process: restore when it is done; nothing was "
                    "changed"
                ) from error
        yield


def _tell_differences(manifest: BackupManifest, config: Config) -> None:
    for name, then in manifest.settings.items():
        now = getattr(config, name, then)
        if now != then:
            click.echo(f"The backup was made with {name} = {then!r}; here it is {now!r}", err=True)


def _rebuild(session: Session, live: list[str], *, shown: bool) -> list[dict[str, Any]]:
    """Rebuilds indexes one after the other; one that fails does not keep the others from it.

    Raises:
        Failure: some failed, after the others are done.
    """
    restored: list[dict[str, Any]] = []
    errors: list[IndexerError] = []
    kept = "The catalogue is restored; `shelfwise indexes rebuild NAME` makes each index searchable."
    with session.services() as services:
        for index in live:
            try:
                with stoppable(shown, lambda: kept) as progress:
                    built = Maintenance(services).rebuild(index, progress, "restored from a backup")
            except IndexerError as error:
                errors.append(error)
                click.echo(f"{index} is in the catalogue but could not be rebuilt: {error}", err=True)
                continue
            _forget_missing(services, index)
            restored.append({"index": index, "generation": built.number, "products": built.products})
    if errors:
        raise Failure(
            f"{len(errors)} of {count(len(live), 'index', 'indexes')} could not be rebuilt; the catalogue is restored: "
            "mend what is said above, then run `shelfwise indexes rebuild NAME`",
            exit_of(errors[0]),
        )
    return restored


def _forget_missing(services: Services, index: str) -> None:
    """Forgets the generations that the backup speaks of but does not hold: nobody can roll back to them."""
    there = services.engine.generations(index)
    for record in services.catalogue.generations.list_all(index):
        if record.number not in there and record.state is not GenerationState.LIVE:
            services.catalogue.generations.delete(index, record.number)
