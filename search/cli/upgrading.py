"""The upgrade of a data directory that an earlier release wrote: what is due, and doing it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

import click

from indexer.errors import ConfigurationError
from indexer.store.database import open_database
from indexer.store.upgrade import CURRENT_VERSION, stored_version
from indexer.store.upgrade import upgrade as upgrade_tables
from search.cli.exits import Failure
from search.cli.output import print_json
from search.cli.progress import stoppable
from search.cli.session import Session
from search.data_lock import alone
from search.engine import open_engine
from search.maintenance import Maintenance
from search.services import Services


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is of an earlier release.

    Args:
        what: the thing: "catalogue", or a generation such as "shop@3".
        found: its version.
        wanted: the version of this release.
        index: that is to be rebuilt, "" for the catalogue.
    """

    what: str
    found: int
    wanted: int
    index: str = ""


def check_upgrade(session: Session, *, as_json: bool) -> None:
    """Prints what is due, and changes nothing.

    Raises:
        Failure: something is.
        ConfigurationError: a later release wrote the data.
    """
    steps = list(_due(session))
    _print(steps, as_json=as_json, done=False)
    if steps:
        raise Failure("the data are of an earlier release: make a backup, then run `shelfwise upgrade`")


def upgrade(session: Session, *, as_json: bool) -> None:
    """Brings the data up to this release.

    Raises:
        ConflictError: another process has them open; nothing was changed.
        ConfigurationError: a later release wrote them.
    """
    steps = list(_due(session))
    config = session.config
    if any(not step.index for step in steps):
        # A process of the earlier release would go on with tables that it does not know.
        with closing(open_database(config.catalogue_url)) as database, alone(config.data_dir), database.alone():
            upgrade_tables(database)
    kept = "What is upgraded stays so; the same command goes on from there."
    with Services(config) as services, stoppable(session.shows_progress and not as_json, lambda: kept) as progress:
        for index in dict.fromkeys(step.index for step in steps if step.index):
            Maintenance(services).rebuild(index, progress, "upgraded")
    _print(steps, as_json=as_json, done=True)


def _due(session: Session) -> Iterator[Step]:
    config = session.config
    session.check_there()
    with closing(open_database(config.catalogue_url)) as database:
        version = stored_version(database) if database.is_there() else CURRENT_VERSION
    if version > CURRENT_VERSION:
        raise ConfigurationError(
            f"catalogue {database.name} has tables of version {version}, and this release knows them up to "
            f"{CURRENT_VERSION}; install the release that wrote it, or restore a backup made before the upgrade"
        )
    if version < CURRENT_VERSION:
        yield Step("catalogue", version, CURRENT_VERSION)
    engine = open_engine(config)
    try:
        for old in engine.outdated():
            yield Step(f"{old.index}@{old.number}", old.format, old.wanted, old.index)
    finally:
        engine.close()


def _print(steps: list[Step], *, as_json: bool, done: bool) -> None:
    if as_json:
        told: list[dict[str, Any]] = [asdict(step) for step in steps]
        print_json({"steps": told, "done": done or not steps})
    elif not steps:
        click.echo("Everything is of this release already; nothing is to be done")
    for step in steps if not as_json else ():
        how = "rebuilt" if step.index else "brought up to date"
        verb = "was" if done else "is to be"
        click.echo(f"{step.what}: version {step.found} of {step.wanted}, {verb} {how}")
